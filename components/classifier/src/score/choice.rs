//! Questions with answers to choose from.
//!
//! What such a question is about is no work to be done, so its words say nothing of its tier. Its form says a little of what a dearer model would
//! gain: less where the answers are numbers (what is to be computed, both can or both cannot), more where several statements are judged at
//! once, and where no question is put but a sentence left open. That is no complexity: it does not say how well one model alone does.

use crate::text::count;

/// So many answers at least, by which it is told.
const FEWEST: u8 = 3;

/// How a question with answers to choose from is put.
pub(crate) struct Form {
    answers: u8,
    with_numbers: u8,
    /// What stands before the answers is no question.
    is_open: bool,
    /// An answer judges several statements: "True, False".
    has_verdicts: bool,
}

impl Form {
    /// How much more than usual a dearer model gains by such a form, -1 to 1. The proportions were set on two thirds of public outcomes (MMLU), where they
    /// order such questions alike with whole domains left out.
    pub(crate) fn gain(&self) -> f32 {
        let share = f32::from(self.with_numbers) / f32::from(self.answers);
        let flag = |set: bool| if set { 1.0 } else { 0.0 };
        0.4 * flag(self.is_open) + 0.6 * flag(self.has_verdicts) - share
    }
}

/// The form of a text that is such a question: lines that begin with `A.`, `B.` and so on.
pub(crate) fn form(text: &str) -> Option<Form> {
    if count(text.as_bytes(), |byte| byte == b'\n') < 2 {
        return None;
    }
    let mut form = Form {
        answers: 0,
        with_numbers: 0,
        is_open: false,
        has_verdicts: false,
    };
    let mut next = b'a';
    let mut before = 0;
    for line in text.split_inclusive('\n') {
        let own = line.trim_start().trim_start_matches('(').as_bytes();
        let is_answer =
            own.len() > 1 && own[0].to_ascii_lowercase() == next && matches!(own[1], b'.' | b')');
        if is_answer {
            let answer = own[2..].trim_ascii();
            if next == b'a' {
                form.is_open = !text[..before].trim_end().ends_with('?');
            }
            next += 1;
            form.answers += 1;
            form.with_numbers += u8::from(answer.iter().any(u8::is_ascii_digit));
            form.has_verdicts |= is_verdicts(answer);
        }
        before += line.len();
    }
    (next - b'a' >= FEWEST).then_some(form)
}

/// "True, False", "Wrong, Not wrong".
fn is_verdicts(answer: &[u8]) -> bool {
    const VERDICTS: [&[u8]; 6] = [b"true", b"false", b"wrong", b"not wrong", b"yes", b"no"];
    let parts: Vec<&[u8]> = answer.split(|byte| *byte == b',').collect();
    let is_verdict = |part: &[u8]| {
        VERDICTS
            .iter()
            .any(|known| part.trim_ascii().eq_ignore_ascii_case(known))
    };
    parts.len() > 1 && parts.iter().all(|part| is_verdict(part))
}
