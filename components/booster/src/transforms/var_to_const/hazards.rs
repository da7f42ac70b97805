//! What would make a program behave otherwise if a `var` were `const` or `let`.
//!
//! The proof for a name that is changed: it is declared once; each use lies in the block that declares it and behind its declarator in
//! the text, so that in every run of the block it comes after the initialiser (a block's statements run in the order of the text, and
//! jumps only lead out of it); functions that use it are either made behind the declarator, or can only be reached by a name that is
//! itself not used before; and nothing outside the text's own rules (`eval`, `with`, the global object, test frameworks that move
//! code) reaches the name.

use std::collections::HashSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingIdentifier, BindingPattern, VariableDeclaration, VariableDeclarator};
use oxc_semantic::{NodeId, Reference, Scoping, SymbolId};
use oxc_span::{GetSpan as _, Span};

use super::Hazard;
use crate::parse::Parsed;

/// What is looked up for every declaration.
pub(super) struct Facts<'p, 'a> {
    parsed: &'p Parsed<'a>,
    /// Functions that are declared in blocks, by the node that holds their `var` names and their name. In sloppy code such a
    /// function also assigns to a `var` of its name.
    block_functions: HashSet<(NodeId, &'p str)>,
}

/// A function-like node that a use lies in: the outermost one below the declaration's own function.
#[derive(Clone, Copy)]
struct Boundary {
    node: NodeId,
    start: u32,
}

impl<'p, 'a> Facts<'p, 'a> {
    pub(super) fn gather(parsed: &'p Parsed<'a>) -> Facts<'p, 'a> {
        let mut facts = Facts {
            parsed,
            block_functions: HashSet::new(),
        };
        for (id, node) in parsed.semantic.nodes().iter_enumerated() {
            if let AstKind::Function(function) = node.kind()
                && function.is_declaration()
                && let Some(name) = &function.id
                && !facts.is_top_of_function(id)
            {
                facts
                    .block_functions
                    .insert((facts.var_scope(id), name.name.as_str()));
            }
        }
        facts
    }

    fn kind(&self, id: NodeId) -> AstKind<'a> {
        self.parsed.semantic.nodes().kind(id)
    }

    fn parent(&self, id: NodeId) -> NodeId {
        self.parsed.semantic.nodes().parent_id(id)
    }

    fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + Clone + '_ {
        self.parsed.semantic.nodes().ancestor_ids(id)
    }

    fn scoping(&self) -> &'p Scoping {
        self.parsed.semantic.scoping()
    }

    /// The node whose `var` names a node's declarations become.
    fn var_scope(&self, id: NodeId) -> NodeId {
        self.ancestors(id)
            .find(|&id| {
                matches!(
                    self.kind(id),
                    AstKind::Function(_)
                        | AstKind::ArrowFunctionExpression(_)
                        | AstKind::StaticBlock(_)
                        | AstKind::TSModuleBlock(_)
                        | AstKind::Program(_)
                )
            })
            .unwrap_or(NodeId::ROOT)
    }

    /// Whether a declaration stands directly in a function's body or at the top of the text.
    fn is_top_of_function(&self, id: NodeId) -> bool {
        matches!(
            self.kind(self.parent(id)),
            AstKind::Program(_)
                | AstKind::FunctionBody(_)
                | AstKind::StaticBlock(_)
                | AstKind::TSModuleBlock(_)
                | AstKind::ExportDeclaration(_)
                | AstKind::ExportDefaultDeclaration(_)
        )
    }

    /// The loop whose head a declaration is, if it is one.
    pub(super) fn loop_head(&self, id: NodeId) -> Option<AstKind<'a>> {
        let parent = self.kind(self.parent(id));
        let own = self.kind(id).span();
        let is_head = match parent {
            AstKind::ForStatement(head) => {
                head.init.as_ref().is_some_and(|init| init.span() == own)
            }
            AstKind::ForInStatement(head) => head.left.span() == own,
            AstKind::ForOfStatement(head) => head.left.span() == own,
            _ => false,
        };
        is_head.then_some(parent)
    }

    fn references(&self, symbol: SymbolId) -> impl Iterator<Item = &'p Reference> + '_ {
        let scoping = self.scoping();
        // Types are gone before the program runs; `typeof x` in a type is one of them.
        scoping.get_resolved_references(symbol).filter(|reference| {
            reference.flags().is_value()
                && !reference.flags().is_value_as_type()
                && !reference.flags().is_type_only()
        })
    }

    fn span_of(&self, reference: &Reference) -> Span {
        self.kind(reference.node_id()).span()
    }

    /// Whether any name of the declaration is written after its initialiser.
    pub(super) fn is_written(&self, declaration: &VariableDeclaration<'_>) -> bool {
        declaration
            .declarations
            .iter()
            .flat_map(|declarator| declarator.id.get_binding_identifiers())
            .filter_map(|name| name.symbol_id.get())
            .any(|symbol| self.references(symbol).any(Reference::is_write))
    }

    /// The first thing that stands against a change; none when there is a proof.
    pub(super) fn hazard(
        &self,
        id: NodeId,
        declaration: &VariableDeclaration<'a>,
        is_var: bool,
    ) -> Option<Hazard> {
        self.of_place(id, declaration, is_var).or_else(|| {
            declaration.declarations.iter().find_map(|declarator| {
                declarator
                    .id
                    .get_binding_identifiers()
                    .into_iter()
                    .find_map(|name| self.of_name(id, declarator, name, is_var))
            })
        })
    }

    /// What the place of a declaration brings with it.
    fn of_place(
        &self,
        id: NodeId,
        declaration: &VariableDeclaration<'_>,
        is_var: bool,
    ) -> Option<Hazard> {
        let in_namespace = self.ancestors(id).any(|id| {
            matches!(
                self.kind(id),
                AstKind::TSGlobalDeclaration(_)
                    | AstKind::TSNamespaceDeclaration(_)
                    | AstKind::TSExternalModuleDeclaration(_)
            )
        });
        if self.parsed.ambient || declaration.declare || in_namespace {
            return Some(Hazard::new(
                "ambient",
                "it declares something that is elsewhere, or is part of a namespace",
            ));
        }
        let scope = self.var_scope(id);
        let at_top = matches!(self.kind(scope), AstKind::Program(_));
        let is_global = if is_var {
            at_top
        } else {
            matches!(self.kind(self.parent(id)), AstKind::Program(_))
        };
        if is_global && !self.parsed.owns_names {
            return Some(Hazard::new(
                "script_global",
                "at the top of a script other scripts see the name",
            ));
        }
        if !is_var {
            return None;
        }
        if self.loop_head(id).is_none() {
            match self.kind(self.parent(id)) {
                AstKind::Program(_)
                | AstKind::FunctionBody(_)
                | AstKind::BlockStatement(_)
                | AstKind::StaticBlock(_) => {}
                AstKind::ExportDeclaration(_) if self.parsed.has_imports => {
                    return Some(Hazard::new(
                        "export_live",
                        "a module of an import cycle may read the export early",
                    ));
                }
                AstKind::ExportDeclaration(_) => {}
                AstKind::SwitchCase(_) => {
                    return Some(Hazard::new(
                        "switch_scope",
                        "another case may be entered past this declaration",
                    ));
                }
                _ => {
                    return Some(Hazard::new(
                        "not_in_block",
                        "it is the sole body of another statement",
                    ));
                }
            }
        }
        if let AstKind::ForInStatement(_) = self.kind(self.parent(id))
            && self.loop_head(id).is_some()
            && declaration
                .declarations
                .iter()
                .any(|declarator| declarator.init.is_some())
        {
            return Some(Hazard::new(
                "annexb_init",
                "only var may have an initialiser in the head of for-in",
            ));
        }
        let uninitialised = declaration
            .declarations
            .iter()
            .any(|declarator| declarator.init.is_none());
        let given_by_loop = matches!(
            self.loop_head(id),
            Some(AstKind::ForInStatement(_) | AstKind::ForOfStatement(_))
        );
        if uninitialised
            && !given_by_loop
            && self.enclosing_loops(id, scope) > usize::from(self.loop_head(id).is_some())
        {
            return Some(Hazard::new(
                "loop_carry",
                "its value stays from one round of the loop to the next",
            ));
        }
        None
    }

    /// How many loops of the same function a node lies in, its own head's loop included.
    fn enclosing_loops(&self, id: NodeId, scope: NodeId) -> usize {
        self.ancestors(id)
            .take_while(|&id| id != scope)
            .filter(|&id| {
                matches!(
                    self.kind(id),
                    AstKind::ForStatement(_)
                        | AstKind::ForInStatement(_)
                        | AstKind::ForOfStatement(_)
                        | AstKind::WhileStatement(_)
                        | AstKind::DoWhileStatement(_)
                )
            })
            .count()
    }

    /// What stands against one name of the declaration.
    fn of_name(
        &self,
        id: NodeId,
        declarator: &VariableDeclarator<'a>,
        name: &BindingIdentifier<'a>,
        is_var: bool,
    ) -> Option<Hazard> {
        let symbol = name.symbol_id.get()?;
        let text = name.name.as_str();
        let hazard = |code, words: &str| Some(Hazard::new(code, format!("`{text}` {words}")));
        let scoping = self.scoping();
        let own_scope = scoping.symbol_scope_id(symbol);
        if scoping.scope_flags(own_scope).contains_direct_eval() {
            return hazard("eval", "can be seen and written by a direct eval");
        }
        if !is_var {
            // const and let differ in writes alone, and there are none.
            return None;
        }
        if matches!(text, "let" | "undefined" | "NaN" | "Infinity") {
            return hazard("name", "cannot be declared by const or let everywhere");
        }
        if self.loop_head(id).is_some() && matches!(text, "of" | "async" | "in") {
            return hazard("for_name", "cannot follow let or const in a loop's head");
        }
        let scope = self.var_scope(id);
        if self
            .ancestors(id)
            .take_while(|&id| id != scope)
            .any(|id| matches!(self.kind(id), AstKind::WithStatement(_)))
        {
            return hazard("with", "is declared inside of `with`");
        }
        if self.block_functions.contains(&(scope, text)) {
            return hazard("annexb_fn", "is also the name of a function in a block");
        }
        if text == "arguments"
            || !scoping.symbol_redeclarations(symbol).is_empty()
            || self.is_shadowed_on_the_way(id, symbol)
        {
            return hazard("redeclared", "is declared more than once");
        }
        let block = match self.loop_head(id) {
            Some(head) => head.span(),
            None => self.kind(self.parent(id)).span(),
        };
        // An exported declaration's block is the module.
        let block = if let AstKind::ExportDeclaration(_) = self.kind(self.parent(id)) {
            self.kind(scope).span()
        } else {
            block
        };
        let loops = self.enclosing_loops(id, scope);
        let place = Place {
            scope,
            block,
            loops,
            declarator,
            end: self.ready_at(id, declarator),
        };
        self.references(symbol)
            .find_map(|reference| self.of_use(&place, reference, text))
    }

    /// From where on the name has its value: behind its declarator, or behind a loop's head.
    fn ready_at(&self, id: NodeId, declarator: &VariableDeclarator<'_>) -> u32 {
        match self.loop_head(id) {
            Some(AstKind::ForInStatement(head)) => head.right.span().end,
            Some(AstKind::ForOfStatement(head)) => head.right.span().end,
            _ => declarator.span.end,
        }
    }

    /// Whether a scope between the declaration and its function has a name of its own like it: a catch parameter, say.
    fn is_shadowed_on_the_way(&self, id: NodeId, symbol: SymbolId) -> bool {
        let scoping = self.scoping();
        let ident = scoping.symbol_ident(symbol);
        let target = scoping.symbol_scope_id(symbol);
        let from = self.parsed.semantic.nodes().get_node(id).scope_id();
        let shadowed = scoping
            .scope_ancestors(from)
            .take_while(|&scope| scope != target)
            .any(|scope| {
                scoping
                    .get_binding(scope, ident)
                    .is_some_and(|found| found != symbol)
            });
        // The analysis may bind a catch parameter and the `var` of its block as one.
        shadowed || scoping.symbol_flags(symbol).is_catch_variable()
    }

    fn of_use(&self, place: &Place<'_, 'a>, reference: &Reference, text: &str) -> Option<Hazard> {
        let hazard = |code, words: &str| Some(Hazard::new(code, format!("`{text}` {words}")));
        let node = reference.node_id();
        let at = self.span_of(reference);
        let mut boundary = None;
        for id in self.ancestors(node).take_while(|&id| id != place.scope) {
            match self.kind(id) {
                AstKind::WithStatement(_) => return hazard("with", "is used inside of `with`"),
                AstKind::CallExpression(call) if is_mock(call) => {
                    return hazard(
                        "mock_hoist",
                        "is used by a mock that is moved above the declaration",
                    );
                }
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => {
                    boundary = Some(Boundary {
                        node: id,
                        start: self.kind(id).span().start,
                    });
                }
                AstKind::PropertyDefinition(_)
                | AstKind::AccessorProperty(_)
                | AstKind::StaticBlock(_) => {
                    boundary = Some(Boundary {
                        node: id,
                        start: self.kind(id).span().start,
                    });
                }
                // What is in a class is there from the class on.
                AstKind::Class(class) => {
                    if let Some(inner) = boundary {
                        boundary = Some(Boundary {
                            node: inner.node,
                            start: class.span.start,
                        });
                    }
                }
                _ => {}
            }
        }
        if let AstKind::UnaryExpression(unary) = self.kind(self.parent(node))
            && unary.operator.is_delete()
        {
            return hazard("delete", "is deleted");
        }
        if let AstKind::ExportSpecifier(_) = self.kind(self.parent(node)) {
            // Naming an export reads nothing; what matters is who may read it early.
            let live = self.parsed.has_imports;
            return if live {
                hazard(
                    "export_live",
                    "is exported, and a module of an import cycle may read it early",
                )
            } else {
                None
            };
        }
        if self.in_parameters(place.scope, at) {
            return hazard("param_scope", "is used by a parameter's default");
        }
        if at.start < place.block.start || at.end > place.block.end {
            return hazard(
                "escapes_block",
                "is used outside of the block that declares it",
            );
        }
        match boundary {
            Some(_) if place.loops > 0 => hazard("loop_closure", "is used by a closure in a loop"),
            Some(boundary) => self.of_closure(place, boundary, text),
            None if at.start >= place.end => None,
            None if at.start >= place.declarator.span.start
                && at.end <= place.declarator.span.end =>
            {
                hazard("self_ref", "is used by its own initialiser")
            }
            None => hazard("tdz", "is used before its declaration"),
        }
    }

    fn in_parameters(&self, scope: NodeId, at: Span) -> bool {
        let parameters = match self.kind(scope) {
            AstKind::Function(function) => function.params.span,
            AstKind::ArrowFunctionExpression(arrow) => arrow.params.span,
            _ => return false,
        };
        at.start >= parameters.start && at.end <= parameters.end
    }

    /// A use inside of a function: may the function run before the name has its value?
    fn of_closure(&self, place: &Place<'_, 'a>, boundary: Boundary, text: &str) -> Option<Hazard> {
        let hazard = |code, words: &str| Some(Hazard::new(code, format!("`{text}` {words}")));
        let is_hoisted = matches!(self.kind(boundary.node), AstKind::Function(function) if function.is_declaration());
        if boundary.start >= place.end && !is_hoisted {
            return None;
        }
        let own = place.declarator;
        if boundary.start >= own.span.start && boundary.start < own.span.end && !is_hoisted {
            let plain = matches!(own.id, BindingPattern::BindingIdentifier(_));
            return if plain
                && self.is_only_made(boundary.node, own.node_id.get())
                && self.is_deferred(boundary.node)
            {
                None
            } else {
                hazard(
                    "self_ref",
                    "may be used by a function that its own initialiser runs",
                )
            };
        }
        let in_class = self.class_of(boundary.node, place.scope);
        let mut seen = HashSet::new();
        let unreachable = match self.holder(boundary.node, place.scope) {
            Some(holder) => {
                self.is_deferred(boundary.node) && !self.is_used_early(holder, place, &mut seen)
            }
            None => false,
        };
        if unreachable {
            return None;
        }
        if in_class.is_some() {
            return hazard(
                "captured_early",
                "is used by a class that may run before the declaration",
            );
        }
        hazard(
            "tdz_closure",
            "is used by a function that may run before the declaration",
        )
    }

    /// Whether a use in a boundary waits for a call: static blocks and static fields run with their class.
    fn is_deferred(&self, boundary: NodeId) -> bool {
        match self.kind(boundary) {
            AstKind::StaticBlock(_) => false,
            AstKind::PropertyDefinition(property) => !property.r#static && !property.computed,
            AstKind::AccessorProperty(property) => !property.r#static && !property.computed,
            _ => true,
        }
    }

    /// The outermost class around a boundary, within its function.
    fn class_of(&self, boundary: NodeId, scope: NodeId) -> Option<NodeId> {
        self.ancestors(boundary)
            .take_while(|&id| id != scope)
            .filter(|&id| matches!(self.kind(id), AstKind::Class(_)))
            .last()
    }

    /// Whether evaluating the initialiser makes the function and does not run it: nothing between the two calls, reads or converts.
    fn is_only_made(&self, function: NodeId, declarator: NodeId) -> bool {
        self.ancestors(function)
            .take_while(|&id| id != declarator)
            .all(|id| match self.kind(id) {
                AstKind::ObjectExpression(_) | AstKind::ArrayExpression(_) => true,
                AstKind::ObjectProperty(property) => {
                    !property.computed || property.value.span() == self.kind(function).span()
                }
                _ => false,
            })
    }

    /// The one name by which a function can be reached: a declaration's own, or the name it is the whole initial value of.
    fn holder(&self, boundary: NodeId, scope: NodeId) -> Option<SymbolId> {
        if let Some(class) = self.class_of(boundary, scope) {
            let AstKind::Class(declared) = self.kind(class) else {
                return None;
            };
            // Class members wait for a use of the class, when the class runs nothing itself.
            let runs = declared.heritage.is_some()
                || !declared.decorators.is_empty()
                || declared.body.body.iter().any(runs_with_class);
            let top = self.is_top_of_function(class)
                && self.var_scope(class) == scope
                && declared.is_declaration();
            return if runs || !top {
                None
            } else {
                declared.id.as_ref()?.symbol_id.get()
            };
        }
        match self.kind(boundary) {
            AstKind::Function(function) if function.is_declaration() => {
                // A function in a block has a `var` of its name too, by which it outlives a block that was left early.
                let top = self.is_top_of_function(boundary) && self.var_scope(boundary) == scope;
                if top {
                    function.id.as_ref()?.symbol_id.get()
                } else {
                    None
                }
            }
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => {
                let AstKind::VariableDeclarator(declarator) = self.kind(self.parent(boundary))
                else {
                    return None;
                };
                match (&declarator.id, declarator.init.as_ref()) {
                    (BindingPattern::BindingIdentifier(name), Some(init))
                        if init.span() == self.kind(boundary).span() =>
                    {
                        name.symbol_id.get()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether what a name holds can be reached before the declaration is done: by a use in front of it, by a function that can itself
    /// be reached, or from another module.
    fn is_used_early(
        &self,
        holder: SymbolId,
        place: &Place<'_, 'a>,
        seen: &mut HashSet<SymbolId>,
    ) -> bool {
        if !seen.insert(holder) {
            return false;
        }
        let declared = self.scoping().symbol_declaration(holder);
        let is_exported = |id: NodeId| {
            self.ancestors(id).take(4).any(|id| {
                matches!(
                    self.kind(id),
                    AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)
                )
            })
        };
        let at_top = matches!(self.kind(place.scope), AstKind::Program(_));
        if at_top && self.parsed.has_imports && is_exported(declared) {
            return true;
        }
        // Redeclared functions and classes of one name cannot be told apart by it.
        if !self.scoping().symbol_redeclarations(holder).is_empty() {
            return true;
        }
        self.references(holder).any(|reference| {
            let node = reference.node_id();
            let at = self.span_of(reference).start;
            if let AstKind::ExportSpecifier(_) = self.kind(self.parent(node)) {
                return self.parsed.has_imports;
            }
            let outer = self
                .ancestors(node)
                .take_while(|&id| id != place.scope)
                .filter(|&id| {
                    matches!(
                        self.kind(id),
                        AstKind::Function(_)
                            | AstKind::ArrowFunctionExpression(_)
                            | AstKind::PropertyDefinition(_)
                            | AstKind::AccessorProperty(_)
                            | AstKind::StaticBlock(_)
                    )
                })
                .last();
            match outer {
                None => at < place.end,
                Some(outer) => match self.holder(outer, place.scope).filter(|_| self.is_deferred(outer)) {
                    Some(next) => self.is_used_early(next, place, seen),
                    None => {
                        let hoisted = matches!(self.kind(outer), AstKind::Function(function) if function.is_declaration());
                        let start = self.class_of(outer, place.scope).unwrap_or(outer);
                        hoisted || self.kind(start).span().start < place.end
                    }
                },
            }
        })
    }
}

/// Where a name is declared, as its uses are measured against it.
struct Place<'d, 'a> {
    scope: NodeId,
    /// The block that would hold the name.
    block: Span,
    /// How many loops of the same function the declaration lies in.
    loops: usize,
    declarator: &'d VariableDeclarator<'a>,
    /// From here on the name has its value.
    end: u32,
}

/// Whether a member runs code when its class is evaluated.
fn runs_with_class(element: &oxc_ast::ast::ClassElement<'_>) -> bool {
    use oxc_ast::ast::ClassElement;
    match element {
        ClassElement::StaticBlock(_) => true,
        ClassElement::MethodDefinition(method) => method.computed || !method.decorators.is_empty(),
        ClassElement::PropertyDefinition(property) => {
            property.computed || property.r#static || !property.decorators.is_empty()
        }
        ClassElement::AccessorProperty(property) => {
            property.computed || property.r#static || !property.decorators.is_empty()
        }
        ClassElement::TSIndexSignature(_) => false,
    }
}

/// Calls that jest and vitest move to the top of the file.
fn is_mock(call: &oxc_ast::ast::CallExpression<'_>) -> bool {
    let Some(member) = call.callee.as_member_expression() else {
        return false;
    };
    let framework = member
        .object()
        .get_identifier_reference()
        .is_some_and(|name| matches!(name.name.as_str(), "jest" | "vi"));
    framework
        && member
            .static_property_name()
            .is_some_and(|name| matches!(name, "mock" | "unmock" | "hoisted" | "doMock"))
}
