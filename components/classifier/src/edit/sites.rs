//! What the code of a task holds that an edit could be about, looked for when it is asked.

use super::vocabulary::*;

/// The texts that a request is about.
pub(crate) struct Sites<'a> {
    code: Vec<&'a str>,
}

impl<'a> Sites<'a> {
    pub(crate) fn new(code: impl Iterator<Item = &'a str>) -> Sites<'a> {
        Sites {
            code: code.collect(),
        }
    }

    pub(crate) fn var(&self) -> bool {
        self.hold("var ")
    }

    pub(crate) fn function(&self) -> bool {
        self.hold("function")
    }

    pub(crate) fn console(&self) -> bool {
        self.hold("console")
    }

    /// Whether no edit has anything to be about.
    pub(crate) fn none(&self) -> bool {
        !self.var() && !self.function() && !self.console()
    }

    /// Whether a text stands anywhere in them.
    pub(crate) fn hold(&self, part: &str) -> bool {
        self.code.iter().any(|text| text.contains(part))
    }

    /// Whether a word in lower case stands anywhere in them, whatever its case there.
    pub(crate) fn hold_word(&self, word: &str) -> bool {
        self.code.iter().any(|text| holds_word(text, word))
    }

    /// Whether a name that the request calls a place by can mean all of the code: it does not stand in it, or nothing that an edit could be about stands
    /// before the line that has it, and all that follows belongs to that line.
    pub(crate) fn is_whole(&self, name: &str) -> bool {
        const SITES: [&str; 3] = ["var ", "function", "console"];
        self.code.iter().all(|text| {
            if !holds_word(text, name) {
                return true;
            }
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            let first = lines.find(|line| {
                holds_word(line, name) || SITES.iter().any(|site| line.contains(site))
            });
            first.is_some_and(|first| holds_word(first, name))
                && lines.all(|line| line.starts_with([' ', '\t', '}', ')', ']']))
        })
    }

    /// Whether there are so many sites of an edit whose things are among `named`; of any where none is named.
    pub(crate) fn has_so_many(&self, number: usize, named: Roles) -> bool {
        let counts = [
            (VAR | LET | DECLARATION, "var "),
            (FUNCTION | ARROW | CALLBACK, "function"),
            (CONSOLE | LOG, "console."),
        ];
        counts.into_iter().any(|(things, site)| {
            (named & things != 0 || named & THINGS == 0)
                && self
                    .code
                    .iter()
                    .map(|text| text.matches(site).count())
                    .sum::<usize>()
                    == number
        })
    }

    /// Whether there is no more than one function with the keyword.
    pub(crate) fn one_function(&self) -> bool {
        self.code
            .iter()
            .map(|text| text.matches("function").count())
            .sum::<usize>()
            <= 1
    }
}

/// Whether a word in lower case stands in a text, whatever its case there.
fn holds_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
        .any(|own| {
            if own.is_ascii() {
                own.eq_ignore_ascii_case(word)
            } else {
                own.to_lowercase() == word
            }
        })
}
