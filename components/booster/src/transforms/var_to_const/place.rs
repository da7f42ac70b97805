//! Where a declaration stands, and what that place alone rules out.

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingIdentifier, BindingPattern, VariableDeclaration, VariableDeclarator};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};

use super::codes;
use crate::assume::Assumption;
use crate::outline::is_top;
use crate::parse::Parsed;
use crate::transforms::Hazard;

/// A declaration and what surrounds it.
pub(super) struct Place<'p, 'a> {
    parsed: &'p Parsed<'a>,
    /// The declaration's node.
    pub(super) node: NodeId,
    declaration: &'a VariableDeclaration<'a>,
    /// The node that holds the name as a `var`: a function, a static block, a namespace, or the program.
    pub(super) scope: NodeId,
    /// What would hold it as a `const` or `let`: the block or the case that it stands in, or the loop whose head it is.
    pub(super) block: Span,
    head: Head,
    /// How often it runs each time that its scope does.
    pub(super) rounds: Rounds,
}

/// Which loop's head a declaration is.
#[derive(Clone, Copy)]
enum Head {
    None,
    /// `for (;;)`.
    For,
    /// for-in or for-of, and the expression that it goes through.
    Each(Span),
}

/// How often a declaration runs each time that its scope does.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Rounds {
    /// At most once.
    Once,
    /// At most once, but it is the head of a loop, each round of which would have a copy of its own.
    Copied,
    /// Again and again.
    Many,
}

/// A name that a declaration makes.
pub(super) struct Bound<'a> {
    pub(super) name: &'a BindingIdentifier<'a>,
    pub(super) declarator: &'a VariableDeclarator<'a>,
    /// From this byte on, the declarator's own pattern may use the name.
    ready: u32,
}

impl<'p, 'a> Place<'p, 'a> {
    pub(super) fn of(
        parsed: &'p Parsed<'a>,
        node: NodeId,
        declaration: &'a VariableDeclaration<'a>,
    ) -> Place<'p, 'a> {
        let nodes = parsed.semantic.nodes();
        let parent = nodes.parent_id(node);
        let own = declaration.span;
        let head = match nodes.kind(parent) {
            AstKind::ForStatement(head)
                if head.init.as_ref().is_some_and(|init| init.span() == own) =>
            {
                Head::For
            }
            AstKind::ForInStatement(head) if head.left.span() == own => {
                Head::Each(head.right.span())
            }
            AstKind::ForOfStatement(head) if head.left.span() == own => {
                Head::Each(head.right.span())
            }
            _ => Head::None,
        };
        let around = parsed.outline.around(node);
        let rounds = match head {
            Head::None if around.in_loop => Rounds::Many,
            Head::None => Rounds::Once,
            Head::For if !parsed.outline.around(parent).in_loop => Rounds::Copied,
            Head::For | Head::Each(_) => Rounds::Many,
        };
        let block = match nodes.kind(parent) {
            AstKind::ExportDeclaration(_) => nodes.parent_kind(parent).span(),
            kind => kind.span(),
        };
        Place {
            parsed,
            node,
            declaration,
            scope: around.scope,
            block,
            head,
            rounds,
        }
    }

    /// Whether every name has its value once the declaration has run, so that `const` is possible. `for (;;)` is left to `let`:
    /// a loop that counts is what its head is for.
    pub(super) fn is_initialised(&self) -> bool {
        match self.head {
            Head::For => false,
            Head::Each(_) => true,
            Head::None => self
                .declaration
                .declarations
                .iter()
                .all(|declarator| declarator.init.is_some() && !declarator.definite),
        }
    }

    /// What the place rules out, whatever the names are.
    pub(super) fn hazard(&self, is_var: bool) -> Option<Hazard> {
        let words = |text: &str| format!("{} {text}", self.listed());
        if self.is_ambient() {
            return Some(Hazard::new(
                &codes::AMBIENT,
                words("is declared for something elsewhere, or exported by a namespace"),
            ));
        }
        if !is_var {
            return None;
        }
        let declarators = &self.declaration.declarations;
        match self.head {
            Head::Each(_)
                if declarators
                    .iter()
                    .any(|declarator| declarator.init.is_some()) =>
            {
                return Some(Hazard::new(
                    &codes::ANNEXB_INIT,
                    words("has an initialiser in the head of for-in"),
                ));
            }
            Head::For | Head::Each(_) => {}
            Head::None => match self.parsed.semantic.nodes().parent_kind(self.node) {
                AstKind::ExportDeclaration(_) if self.parsed.may_be_in_cycle => {
                    let words =
                        words("is exported, and a module of an import cycle may read it early");
                    return Some(
                        Hazard::new(&codes::EXPORT_LIVE, words)
                            .lifted_by(Assumption::NoImportCycles),
                    );
                }
                // A case is entered at its start alone, so that it is a block to what uses it.
                AstKind::BlockStatement(_) | AstKind::SwitchCase(_) => {}
                parent if is_top(parent) => {}
                _ => {
                    return Some(Hazard::new(
                        &codes::NOT_IN_BLOCK,
                        words("is the sole body of another statement"),
                    ));
                }
            },
        }
        let is_given = matches!(self.head, Head::Each(_));
        let carried = declarators
            .iter()
            .find(|declarator| declarator.init.is_none() && !is_given);
        if let (Rounds::Many, Some(declarator)) = (self.rounds, carried) {
            let name = listed(std::slice::from_ref(declarator));
            return Some(Hazard::new(
                &codes::LOOP_CARRY,
                format!("{name} keeps its value from one round of the loop to the next"),
            ));
        }
        None
    }

