//! Code that a text makes of strings: nobody sees here what it does.

use oxc_ast::ast::{Argument, CallExpression, Expression};

/// Functions that call back later. In a browser they take code too.
pub(super) const TIMERS: [&str; 3] = ["setImmediate", "setInterval", "setTimeout"];

/// Whether a call may run a string: by a timer, or by a function's `constructor`.
pub(super) fn is_run(call: &CallExpression<'_>) -> bool {
    let takes_code = match &call.callee {
        Expression::Identifier(name) => TIMERS.contains(&name.name.as_str()),
        Expression::StaticMemberExpression(member) => member.property.name == "constructor",
        _ => false,
    };
    let is_string = |argument: &Argument<'_>| {
        matches!(
            argument,
            Argument::StringLiteral(_)
                | Argument::TemplateLiteral(_)
                | Argument::BinaryExpression(_)
        )
    };
    takes_code && call.arguments.first().is_some_and(is_string)
}

/// Whether what `Function` makes of its arguments only gives the global object.
pub(super) fn is_harmless(arguments: &[Argument<'_>]) -> bool {
    match arguments {
        [Argument::StringLiteral(code)] => code.value.trim_end_matches(';') == "return this",
        _ => false,
    }
}
