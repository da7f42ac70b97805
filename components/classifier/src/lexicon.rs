//! What a single word says, by one look into a table: the lists of short words that the rules ask about.
//!
//! A word is known by 42 bits of its hash alone: a chance of one in some ten billion that another word is taken for one of theirs.

use std::sync::OnceLock;

use crate::bytes::hash;
use crate::cues::POLITE;
use crate::edit;
use crate::wanted::{EDIT, OTHER, REMOVE};

/// What a word can say; a set of bits.
pub(crate) type Flags = u32;

/// Goes before an act without being one.
pub(crate) const IS_POLITE: Flags = 1;
/// Relates quantities.
pub(crate) const IS_RELATION: Flags = 1 << 1;
/// Denies what follows.
pub(crate) const IS_NEGATION: Flags = 1 << 2;
/// Ends what was denied.
pub(crate) const ENDS_NEGATION: Flags = 1 << 3;
/// Is the whole work of the verb before it.
pub(crate) const NAMES_WORK: Flags = 1 << 4;
/// Asks for a source edit.
pub(crate) const IS_EDIT: Flags = 1 << 5;
/// Shows that more than a source edit is wanted.
pub(crate) const IS_OTHER: Flags = 1 << 6;
/// Begins a question.
pub(crate) const IS_ASKING: Flags = 1 << 7;
/// "only", which takes a negation back.
pub(crate) const IS_ONLY: Flags = 1 << 8;
/// Points at what was said before.
pub(crate) const GOES_ON: Flags = 1 << 9;
/// "unit", of a unit test.
pub(crate) const IS_UNIT: Flags = 1 << 10;
/// "test" or "tests".
pub(crate) const IS_TEST: Flags = 1 << 11;
/// A single thing that can be called.
pub(crate) const IS_FUNCTION: Flags = 1 << 12;
/// Says that it is one thing.
pub(crate) const IS_ONE: Flags = 1 << 13;

/// Has a sign of a script that is written without spaces. The word's own bytes say it, not a list.
pub(crate) const HAS_SIGNS: Flags = 1 << 31;
/// Names what one of the smaller edits is about.
pub(crate) const NAMES_EDIT: Flags = 1 << 14;
/// Is a number.
pub(crate) const IS_NUMBER: Flags = 1 << 15;
/// Asks for a quantity behind "how".
pub(crate) const IS_MEASURE: Flags = 1 << 16;
/// Names what can be counted or measured.
pub(crate) const IS_QUANTITY: Flags = 1 << 17;
/// Stands behind "what" where a quantity is asked for.
pub(crate) const IS_STATE: Flags = 1 << 18;
/// Shows that more is wanted than the result of a sum, or that it is about work of one's own.
pub(crate) const WANTS_REASONS: Flags = 1 << 19;