    /// Whether the names are globals that other scripts share.
    pub(super) fn script_global(&self, is_var: bool) -> Option<Hazard> {
        let is_global = if is_var {
            self.is_at_top()
        } else {
            matches!(
                self.parsed.semantic.nodes().parent_kind(self.node),
                AstKind::Program(_)
            )
        };
        let words = || {
            format!(
                "{} is global if this text is a script, and other scripts may read and write it",
                self.listed()
            )
        };
        (is_global && !self.parsed.owns_names)
            .then(|| Hazard::new(&codes::SCRIPT_GLOBAL, words()).lifted_by(Assumption::Module))
    }

    /// Whether a `var` here belongs to the program as a whole.
    pub(super) fn is_at_top(&self) -> bool {
        self.scope == NodeId::ROOT
    }

    /// Whether the declaration stands directly in a case of a switch, all of whose cases share one scope.
    pub(super) fn is_in_case(&self) -> bool {
        matches!(
            self.parsed.semantic.nodes().parent_kind(self.node),
            AstKind::SwitchCase(_)
        )
    }

    /// Whether the declaration is the head of a for-in or for-of.
    pub(super) fn is_each_head(&self) -> bool {
        matches!(self.head, Head::Each(_))
    }

    fn is_ambient(&self) -> bool {
        let nodes = self.parsed.semantic.nodes();
        if self.declaration.declare || self.parsed.source_type.is_typescript_definition() {
            return true;
        }
        if !self.parsed.source_type.is_typescript() {
            return false;
        }
        let is_exported = matches!(nodes.parent_kind(self.node), AstKind::ExportDeclaration(_));
        nodes.ancestor_kinds(self.node).any(|kind| match kind {
            AstKind::TSGlobalDeclaration(_) | AstKind::TSExternalModuleDeclaration(_) => true,
            AstKind::TSNamespaceDeclaration(namespace) => namespace.declare || is_exported,
            _ => false,
        })
    }

    /// Calls back with each name that the declaration makes.
    pub(super) fn each_bound(&self, mut found: impl FnMut(Bound<'a>)) {
        for declarator in &self.declaration.declarations {
            collect(&declarator.id, None, &mut |name, ready| {
                found(Bound {
                    name,
                    declarator,
                    ready,
                })
            });
        }
    }

    /// Whether code of the scope itself at this byte of the block runs when the name has its value.
    pub(super) fn is_after(&self, bound: &Bound<'a>, at: u32) -> bool {
        let within = |span: Span| span.start <= at && at < span.end;
        let is_made_first = bound
            .declarator
            .init
            .as_ref()
            .is_some_and(|init| within(init.span()))
            || matches!(self.head, Head::Each(right) if within(right));
        at >= bound.ready && !is_made_first
    }

    /// The byte behind which, in the block, the name has its value for certain.
    pub(super) fn settled(&self, bound: &Bound<'a>) -> u32 {
        match self.head {
            Head::Each(right) => right.end,
            Head::None | Head::For => bound.declarator.span.end,
        }
    }

    fn listed(&self) -> String {
        listed(&self.declaration.declarations)
    }
}

/// The names as a reader finds them: `` `a`, `b` ``.
fn listed(declarators: &[VariableDeclarator<'_>]) -> String {
    let mut words = String::new();
    for declarator in declarators {
        collect(&declarator.id, None, &mut |name, _| {
            // Enough to find the place; a declaration may make thousands.
            if words.len() < 80 {
                words.push_str(if words.is_empty() { "`" } else { ", `" });
                words.push_str(name.name.as_str());
                words.push('`');
            }
        });
    }
    // A pattern may make no name at all.
    if words.is_empty() {
        "the declaration".to_owned()
    } else {
        words
    }
}

/// Calls back with each name of a pattern and the byte from where the rest of the pattern may use it: a pattern's parts are filled in
/// the order of the text, but a default is made before the part that it stands behind.
fn collect<'d, 'a>(
    pattern: &'d BindingPattern<'a>,
    after: Option<u32>,
    found: &mut impl FnMut(&'d BindingIdentifier<'a>, u32),
) {
    match pattern {
        BindingPattern::BindingIdentifier(name) => found(name, after.unwrap_or(name.span.end)),
        BindingPattern::ObjectPattern(object) => {
            for property in &object.properties {
                collect(&property.value, after, found);
            }
            if let Some(rest) = &object.rest {
                collect(&rest.argument, after, found);
            }
        }
        BindingPattern::ArrayPattern(array) => {
            for element in array.elements.iter().flatten() {
                collect(element, after, found);
            }
            if let Some(rest) = &array.rest {
                collect(&rest.argument, after, found);
            }
        }
        BindingPattern::AssignmentPattern(with_default) => {
            collect(
                &with_default.left,
                after.or(Some(with_default.span.end)),
                found,
            );
        }
    }
}
