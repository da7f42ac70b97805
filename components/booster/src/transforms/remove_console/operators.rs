//! What an operator may do with operands of some types, besides giving a value.

use oxc_syntax::operator::{BinaryOperator, UnaryOperator};

use super::types::Types;

/// What an operator may do.
pub(super) enum Risk {
    None,
    /// It may convert an object, or fail for a value that it does not take.
    Conversion,
    /// It fails, or may fail for any value.
    Failure,
}

/// What making a string of a value may do.
pub(super) fn of_template(value: Types) -> Risk {
    converted(value, Types::NONE)
}

/// What an operator may do with one operand. `delete` is not asked for.
pub(super) fn of_one(operator: UnaryOperator, operand: Types) -> Risk {
    match operator {
        UnaryOperator::UnaryPlus => converted(operand, Types::BIGINT),
        UnaryOperator::UnaryNegation | UnaryOperator::BitwiseNot => converted(operand, Types::NONE),
        _ => Risk::None,
    }
}

/// A value that is made a string or a number. Objects may run code then; symbols fail, and so does what is in `others`.
fn converted(value: Types, others: Types) -> Risk {
    let fails = Types::SYMBOL | others;
    if value.is_only(fails) {
        Risk::Failure
    } else if value.may_be(Types::OBJECT | fails) {
        Risk::Conversion
    } else {
        Risk::None
    }
}

/// What an operator may do with two operands.
pub(super) fn of_two(operator: BinaryOperator, left: Types, right: Types) -> Risk {
    let both = left | right;
    let is_plain = match operator {
        BinaryOperator::StrictEquality | BinaryOperator::StrictInequality => true,
        BinaryOperator::Equality | BinaryOperator::Inequality => {
            left.is_only(Types::NULLISH)
                || right.is_only(Types::NULLISH)
                || !both.may_be(Types::OBJECT)
        }
        BinaryOperator::In | BinaryOperator::Instanceof => return Risk::Failure,
        _ if operator.is_compare() => !both.may_be(Types::OBJECT | Types::SYMBOL),
        BinaryOperator::Addition if left.is_only(Types::STRING) || right.is_only(Types::STRING) => {
            !both.may_be(Types::OBJECT | Types::SYMBOL)
        }
        _ => {
            // A BigInt and a number do not go together.
            if left.is_only(Types::BIGINT) != right.is_only(Types::BIGINT) {
                return Risk::Failure;
            }
            !both.may_be(Types::OBJECT | Types::SYMBOL | Types::BIGINT)
        }
    };
    if is_plain {
        Risk::None
    } else if left.is_only(Types::SYMBOL) || right.is_only(Types::SYMBOL) {
        Risk::Failure
    } else {
        Risk::Conversion
    }
}
