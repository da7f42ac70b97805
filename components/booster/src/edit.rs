//! Edits on a text. What lies outside of every edit stays byte for byte.

use crate::{Edit, Span};

/// Makes an edit.
pub(crate) fn replace(start: u32, end: u32, replacement: &str) -> Edit {
    Edit {
        span: Span { start, end },
        replacement: replacement.to_owned(),
    }
}

/// Makes an edit that puts text before a byte.
pub(crate) fn insert(at: u32, text: &str) -> Edit {
    replace(at, at, text)
}

/// Makes an edit that takes text away.
#[expect(dead_code)]
pub(crate) fn remove(start: u32, end: u32) -> Edit {
    replace(start, end, "")
}

/// Whether the two cannot both be made: they overlap, or it would depend on their order what comes out.
pub(crate) fn collide(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.span, other.span);
    one.start < other.end && other.start < one.end
        || (one.start == other.start && (one.start == one.end || other.start == other.end))
}

/// Applies ascending edits.
///
/// # Errors
/// Edits that descend or overlap, lie outside of the text, or cut a character: a fault of the transform's, in words.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> Result<String, String> {
    let added: usize = edits.iter().map(|edit| edit.replacement.len()).sum();
    let mut result = String::with_capacity(text.len() + added);
    let mut at = 0;
    for edit in edits {
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

/// Where texts before and after ascending edits correspond.
pub(crate) struct Moves {
    /// Each edit's span in the text before and in the text after.
    spans: Vec<(Span, Span)>,
}

impl Moves {
    pub(crate) fn of(edits: &[Edit]) -> Moves {
        let mut shift = 0_i64;
        let spans = edits.iter().map(|edit| {
            let start = shifted(edit.span.start, shift);
            let end = start + crate::count(edit.replacement.len());
            shift = i64::from(end) - i64::from(edit.span.end);
            (edit.span, Span { start, end })
        });
        Moves {
            spans: spans.collect(),
        }
    }

    /// Where a piece of the text after the edits was before them. A border within a replacement becomes the border of what was
    /// replaced, so that the piece never shrinks.
    pub(crate) fn back(&self, span: Span) -> Span {
        // The first edit that ends at or behind the start, and the last one that begins at or before the end.
        let behind = self
            .spans
            .partition_point(|(_, after)| after.end < span.start);
        let start = match (self.spans.get(behind), behind.checked_sub(1)) {
            (Some((before, after)), _) if after.start <= span.start => {
                // At the end of a replacement stands what follows it, unless there is no replacement.
                let is_in = span.start < after.end || after.start == after.end;
                if is_in { before.start } else { before.end }
            }
            (_, Some(last)) => {
                let (before, after) = self.spans[last];
                before.end + (span.start - after.end)
            }
            (_, None) => span.start,
        };
        let before_end = self
            .spans
            .partition_point(|(_, after)| after.start <= span.end);
        let end = match before_end.checked_sub(1).map(|last| self.spans[last]) {
            Some((before, after)) if span.end <= after.end => before.end,
            Some((before, after)) => before.end + (span.end - after.end),
            None => span.end,
        };
        Span { start, end }
    }

    /// Where a piece of the text before the edits is after them, with what is put in at its borders. No border lies within an edit.
    pub(crate) fn forth(&self, span: Span) -> Span {
        let place = |behind: usize, border: u32| match behind.checked_sub(1) {
            Some(place) => {
                let (before, after) = self.spans[place];
                after.end + (border - before.end)
            }
            None => border,
        };
        let first =
            |(before, _): &(Span, Span)| before.start < span.start && before.end <= span.start;
        let last = |(before, _): &(Span, Span)| before.end <= span.end;
        Span {
            start: place(self.spans.partition_point(first), span.start),
            end: place(self.spans.partition_point(last), span.end),
        }
    }

    /// Where a place before the edit of a number and behind the one before it, if any, is after the edits.
    pub(crate) fn ahead(&self, edit: usize, place: u32) -> u32 {
        let (before, after) = self.spans[edit];
        after.start - (before.start - place)
    }

    /// Where a place between edits, behind the edit of a number, is after the edits. Most such places stand before the next edit.
    pub(crate) fn behind(&self, edit: usize, place: u32) -> u32 {
        let next = &self.spans[edit + 1..];
        let is_before = |(before, _): &(Span, Span)| before.end <= place;
        let last = match next.first() {
            Some(first) if is_before(first) => edit + next.partition_point(is_before),
            _ => edit,
        };
        let (before, after) = self.spans[last];
        after.end + (place - before.end)
    }
}

/// A place after a shift; places lie within texts shorter than 4 GiB before and after.
fn shifted(at: u32, shift: i64) -> u32 {
    u32::try_from(i64::from(at) + shift).unwrap_or(0)
}

/// The edits on the original text that do at once what `first` does on it and `second` on the result of that; `text` is what both
/// lead to.
pub(crate) fn compose(first: &[Edit], second: &[Edit], text: &str) -> Vec<Edit> {
    let (before, after) = (Moves::of(first), Moves::of(second));
    // Both lists touch the text in between: the first writes parts of it, the second reads parts of it. Parts that meet become one.
    let written = before.spans.iter().map(|(_, written)| *written);
    let mut parts: Vec<Span> = written.chain(second.iter().map(|edit| edit.span)).collect();
    parts.sort_unstable_by_key(|part| (part.start, part.end));
    let mut joined: Vec<Span> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => joined.push(part),
        }
    }
    let edit = |part: Span| {
        let written = after.forth(part);
        Edit {
            span: before.back(part),
            replacement: text[written.start as usize..written.end as usize].to_owned(),
        }
    };
    joined.into_iter().map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edits_apply_in_order_and_never_overlap() {
        let edits = [replace(0, 3, "const"), replace(8, 11, "let")];
        assert_eq!(
            apply("var a = var;", &edits).as_deref(),
            Ok("const a = let;")
        );
        assert!(apply("abcdef", &[replace(0, 3, ""), replace(2, 4, "")]).is_err());
        assert!(apply("é", &[replace(1, 2, "")]).is_err());
        assert!(apply("a", &[replace(0, 9, "")]).is_err());
    }

    #[test]
    fn edits_collide_when_their_order_would_matter() {
        let cases = [
            ((0, 3), (3, 5), false),
            ((0, 3), (2, 5), true),
            ((1, 1), (1, 1), true),
            ((1, 1), (1, 4), true),
            ((4, 4), (1, 4), false),
            ((2, 2), (1, 4), true),
            ((0, 9), (1, 4), true),
        ];
        for ((a, b), (c, d), expected) in cases {
            let (one, other) = (replace(a, b, "x"), replace(c, d, "y"));
            assert_eq!(collide(&one, &other), expected, "{a}-{b} {c}-{d}");
            assert_eq!(collide(&other, &one), expected, "{c}-{d} {a}-{b}");
        }
    }

    /// Ascending edits on a text of the given length that do not collide.
    fn edits(length: usize) -> impl Strategy<Value = Vec<Edit>> {
        let one = (0..=length, 0..4_usize, "[a-c]{0,3}");
        prop::collection::vec(one, 0..6).prop_map(move |drawn| {
            let mut edits: Vec<Edit> = Vec::new();
            let mut drawn: Vec<_> = drawn
                .into_iter()
                .map(|(start, size, text)| {
                    let end = (start + size).min(length);
                    replace(crate::count(start), crate::count(end), &text)
                })
                .collect();
            drawn.sort_by_key(|edit| (edit.span.start, edit.span.end));
            for edit in drawn {
                if !edits.iter().any(|other| collide(other, &edit)) {
                    edits.push(edit);
                }
            }
            edits
        })
    }

    proptest! {
        #[test]
        fn composed_edits_do_what_both_do(
            (text, first, second) in "[x-z]{0,12}".prop_flat_map(|text| {
                let first = edits(text.len());
                (Just(text), first)
            }).prop_flat_map(|(text, first)| {
                let between = apply(&text, &first).unwrap();
                let second = edits(between.len());
                (Just(text), Just(first), second)
            })
        ) {
            let between = apply(&text, &first).unwrap();
            let end = apply(&between, &second).unwrap();
            let both = compose(&first, &second, &end);
            prop_assert_eq!(apply(&text, &both), Ok(end));
        }
    }
}
