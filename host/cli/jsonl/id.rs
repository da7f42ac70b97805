//! The id of a request as it is written, also of one that cannot be read as a whole, so that its answer can still be told from others.

use serde_json::Value;

/// The first `id` of the object that a line begins with, if it is a string or a number; null where it cannot be read. It reads no
/// further than there: what is wrong behind it, or inside of other values, does not matter. Nesting costs it no stack.
pub(super) fn of(line: &[u8]) -> Value {
    let id = exact(line).and_then(|text| serde_json::from_str(text).ok());
    id.filter(|id: &Value| id.is_string() || id.is_number())
        .unwrap_or(Value::Null)
}

/// The text of the first `id`, whatever it is; not necessarily JSON.
pub(super) fn exact(line: &[u8]) -> Option<&str> {
    let mut rest = line.trim_ascii_start().strip_prefix(b"{")?;
    loop {
        rest = rest.trim_ascii_start();
        let (key, after) = string(rest)?;
        let value = after
            .trim_ascii_start()
            .strip_prefix(b":")?
            .trim_ascii_start();
        let after = skip(value);
        if key == b"\"id\"" {
            let length = value.len() - after.map_or(0, <[u8]>::len);
            return std::str::from_utf8(&value[..length]).ok();
        }
        rest = after?.trim_ascii_start().strip_prefix(b",")?;
    }
}

/// Whether a text is a number as JSON writes it (RFC 8259, 6), of whatever size.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

/// A string with its quotes, and what follows it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut is_escaped = false;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(text.split_at(at + 2)),
            _ => {}
        }
    }
    None
}

/// A number or a word, and what follows it.
fn plain(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| b",:]}[{\"".contains(byte) || byte.is_ascii_whitespace())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// What follows a value. Brackets are counted and not matched: who closes the wrong one has written no JSON anyway.
fn skip(text: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut depth) = (text, 0_usize);
    loop {
        rest = rest.trim_ascii_start();
        rest = match rest.first()? {
            b'"' => string(rest)?.1,
            b'[' | b'{' => {
                depth += 1;
                &rest[1..]
            }
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                &rest[1..]
            }
            b',' | b':' if depth > 0 => &rest[1..],
            _ => match plain(rest) {
                ([], _) => return None,
                (_, after) => after,
            },
        };
        if depth == 0 {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_wherever_the_fault_is_not_before_it() {
        let deep = format!(
            "{{\"code\":{}1{},\"id\":5}}",
            "[".repeat(5_000),
            "]".repeat(5_000)
        );
        for (line, id) in [
            (r#"{"id":7,"code":"\ud800"}"#, Value::from(7)),
            (r#"{"code":"\ud800 \" }","id":"a"}"#, "a".into()),
            (
                r#" { "x" : {"id":1, "y":[2,{}]} , "id" : -1.5 , oops"#,
                (-1.5).into(),
            ),
            (r#"{"id":8,"code":[[[["#, 8.into()),
            (deep.as_str(), 5.into()),
            (r#"{"id":"caf\u00e9"}"#, "café".into()),
            (r#"{"id":"\ud800"}"#, Value::Null),
            (r#"{"id":[1]}"#, Value::Null),
            (r#"{"id":true}"#, Value::Null),
            (r#"{"id":"#, Value::Null),
            (r#"{"code":oops"#, Value::Null),
            (r#"{"code":,"id":1}"#, Value::Null),
            (r#"{"code":]"id":1}"#, Value::Null),
            (r#"[{"id":1}]"#, Value::Null),
            ("", Value::Null),
            ("{", Value::Null),
        ] {
            assert_eq!(of(line.as_bytes()), id, "{}", &line[..line.len().min(60)]);
        }
        assert_eq!(of(b"{\"code\":\"\xff\",\"id\":3}"), 3);
    }

    #[test]
    fn a_number_is_one_of_any_size_and_nothing_like_one() {
        for number in ["0", "-0.0", "10", "1e400", "-1.50E+999", "12e-3"] {
            assert!(is_number(number), "{number}");
        }
        for text in [
            "", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1 ", "0x1", "NaN", "null", "\"1\"",
            "1e1e1", "1.2.3", "--1",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
