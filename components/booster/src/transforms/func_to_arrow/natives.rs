//! Which of the language's and the host's own functions a text leaves as they are.
//!
//! A text that replaces `setTimeout`, changes `Array.prototype`, or runs code that it made up may hand a callback to something else.
//! Only such a text is taken at its word: what other files do to natives is not known here; nor are names put together at run time.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, Expression, Ident};
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use super::body::Bodies;
use super::code;
use crate::parse::Parsed;
use crate::words::{self, Words};

/// Global objects and functions that are relied on.
static GLOBALS: Words = Words::new(&[
    "Array",
    "BigInt",
    "Boolean",
    "Function",
    "JSON",
    "Number",
    "Object",
    "Promise",
    "RegExp",
    "String",
    "process",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
    "requestAnimationFrame",
    "requestIdleCallback",
    "globalThis",
    "window",
]);

/// Names of the global object.
pub(super) const GLOBAL_OBJECTS: [&str; 4] = ["globalThis", "window", "self", "global"];

/// Functions that give properties of one object to another: `Object.assign(list, { map() { ... } })`.
static MIXERS: Words = Words::new(&[
    "assign",
    "defaults",
    "defineProperties",
    "extend",
    "merge",
    "mixin",
]);

/// What a text may have changed.
pub(super) struct Natives<'a> {
    /// It runs code that is not seen, or whose names mean something else.
    is_opaque: bool,
    /// It gives properties of one object to another.
    mixes: bool,
    /// Names of properties that literals have.
    keys: Vec<&'a str>,
    /// It gets hold of prototypes and constructors by other ways than their names.
    reaches_prototypes: bool,
    /// Names of globals, and of methods, that may have been changed; sorted.
    touched: Vec<&'a str>,
    /// Names and properties that are used as constructors; sorted.
    constructed: Vec<&'a str>,
    /// Functions are got hold of by `caller` or from a stack.
    pub(super) reads_caller: bool,
    /// A function's arguments may be read by `arguments` on the function.
    pub(super) reads_arguments: bool,
}

impl<'a> Natives<'a> {
    pub(super) fn of(parsed: &Parsed<'a>, bodies: &Bodies) -> Natives<'a> {
        let mentions = |word: &&str| words::mentions(parsed.semantic.source_text(), word);
        let mut found = Natives {
            is_opaque: bodies.has_eval(),
            mixes: false,
            keys: Vec::new(),
            // `getPrototypeOf` and `setPrototypeOf` are among them.
            reaches_prototypes: ["etPrototypeOf", "species"].iter().any(mentions)
                || mentions(&"__") && ["__proto__", "__define", "__lookup"].iter().any(mentions),
            touched: Vec::new(),
            constructed: Vec::new(),
            // A stack's frames give their functions, and the names of these.
            reads_caller: mentions(&"prepareStackTrace"),
            reads_arguments: false,
        };
        // Node's timers hold their callbacks.
        if ["_onTimeout", "_onImmediate"].iter().any(mentions) {
            found.touched.extend(code::TIMERS);
        }
        found.globals(parsed);
        for (id, node) in parsed.semantic.nodes().iter_enumerated() {
            found.node(parsed, id, node.kind());
        }
        if found.mixes {
            found.touched.append(&mut found.keys);
        }
        found.touched.sort_unstable();
        found.constructed.sort_unstable();
        found
    }

    /// Whether every one of these names of globals and their methods means what the language or the host gave it.
    pub(super) fn are_intact(&self, names: &[&str]) -> bool {
        !self.is_opaque && names.iter().all(|name| !holds(&self.touched, name))
    }

    /// Whether a method of these instances means what the language gave it.
    pub(super) fn is_method_intact(&self, class: &str, method: &str) -> bool {
        !self.reaches_prototypes && self.are_intact(&[class, method])
    }

    /// Whether the text uses something of this name as a constructor.
    pub(super) fn is_constructed(&self, name: &str) -> bool {
        holds(&self.constructed, name)
    }

    /// Notes what becomes of the globals, by their own names.
    fn globals(&mut self, parsed: &Parsed<'_>) {
        let scoping = parsed.semantic.scoping();
        let unresolved = |name: &'static str| {
            let references = scoping.root_unresolved_references().get(&Ident::from(name));
            references.into_iter().flatten()
        };
        self.is_opaque |= unresolved("eval").next().is_some();
        for &name in GLOBALS.all() {
            for &reference in unresolved(name) {
                let reference = scoping.get_reference(reference);
                let is_harmless = !reference.is_write()
                    && match name {
                        "Array" | "BigInt" | "Boolean" | "Function" | "JSON" | "Number"
                        | "Object" | "Promise" | "RegExp" | "String" => {
                            self.is_plain_use(parsed, reference.node_id(), name)
                        }
                        _ => true,
                    };
                if !is_harmless {
                    self.touched.push(name);
                    // Under another name it makes code that nobody sees here.
                    self.is_opaque |= name == "Function";
                }
            }
        }
    }

