//! What functions use that an arrow function does not have, or would take for something else.

use oxc_ast::AstKind;
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};

use crate::parse::Parsed;

/// Something of a function's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Own {
    /// The type `this`.
    TypeOfThis,
    /// `arguments`, also as a name that is declared.
    Arguments,
    /// `new.target` or `super`.
    Meta,
    /// A direct eval, which can use all the others.
    Eval,
    This,
}

/// What all functions of a text use.
pub(super) struct Bodies {
    /// By the function, or whatever else has a `this` of its own; sorted.
    uses: Vec<(NodeId, Own)>,
    /// Direct evals, wherever they stand; ascending.
    evals: Vec<Span>,
    /// Something writes `arguments` as a name.
    pub(super) writes_arguments: bool,
    /// Names `await` and `yield`, which are reserved in some places and names in others; ascending.
    reserved: Vec<Span>,
}

impl Bodies {
    pub(super) fn of(parsed: &Parsed<'_>) -> Bodies {
        let mut found = Bodies {
            uses: Vec::new(),
            evals: Vec::new(),
            writes_arguments: false,
            reserved: Vec::new(),
        };
        for (id, node) in parsed.semantic.nodes().iter_enumerated() {
            let kind = node.kind();
            let used = match kind {
                AstKind::ThisExpression(_) => Own::This,
                AstKind::TSThisType(_) => Own::TypeOfThis,
                AstKind::Super(_) | AstKind::NewTarget(_) => Own::Meta,
                AstKind::IdentifierReference(name) if name.name == "arguments" => {
                    let scoping = parsed.semantic.scoping();
                    let reference = scoping.get_reference(name.reference_id());
                    found.writes_arguments |= reference.is_write();
                    Own::Arguments
                }
                AstKind::BindingIdentifier(name) if name.name == "arguments" => Own::Arguments,
                AstKind::CallExpression(call)
                    if !call.optional && call.callee.is_specific_id("eval") =>
                {
                    found.evals.push(call.span);
                    Own::Eval
                }
                _ => {
                    let name = match kind {
                        AstKind::IdentifierReference(name) => name.name.as_str(),
                        AstKind::BindingIdentifier(name) => name.name.as_str(),
                        AstKind::LabelIdentifier(name) => name.name.as_str(),
                        _ => continue,
                    };
                    if matches!(name, "await" | "yield") {
                        found.reserved.push(kind.span());
                    }
                    continue;
                }
            };
            found.uses.push((owner(parsed, id), used));
        }
        found.uses.sort_unstable();
        found.uses.dedup();
        found.evals.sort_unstable();
        found.reserved.sort_unstable();
        found
    }

    /// What a function uses, the gravest first.
    pub(super) fn uses(&self, function: NodeId) -> impl Iterator<Item = Own> + '_ {
        let first = self.uses.partition_point(|&(owner, _)| owner < function);
        self.uses[first..]
            .iter()
            .take_while(move |&&(owner, _)| owner == function)
            .map(|&(_, used)| used)
    }

    /// Whether there is a direct eval in a piece of the text, at any depth.
    pub(super) fn evaluates(&self, within: Span) -> bool {
        holds(&self.evals, within)
    }

    /// Whether the text has a direct eval at all.
    pub(super) fn has_eval(&self) -> bool {
        !self.evals.is_empty()
    }

    /// Whether `await` or `yield` is a name in a piece of the text, at any depth.
    pub(super) fn names_a_reserved_word(&self, within: Span) -> bool {
        holds(&self.reserved, within)
    }
}

fn holds(places: &[Span], within: Span) -> bool {
    let first = places.partition_point(|place| place.start < within.start);
    places
        .get(first)
        .is_some_and(|place| place.start < within.end)
}

/// The node whose `this` and `arguments` a node sees: a function that is no arrow, the value of a field, a static block, or the root.
pub(super) fn owner(parsed: &Parsed<'_>, node: NodeId) -> NodeId {
    let nodes = parsed.semantic.nodes();
    let mut child = node;
    while child != NodeId::ROOT {
        let parent = nodes.parent_id(child);
        let is_value = |value: Option<Span>| value == Some(nodes.kind(child).span());
        let owns = match nodes.kind(parent) {
            AstKind::Function(_) | AstKind::StaticBlock(_) => true,
            AstKind::PropertyDefinition(field) => {
                is_value(field.value.as_ref().map(|value| value.span()))
            }
            AstKind::AccessorProperty(field) => {
                is_value(field.value.as_ref().map(|value| value.span()))
            }
            _ => false,
        };
        if owns {
            return parent;
        }
        child = parent;
    }
    NodeId::ROOT
}
