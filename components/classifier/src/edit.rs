//! Reads an instruction as a request for one of the booster's edits and nothing else, in a closed vocabulary.
//!
//! A request counts only where every word of it is accounted for: as the thing that goes, the thing that comes, the wish, a place that means all of
//! the code, a promise to leave the rest alone, courtesy. Only a reason may be given in words of one's own, in a clause that states something and asks
//! for nothing. Where words are left over, or in an unusual order, a small model weighs them (`weighed`), unless something vetoes a request: a question,
//! an exception, a part, a further act.

mod clauses;
mod judge;
mod known;
mod limits;
mod phrases;
mod promise;
mod reading;
mod sentence;
mod sites;
mod tokens;
mod vocabulary;
mod weighed;
mod why;
mod wishes;

use std::borrow::Cow;

use known::vocabulary;
use sentence::{Sentence, acts_on_file, mends_another};
use sites::Sites;
use tokens::{Token, tokens};

use crate::bytes::is_ascii;
use crate::lexicon::NAMES_EDIT;
use crate::text::Word;
use vocabulary::*;
#[cfg(feature = "training")]
pub(crate) use weighed::PLACES;
use weighed::Weighed;
use why::Why;

/// Longer instructions tell more than an edit.
const LONGEST: usize = 640;

/// What is looked for in Japanese and Chinese before anything else is done: a text without any of these names no edit.
const PIECES_NAMED: &[&str] = &[
    "var",
    "console",
    "アロー",
    "コンソール",
    "ログ",
    "箭头",
    "箭頭",
    "控制台",
    "日志",
    "=>",
];

/// The three edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Var,
    Arrow,
    Console,
}

impl Edit {
    const ALL: [Edit; 3] = [Edit::Var, Edit::Arrow, Edit::Console];

    fn name(self) -> &'static str {
        match self {
            Edit::Var => "var-to-const",
            Edit::Arrow => "func-to-arrow",
            Edit::Console => "remove-console",
        }
    }

    /// Words that can be of no other edit.
    fn strong(self) -> Roles {
        match self {
            Edit::Var => VAR | LET,
            Edit::Arrow => ARROW | FUNCTION,
            Edit::Console => CONSOLE,
        }
    }

    /// Words that are of this edit where nothing else is named.
    fn weak(self) -> Roles {
        match self {
            Edit::Var => DECLARATION,
            Edit::Arrow => CALLBACK,
            Edit::Console => LOG,
        }
    }
}

/// What a sentence comes to.
#[derive(Debug)]
enum Said {
    /// Courtesy, a promise, a reason, a bare "please convert"; with the roles of its wishes.
    Nothing(Roles),
    /// It names what an edit is about, and wishes nothing.
    Names(Edit),
    Asks(Edit),
    /// More than an edit, or something else.
    More(Why),
}

/// The transform that is asked for, if nothing else is. `lowered` is the instruction in lower case, `code` the texts that it is about.
pub(crate) fn asked<'a>(
    lowered: &str,
    words: &[Word<'_>],
    code: impl Iterator<Item = &'a str>,
) -> Option<&'static str> {
    cut(lowered, words, code, |tokens, sites| {
        let strict = read(tokens, sites, false);
        let by_rules = strict.asked();
        if by_rules.is_none() && (sites.none() || strict.why & weighed::VETOES != 0) {
            return None;
        }
        Weighed::new(tokens, sites, read(tokens, sites, true)).asked(by_rules)
    })?
    .map(Edit::name)
}

/// The transform that the rules alone see a request for.
#[cfg(feature = "training")]
pub(crate) fn asked_by_rules<'a>(
    lowered: &str,
    words: &[Word<'_>],
    code: impl Iterator<Item = &'a str>,
) -> Option<&'static str> {
    cut(lowered, words, code, |tokens, sites| {
        read(tokens, sites, false).asked()
    })?
    .map(Edit::name)
}

/// What the model of left-over words reads of an instruction: for each edit that it may be about, its name and its places. None where something vetoes a
/// request.
#[cfg(feature = "training")]
pub(crate) fn places<'a>(
    lowered: &str,
    words: &[Word<'_>],
    code: impl Iterator<Item = &'a str>,
) -> Vec<(&'static str, Vec<u16>)> {
    cut(lowered, words, code, |tokens, sites| {
        let read = read(tokens, sites, true);
        let weighed = Weighed::new(tokens, sites, read);
        let edits = weighed.edits().iter();
        edits
            .filter(|_| read.why & weighed::VETOES == 0)
            .map(|edit| (edit.name(), weighed.places(*edit)))
            .collect()
    })
    .unwrap_or_default()
}