    /// Whether a native class is used by its name without anybody getting hold of it or its prototype.
    fn is_plain_use(&mut self, parsed: &Parsed<'_>, node: NodeId, name: &str) -> bool {
        let nodes = parsed.semantic.nodes();
        let own = nodes.kind(node).span();
        let parent = nodes.parent_id(node);
        let calls = |arguments: &[Argument<'_>]| name != "Function" || code::is_harmless(arguments);
        match nodes.kind(parent) {
            AstKind::CallExpression(call) if call.callee.span() == own => {
                self.is_opaque |= !calls(&call.arguments);
                true
            }
            AstKind::NewExpression(call) if call.callee.span() == own => {
                self.is_opaque |= !calls(&call.arguments);
                true
            }
            // Nobody else gets hold of it: `xs.map(Number)`.
            AstKind::CallExpression(call) => {
                matches!(name, "BigInt" | "Boolean" | "Number" | "String")
                    && matches!(
                        &call.callee,
                        Expression::StaticMemberExpression(member)
                            if super::callees::ARRAY_METHODS.contains(&member.property.name.as_str())
                    )
            }
            AstKind::UnaryExpression(unary) => !unary.operator.is_delete(),
            AstKind::BinaryExpression(_) | AstKind::IfStatement(_) => true,
            AstKind::StaticMemberExpression(member) if member.object.span() == own => {
                if member.property.name == "prototype" {
                    is_method_read(parsed, parent)
                } else {
                    is_harmless_read(parsed, parent)
                }
            }
            _ => false,
        }
    }

    fn node(&mut self, parsed: &Parsed<'a>, id: NodeId, kind: AstKind<'a>) {
        let nodes = parsed.semantic.nodes();
        match kind {
            AstKind::WithStatement(_) => self.is_opaque = true,
            AstKind::StaticMemberExpression(member) => {
                let name = member.property.name.as_str();
                let is_intact = match name {
                    "constructor" => {
                        // Classes of the text's own get their `constructor` back like this.
                        self.reaches_prototypes |= !is_own_constructor(parsed, id, &member.object);
                        true
                    }
                    // Of a stack's frames, V8 gives the functions.
                    "caller" | "getFunction" => {
                        self.reads_caller = true;
                        true
                    }
                    "arguments" => {
                        self.reads_arguments = true;
                        true
                    }
                    // Code that nobody sees here: `globalThis.eval`, Node's `vm`.
                    "eval" | "runInThisContext" => {
                        self.is_opaque = true;
                        true
                    }
                    _ if GLOBALS.has(name.as_bytes()) => is_callee(parsed, id),
                    _ => !is_written(parsed, id),
                };
                if !is_intact {
                    self.touched.push(name);
                }
                self.used(parsed, id, name);
            }
            AstKind::CallExpression(call) => self.is_opaque |= code::is_run(call),
            AstKind::IdentifierReference(name) => {
                self.used(parsed, id, name.name.as_str());
            }
            AstKind::ComputedMemberExpression(member) if is_written(parsed, id) => {
                let is_global = match &member.object {
                    Expression::Identifier(object) => {
                        GLOBAL_OBJECTS.contains(&object.name.as_str())
                    }
                    Expression::ThisExpression(_) => super::body::owner(parsed, id) == NodeId::ROOT,
                    _ => false,
                };
                self.is_opaque |= is_global;
            }
            // In a list it is one of many names, and no way to a function.
            AstKind::StringLiteral(text)
                if matches!(text.value.as_str(), "arguments" | "caller")
                    && matches!(nodes.parent_kind(id), AstKind::ArrayExpression(_)) => {}
            AstKind::StringLiteral(text) => self.word(text.value.as_str()),
            AstKind::TemplateElement(text) => self.word(text.value.raw.as_str()),
            AstKind::IdentifierName(name) => {
                let name = name.name.as_str();
                let is_key = matches!(
                    nodes.parent_kind(id),
                    AstKind::ObjectProperty(_)
                        | AstKind::BindingProperty(_)
                        | AstKind::AssignmentTargetPropertyProperty(_)
                        | AstKind::MethodDefinition(_)
                        | AstKind::PropertyDefinition(_)
                        | AstKind::AccessorProperty(_)
                );
                if !is_key {
                    return;
                }
                match name {
                    "constructor" => {
                        let is_class =
                            matches!(nodes.parent_kind(id), AstKind::MethodDefinition(_));
                        self.reaches_prototypes |= !is_class;
                    }
                    "caller" => {
                        self.reads_caller |=
                            !matches!(nodes.parent_kind(id), AstKind::ObjectProperty(_));
                    }
                    "bind" | "then" | "catch" | "finally" => self.touched.push(name),
                    _ if GLOBALS.has(name.as_bytes()) => self.touched.push(name),
                    _ => self.keys.push(name),
                }
            }
            _ => {}
        }
    }

    /// Notes a string, which may be the name of a property.
    fn word(&mut self, word: &'a str) {
        match word {
            "constructor" => self.reaches_prototypes = true,
            "caller" => self.reads_caller = true,
            "arguments" => self.reads_arguments = true,
            _ => {
                self.mixes |= MIXERS.has(word.as_bytes());
                self.touched.push(word);
            }
        }
    }

    /// Notes a name that is used: as a constructor, or of a function that mixes objects.
    fn used(&mut self, parsed: &Parsed<'_>, node: NodeId, name: &'a str) {
        self.mixes |= MIXERS.has(name.as_bytes());
        let nodes = parsed.semantic.nodes();
        let own = || nodes.kind(node).span();
        let is_constructed = match nodes.parent_kind(node) {
            AstKind::NewExpression(call) => call.callee.span() == own(),
            AstKind::BinaryExpression(test) => {
                test.operator.is_instance_of() && test.right.span() == own()
            }
            AstKind::Class(_) => true,
            AstKind::StaticMemberExpression(outer) => outer.property.name == "prototype",
            _ => false,
        };
        if is_constructed {
            self.constructed.push(name);
        }
    }
}

fn holds(sorted: &[&str], name: &str) -> bool {
    sorted.binary_search(&name).is_ok()
}

/// Whether a member is called on the spot.
fn is_callee(parsed: &Parsed<'_>, member: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let own = nodes.kind(member).span();
    match nodes.parent_kind(member) {
        AstKind::CallExpression(call) => call.callee.span() == own,
        AstKind::NewExpression(call) => call.callee.span() == own,
        _ => false,
    }
}

/// Whether a member is the target of a write, or deleted.
pub(super) fn is_written(parsed: &Parsed<'_>, member: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let own = nodes.kind(member).span();
    match nodes.parent_kind(member) {
        AstKind::AssignmentExpression(assignment) => assignment.left.span() == own,
        AstKind::UpdateExpression(_)
        | AstKind::ArrayAssignmentTarget(_)
        | AstKind::ObjectAssignmentTarget(_)
        | AstKind::AssignmentTargetRest(_) => true,
        AstKind::AssignmentTargetWithDefault(target) => target.binding.span() == own,
        AstKind::AssignmentTargetPropertyProperty(target) => target.binding.span() == own,
        AstKind::UnaryExpression(unary) => unary.operator.is_delete(),
        AstKind::ForInStatement(each) => each.left.span() == own,
        AstKind::ForOfStatement(each) => each.left.span() == own,
        _ => false,
    }
}

/// Whether a static method of a native class is only read or called.
fn is_harmless_read(parsed: &Parsed<'_>, member: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let own = nodes.kind(member).span();
    match nodes.parent_kind(member) {
        AstKind::CallExpression(_)
        | AstKind::VariableDeclarator(_)
        | AstKind::LogicalExpression(_)
        | AstKind::ConditionalExpression(_)
        | AstKind::IfStatement(_)
        | AstKind::BinaryExpression(_) => true,
        AstKind::UnaryExpression(unary) => !unary.operator.is_delete(),
        AstKind::AssignmentExpression(assignment) => assignment.right.span() == own,
        AstKind::StaticMemberExpression(outer) => {
            outer.object.span() == own && is_callee(parsed, nodes.parent_id(member))
        }
        _ => false,
    }
}

/// Whether of a prototype (`Array.prototype`) only a method is read.
fn is_method_read(parsed: &Parsed<'_>, prototype: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let own = nodes.kind(prototype).span();
    match nodes.parent_kind(prototype) {
        AstKind::StaticMemberExpression(member) if member.object.span() == own => {
            is_harmless_read(parsed, nodes.parent_id(prototype))
        }
        _ => false,
    }
}

/// Whether a class of the text's own is given its `constructor`: `A.prototype.constructor = A`.
fn is_own_constructor(parsed: &Parsed<'_>, member: NodeId, object: &Expression<'_>) -> bool {
    let Expression::StaticMemberExpression(prototype) = object else {
        return false;
    };
    let Expression::Identifier(class) = &prototype.object else {
        return false;
    };
    let scoping = parsed.semantic.scoping();
    let is_own = scoping
        .get_reference(class.reference_id())
        .symbol_id()
        .is_some();
    is_own && prototype.property.name == "prototype" && is_written(parsed, member)
}
