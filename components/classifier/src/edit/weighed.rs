//! What is left over where the rules do not account for every word: a linear model, trained beforehand on requests and near misses, weighs the words, their
//! roles and their neighbours against what the rules have to say. It learns nothing while it runs.
//!
//! What is about the edit itself is told by its part in it (what goes, what comes, what is of another edit), so that the edits share what they teach.

use super::known::{acts, more, parts_of_code, vocabulary};
use super::sites::Sites;
use super::tokens::Token;
use super::vocabulary::*;
use super::{Edit, Read, why};
use crate::bytes::hash;

/// Places of the table: a power of two.
pub(crate) const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 14;
/// The trained table: the scale of its weights, the weight of any request, then a byte for each place, raised by 128. `examples/train_edits.rs` writes it.
static TABLE: &[u8; 8 + PLACES] = include_bytes!("weights.bin");
const RAISED: f32 = 128.0;
/// What the weights have to come to, and where the rules see a request. Chosen with sittings left out, so that a hundredth of their near misses is taken at
/// most.
const ASKED: f32 = 2.0;
const ASKED_BY_RULES: f32 = 1.0;

/// What speaks so much against a request that no word can weigh it up.
pub(crate) const VETOES: why::Why = why::MENDS
    | why::QUESTION
    | why::ONLY_PLACE
    | why::TWO_EDITS
    | why::OTHER_THING
    | why::FOREIGN
    | why::TELLS
    | why::EXCEPTS
    | why::PART_OF
    | why::MAKES
    | why::ON_FILE
    | why::ACTS
    | why::IN_PART
    | why::CHANGES_KEPT
    | why::BECOMES;

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a token is to an edit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Clause,
    Stop,
    Asks,
    Name,
    Goes,
    Comes,
    Weak,
    Foreign,
    Says,
    /// One of `ROLES`, by its place.
    Role(u8),
    /// No role; with what else is known of the word.
    Strange(u8),
}

/// Which role counts where a word may have several.
const ROLES: [Roles; 26] = [
    NOT, NO, ONLY, WHERE, REMOVE, CHANGE, USE, MODERNISE, INSTEAD, TO, KEEP, REST, TOUCH, DO,
    WHICH, KEPT, LINT, BECAUSE, OLD, NEW, PLACE, IN, BE, AND, WISH, ASKS,
];

impl Class {
    fn code(self) -> u64 {
        match self {
            Class::Clause => 0,
            Class::Stop => 1,
            Class::Asks => 2,
            Class::Name => 3,
            Class::Goes => 4,
            Class::Comes => 5,
            Class::Weak => 6,
            Class::Foreign => 7,
            Class::Says => 8,
            Class::Role(at) => 16 + u64::from(at),
            Class::Strange(set) => 64 + u64::from(set),
        }
    }
}

impl Edit {
    /// Words for what it takes away, and for what it brings.
    fn goes(self) -> Roles {
        match self {
            Edit::Var => VAR,
            Edit::Arrow => FUNCTION,
            Edit::Console => CONSOLE,
        }
    }

    fn comes(self) -> Roles {
        self.strong() & !self.goes()
    }

    fn has_sites(self, sites: &Sites<'_>) -> bool {
        match self {
            Edit::Var => sites.var(),
            Edit::Arrow => sites.function(),
            Edit::Console => sites.console(),
        }
    }
}

/// A word, or what stands for one, with what it may be and the hash of its text.
struct Told {
    hash: u64,
    roles: Roles,
    /// What else is known of a word without a role.
    set: u8,
    sign: Option<Class>,
}

/// A request in the form that is weighed.
pub(crate) struct Weighed<'a> {
    told: Vec<Told>,
    read: Read,
    /// The edits that it can be about, by its words and the code.
    edits: Vec<Edit>,
    sites: &'a Sites<'a>,
}