/// Hands the tokens of an instruction on that may ask for an edit, with its code.
fn cut<'a, T>(
    lowered: &str,
    words: &[Word<'_>],
    code: impl Iterator<Item = &'a str>,
    then: impl FnOnce(&[Token<'_>], &Sites<'_>) -> T,
) -> Option<T> {
    if lowered.len() > LONGEST || !may_ask(lowered, words) {
        return None;
    }
    let plain = if is_ascii(lowered.as_bytes()) {
        Cow::Borrowed(lowered)
    } else {
        Cow::Owned(lowered.replace('\u{2019}', "'"))
    };
    let vocabulary = vocabulary();
    let tokens = tokens(&plain, |text| vocabulary.piece(text));
    Some(then(&tokens, &Sites::new(code)))
}

/// What a request comes to.
#[derive(Clone, Copy, Debug, Default)]
struct Read {
    /// The edit that its words ask for.
    edit: Option<Edit>,
    /// What speaks against it.
    why: Why,
    /// What a clause says to be left alone in so many words.
    left: Roles,
}

impl Read {
    /// Whether nothing speaks against it but what alone decides nothing.
    fn is_clear(&self) -> bool {
        self.why & !(why::OBJECT | why::PROMISES) == 0
    }

    /// The edit, where nothing speaks against it.
    fn asked(&self) -> Option<Edit> {
        self.edit.filter(|_| self.is_clear())
    }
}

/// Reads all sentences. A strict reading ends at the first that speaks against a request; a lenient one goes on, and takes strange words for such as say
/// nothing.
fn read(tokens: &[Token<'_>], sites: &Sites<'_>, lenient: bool) -> Read {
    let mut read = Read::default();
    let (mut kept, mut told) = (0, 0);
    let (mut asked, mut named, mut wishes) = (None, None, 0);
    let mut from = 0;
    for (to, token) in tokens.iter().enumerate() {
        let Token::Sentence { asks } = *token else {
            continue;
        };
        let own = &tokens[from..to];
        from = to + 1;
        if mends_another(own) {
            read.why |= why::MENDS;
        }
        if acts_on_file(own) {
            read.why |= why::ON_FILE;
        }
        let mut sentence = Sentence {
            sites,
            lenient,
            kept: &mut kept,
            told: &mut told,
            why: &mut read.why,
            denied: &mut false,
            left: &mut read.left,
        };
        match sentence.read(own, asks) {
            Said::Nothing(wished) => wishes |= wished,
            Said::Names(edit) if named.is_none_or(|other| other == edit) => named = Some(edit),
            Said::Asks(edit) if asked.is_none_or(|other| other == edit) => asked = Some(edit),
            Said::More(why) => read.why |= why,
            _ => read.why |= why::TWO_SENTENCES,
        }
        if !read.is_clear() && !lenient {
            return read;
        }
    }
    // "I left console.log in. Could you take it out?"
    let mut told_of = Edit::ALL
        .into_iter()
        .filter(|edit| told & (edit.strong() | if *edit == Edit::Console { LOG } else { 0 }) != 0);
    let told_of = told_of.next().filter(|_| told_of.next().is_none());
    let by_wish = named.or(told_of).filter(|edit| match edit {
        Edit::Var => wishes & (REMOVE | CHANGE | MODERNISE | DO) != 0,
        Edit::Arrow => false,
        Edit::Console => wishes & REMOVE != 0,
    });
    read.edit = asked.or(by_wish);
    if named.is_some_and(|other| Some(other) != read.edit) && read.edit.is_some() {
        read.why |= why::TWO_SENTENCES;
    }
    match read.edit {
        Some(edit) if kept & (edit.strong() | edit.weak()) != 0 => read.why |= why::STAYS,
        Some(_) => {}
        None => read.why |= why::NO_WISH,
    }
    read
}

/// A cheap look before the text is read: whether something of an edit is named, and most words are of the vocabulary.
fn may_ask(lowered: &str, words: &[Word<'_>]) -> bool {
    if !is_ascii(lowered.as_bytes()) && lowered.chars().any(tokens::is_without_blanks) {
        return PIECES_NAMED.iter().any(|name| lowered.contains(name));
    }
    // What stands in quotation marks is not among the words.
    let quoted = || {
        lowered.contains(['"', '\u{201c}', '\u{201e}', '\u{ab}'])
            && ["var", "console", "arrow", "const"]
                .iter()
                .any(|name| lowered.contains(name))
    };
    if !words.iter().any(|word| word.is(NAMES_EDIT)) && !lowered.contains("=>") && !quoted() {
        return false;
    }
    let vocabulary = vocabulary();
    let strange = words
        .iter()
        .filter(|word| !vocabulary.holds(word.hash))
        .count();
    strange * 3 <= words.len() * 2 + 3
}

/// The words that name what an edit is about, but for those that stand in any text.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let of = |wanted: Roles| {
        WORDS
            .iter()
            .filter(move |(roles, _)| roles & wanted != 0)
            .flat_map(|(_, list)| list.split_whitespace())
    };
    let common: std::collections::BTreeSet<&str> = of(FILL | LINT).collect();
    of(THINGS & !DECLARATION)
        .filter(move |word| !common.contains(word))
        .flat_map(|word| word.split(['.', '*']))
        .filter(|word| !word.is_empty())
        .chain([
            "declaration",
            "declarations",
            "deklarationen",
            "declaraciones",
        ])
}