const LISTS: &[(Flags, &[&str])] = &[
    (IS_POLITE, POLITE),
    (
        IS_RELATION,
        &[
            "half",
            "third",
            "quarter",
            "twice",
            "times",
            "than",
            "more",
            "less",
            "fewer",
            "each",
            "every",
            "double",
            "triple",
            "as",
            "remaining",
            "left",
            "rest",
        ],
    ),
    (
        IS_NEGATION,
        &[
            "not",
            "don\u{2019}t",
            "don't",
            "dont",
            "never",
            "without",
            "avoid",
            "no",
            "doesn't",
            "isn't",
            "nicht",
            "kein",
            "keine",
            "ohne",
            "pas",
            "sans",
            "sin",
            "nunca",
            "skip",
        ],
    ),
    (ENDS_NEGATION, &["but", "instead", "just", "sondern"]),
    (IS_ONLY, &["only"]),
    (
        NAMES_WORK,
        &[
            "limerick",
            "poem",
            "haiku",
            "joke",
            "summary",
            "tldr",
            "docstring",
            "docstrings",
            "typo",
            "typos",
            "regex",
            "regexp",
            "comment",
            "changelog",
            "readme",
            "jsdoc",
            "slogan",
            "tweet",
            "email",
            "translation",
            "json",
            "yaml",
            "csv",
            "xml",
            "toml",
            "names",
            "orthographe",
            "import",
            "unused",
            "button",
            "expression",
        ],
    ),
    (IS_EDIT, EDIT),
    (IS_EDIT, REMOVE),
    (IS_OTHER, OTHER),
    (
        IS_ASKING,
        &[
            "what", "what's", "which", "who", "when", "where", "is", "are", "does", "do", "how",
            "can", "was", "wer", "wie", "why", "warum", "qué", "quel", "quelle", "cuál",
        ],
    ),
    (
        GOES_ON,
        &[
            "continue",
            "it",
            "that",
            "this",
            "yes",
            "ok",
            "okay",
            "next",
            "again",
            "proceed",
            "go",
            "weiter",
            "ja",
            "oui",
            "sí",
            "sigue",
            "continúa",
            "same",
        ],
    ),
    (IS_UNIT, &["unit"]),
    (IS_TEST, &["test", "tests"]),
    (IS_FUNCTION, &["function", "helper", "method"]),
    (IS_ONE, &["one", "this", "pure", "a", "the"]),
    (
        IS_NUMBER,
        &[
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty",
            "hundred", "thousand", "half", "third", "quarter", "twice", "double", "doubled",
            "triple", "tripled", "dozen", "once",
        ],
    ),
    (
        IS_MEASURE,
        &[
            "many", "much", "long", "old", "far", "tall", "fast", "big", "large", "heavy", "high",
            "deep", "wide",
        ],
    ),
    (
        IS_QUANTITY,
        &[
            "number",
            "total",
            "sum",
            "average",
            "cost",
            "price",
            "age",
            "ages",
            "percentage",
            "percent",
            "fraction",
            "profit",
            "amount",
            "distance",
            "speed",
            "weight",
            "height",
            "area",
            "length",
            "difference",
            "ratio",
            "salary",
            "bill",
            "income",
            "score",
            "temperature",
            "value",
            "size",
            "volume",
            "perimeter",
            "width",
            "depth",
            "time",
            "pay",
            "budget",
            "product",
            "discount",
            "rate",
            "count",
        ],
    ),
    (
        IS_STATE,
        &[
            "is",
            "was",
            "are",
            "were",
            "will",
            "would",
            "percent",
            "percentage",
            "fraction",
            "number",
            "total",
            "average",
        ],
    ),
    (
        WANTS_REASONS,
        &[
            "our",
            "we",
            "we're",
            "we've",
            "explain",
            "prove",
            "proof",
            "show",
            "derive",
            "why",
            "best",
            "structure",
        ],
    ),
];

/// Slots of the table: a power of two, so large that most words of no list meet an empty slot.
const SLOTS: usize = 2_048;

/// A part of the word's hash, and what it says; a slot that says nothing is empty.
struct Lexicon(Box<[(u32, Flags); SLOTS]>);

fn slot(hash: u64) -> usize {
    (hash >> 53) as usize % SLOTS
}

fn tag(hash: u64) -> u32 {
    (hash >> 22) as u32
}

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let mut table = Box::new([(0, 0); SLOTS]);
        let listed = LISTS
            .iter()
            .flat_map(|(flags, list)| list.iter().map(|word| (*word, *flags)));
        for (word, flags) in listed.chain(edit::names().map(|word| (word, NAMES_EDIT))) {
            let hash = hash(word.as_bytes());
            let mut at = slot(hash);
            while table[at].1 != 0 && table[at].0 != tag(hash) {
                at = (at + 1) % SLOTS;
            }
            table[at] = (tag(hash), table[at].1 | flags);
        }
        Lexicon(table)
    })
}

/// What a word says, by its hash.
pub(crate) struct Reader(&'static Lexicon);

impl Reader {
    pub(crate) fn new() -> Reader {
        Reader(lexicon())
    }

    pub(crate) fn flags(&self, hash: u64) -> Flags {
        let (known, flags) = self.0.0[slot(hash)];
        let own = if known == tag(hash) { flags } else { 0 };
        // Nobody foresees whether a word is listed, but hardly one shares its slot with another.
        if own == flags {
            own
        } else {
            self.flags_further_on(hash)
        }
    }

    /// For words that share a slot with another one: few.
    #[cold]
    fn flags_further_on(&self, hash: u64) -> Flags {
        let slots = (slot(hash) + 1..).map(|at| self.0.0[at % SLOTS]);
        let mut own = slots.skip_while(|(known, flags)| *flags != 0 && *known != tag(hash));
        own.next().map_or(0, |(_, flags)| flags)
    }
}