impl<'a> Weighed<'a> {
    /// `read` is what a lenient reading came to.
    pub(crate) fn new(tokens: &[Token<'_>], sites: &'a Sites<'a>, read: Read) -> Weighed<'a> {
        let vocabulary = vocabulary();
        let mut told = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while at < tokens.len() {
            let sign = match tokens[at] {
                Token::Word(word) => {
                    let (text, roles, taken) = vocabulary.at(tokens, at, word);
                    let set = if roles == 0 {
                        u8::from(more().contains(text))
                            | u8::from(acts().contains(text)) << 1
                            | u8::from(parts_of_code().contains(text)) << 2
                            | u8::from(sites.hold_word(text)) << 3
                    } else {
                        0
                    };
                    told.push(Told {
                        hash: hash(text.as_bytes()),
                        roles,
                        set,
                        sign: None,
                    });
                    at += taken;
                    continue;
                }
                Token::Name => Class::Name,
                Token::Clause => Class::Clause,
                Token::Sentence { asks: false } => Class::Stop,
                Token::Sentence { asks: true } => Class::Asks,
            };
            told.push(Told {
                hash: sign.code(),
                roles: 0,
                set: 0,
                sign: Some(sign),
            });
            at += 1;
        }
        while told
            .last()
            .is_some_and(|last| last.sign == Some(Class::Stop))
        {
            told.pop();
        }
        let all = told.iter().fold(0, |all, word| all | word.roles);
        let there: Vec<Edit> = Edit::ALL
            .into_iter()
            .filter(|edit| edit.has_sites(sites))
            .collect();
        let of = |roles: fn(Edit) -> Roles| -> Vec<Edit> {
            let all_named = Edit::ALL.into_iter().filter(|edit| all & roles(*edit) != 0);
            all_named.collect()
        };
        let (strong, weak) = (of(Edit::strong), of(Edit::weak));
        let edits = there
            .iter()
            .copied()
            .filter(|edit| {
                let is_named = strong.contains(edit)
                    || strong.is_empty()
                        && (weak.contains(edit) || weak.is_empty() && there.len() == 1);
                is_named && read.left & (edit.goes() | edit.weak()) == 0
            })
            .collect();
        Weighed {
            told,
            read,
            edits,
            sites,
        }
    }

    /// The edits that it can be about.
    #[cfg(feature = "training")]
    pub(crate) fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The edit that it asks for, where `by_rules` is what the rules alone see.
    pub(crate) fn asked(&self, by_rules: Option<Edit>) -> Option<Edit> {
        if let Some(edit) = by_rules {
            return (self.weight(edit) > ASKED_BY_RULES).then_some(edit);
        }
        if self.read.why & VETOES != 0 {
            return None;
        }
        let weighed = self.edits.iter().map(|edit| (self.weight(*edit), *edit));
        let (weight, edit) = weighed.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (weight > ASKED).then_some(edit)
    }

    fn weight(&self, edit: Edit) -> f32 {
        let four = |at: usize| {
            TABLE[at..]
                .first_chunk()
                .map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
        };
        let places = self.places(edit);
        let sum: f32 = places
            .iter()
            .map(|place| f32::from(TABLE[8 + usize::from(*place)]) - RAISED)
            .sum();
        sum * four(0) / libm::sqrtf(places.len().max(1) as f32) + four(4)
    }

    fn class(word: &Told, edit: Edit) -> Class {
        if let Some(sign) = word.sign {
            return sign;
        }
        let foreign = Edit::ALL
            .into_iter()
            .filter(|other| *other != edit)
            .fold(0, |all, other| all | other.strong());
        let is = |roles: Roles| word.roles & roles != 0;
        if is(edit.goes()) {
            Class::Goes
        } else if is(edit.comes()) {
            Class::Comes
        } else if is(edit.weak()) {
            Class::Weak
        } else if is(foreign) && !is(FILL) {
            Class::Foreign
        } else if word.roles == 0 {
            Class::Strange(word.set)
        } else if is(FILL) && !is(NOT | NO) {
            Class::Says
        } else {
            let role = ROLES.iter().position(|role| is(*role));
            role.map_or(Class::Says, |at| Class::Role(at as u8))
        }
    }

    /// The places of the table that count for an edit, each once.
    pub(crate) fn places(&self, edit: Edit) -> Vec<u16> {
        let mut places = Vec::with_capacity(self.told.len() * 8 + 16);
        let mut add = |sort: u64, parts: &[u64]| {
            let hash = parts.iter().fold(sort.wrapping_mul(MIX), |hash, part| {
                (hash.rotate_left(23) ^ part).wrapping_mul(MIX)
            });
            places.push((hash >> (64 - PLACE_BITS)) as u16);
        };
        let words: Vec<(u64, Class)> = self
            .told
            .iter()
            .map(|word| {
                let class = Weighed::class(word, edit);
                let own = matches!(class, Class::Goes | Class::Comes);
                (if own { class.code() } else { word.hash }, class)
            })
            .collect();
        for (at, (word, class)) in words.iter().enumerate() {
            add(1, &[*word]);
            if at < 3 {
                add(2, &[*word]);
            }
            if let Some((next, next_class)) = words.get(at + 1) {
                add(3, &[*word, next_class.code()]);
                add(4, &[class.code(), *next]);
            }
        }
        const EDGE: u64 = 255;
        let mut classes = vec![EDGE];
        classes.extend(
            words
                .iter()
                .filter(|(_, class)| *class != Class::Says)
                .map(|(_, class)| class.code()),
        );
        classes.push(EDGE);
        let name = edit as u64;
        for class in &classes {
            add(5, &[*class]);
            add(6, &[name, *class]);
        }
        for two in classes.windows(2) {
            add(7, two);
        }
        for three in classes.windows(3) {
            add(8, three);
        }
        // What the rules say.
        let read = match self.read.edit {
            Some(own) if own == edit => 1,
            Some(_) => 2,
            None => 0,
        };
        add(9, &[read]);
        for bit in (0..u32::BITS).filter(|bit| self.read.why >> bit & 1 != 0) {
            add(10, &[u64::from(bit)]);
            add(11, &[u64::from(bit), read]);
        }
        if self.read.why & !(why::STRANGE | why::OBJECT | why::PROMISES) == 0 {
            add(12, &[read]);
        }
        // How much there is.
        let strange = words
            .iter()
            .filter(|(_, class)| matches!(class, Class::Strange(_)))
            .count();
        for least in 1..=strange.min(5) as u64 {
            add(13, &[least]);
        }
        for least in [4, 6, 9, 13, 18, 25, 40] {
            if words.len() >= least {
                add(14, &[least as u64]);
            }
        }
        let others = Edit::ALL
            .into_iter()
            .filter(|other| *other != edit && other.has_sites(self.sites))
            .count();
        add(15, &[others.min(1) as u64]);
        add(16, &[self.edits.len() as u64]);
        places.sort_unstable();
        places.dedup();
        places
    }
}
