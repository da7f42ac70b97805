//! Edits on the original text. What lies outside of every edit stays byte for byte.

use crate::{Edit, Span};

/// Makes an edit.
pub(crate) fn replace(start: u32, end: u32, replacement: &str) -> Edit {
    Edit {
        span: Span { start, end },
        replacement: replacement.to_owned(),
    }
}

/// Sorts the edits and applies them.
///
/// # Errors
/// Edits that overlap, lie outside of the text, or cut a character: a fault of the transform's, in words.
pub(crate) fn apply(text: &str, edits: &mut [Edit]) -> Result<String, String> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let added: usize = edits.iter().map(|edit| edit.replacement.len()).sum();
    let mut result = String::with_capacity(text.len() + added);
    let mut at = 0;
    for edit in edits.iter() {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if start < at || end < start {
            return Err(format!("edits overlap at byte {start}"));
        }
        let between = text.get(at..start).filter(|_| text.is_char_boundary(end));
        let Some(between) = between else {
            return Err(format!("an edit at byte {start} cuts a character"));
        };
        result.push_str(between);
        result.push_str(&edit.replacement);
        at = end;
    }
    result.push_str(&text[at..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_any_order_and_never_overlap() {
        let mut edits = [replace(8, 11, "let"), replace(0, 3, "const")];
        assert_eq!(
            apply("var a = var;", &mut edits).as_deref(),
            Ok("const a = let;")
        );
        assert!(apply("abcdef", &mut [replace(0, 3, ""), replace(2, 4, "")]).is_err());
        assert!(apply("é", &mut [replace(1, 2, "")]).is_err());
        assert!(apply("a", &mut [replace(0, 9, "")]).is_err());
    }
}
