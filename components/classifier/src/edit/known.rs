//! Looks words up in the vocabulary: as they are, by phrase, without accents, with a slip of the fingers.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use super::phrases::*;
use super::tokens::Token;
use super::vocabulary::*;
use crate::bytes::hash;

/// A word or phrase and what it may be; a word of no role is strange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    pub(crate) roles: Roles,
}

impl Part<'_> {
    pub(crate) fn is(&self, roles: Roles) -> bool {
        self.roles & roles != 0
    }
}

/// What a word came to.
#[derive(Clone, Copy)]
struct LookedUp {
    hash: u64,
    roles: Roles,
    /// It begins a phrase.
    begins: bool,
}

const NOT_YET: LookedUp = LookedUp {
    hash: 0,
    roles: 0,
    begins: false,
};

const LOOKED_UP: usize = 512;

thread_local! {
    /// What the last words came to, by hash, two for each place: a word is looked up some six times while a request is read, and the search for slips costs
    /// most.
    static WORDS_LOOKED_UP: [Cell<[LookedUp; 2]>; LOOKED_UP] = const { [const { Cell::new([NOT_YET; 2]) }; LOOKED_UP] };
}

/// Takes a hash as it is: the keys of these tables are hashes of words.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        // A product's upper bits are its best mixed ones, and a table looks at the lower ones.
        self.0 = hash.rotate_left(24);
    }
}

/// What is known of words, by the hashes of them. None is ever walked through, so that no order can show.
type ByHash<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;

fn by_hash<'a, T>(words: impl Iterator<Item = (&'a str, T)>) -> ByHash<T> {
    words
        .map(|(word, own)| (hash(word.as_bytes()), own))
        .collect()
}

/// A set of words.
pub(crate) struct Words {
    list: BTreeSet<&'static str>,
    hashes: ByHash<()>,
}

impl Words {
    fn of(text: &'static str) -> Words {
        let list: BTreeSet<&'static str> = text.split_whitespace().collect();
        Words {
            hashes: by_hash(list.iter().map(|word| (*word, ()))),
            list,
        }
    }

    pub(crate) fn contains(&self, word: &str) -> bool {
        self.hashes.contains_key(&hash(word.as_bytes()))
    }
}

/// Several words that mean one thing.
struct Phrase {
    text: &'static str,
    /// The words after the first.
    rest: Vec<&'static str>,
    roles: Roles,
}

/// All that the tables say, by word.
pub(crate) struct Vocabulary {
    /// Longer ones first.
    pieces: Vec<(&'static str, Roles)>,
    words: ByHash<Roles>,
    /// The hashes of all words, those of phrases too.
    hashes: ByHash<()>,
    /// The words that may be misspelt, by their first byte, with what they may be; those of other wishes may be nothing.
    slips: BTreeMap<u8, Vec<(&'static str, Roles)>>,
    /// By their first word; longer ones first.
    phrases: ByHash<Vec<Phrase>>,
}

pub(crate) fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let mut words: BTreeMap<&'static str, Roles> = BTreeMap::new();
        for (roles, list) in WORDS {
            for word in list.split_whitespace() {
                *words.entry(word).or_default() |= roles;
            }
        }
        let mut phrases: BTreeMap<&'static str, Vec<(&'static str, Roles)>> = BTreeMap::new();
        for (roles, list) in PHRASES {
            for phrase in list
                .split(';')
                .map(str::trim)
                .filter(|phrase| !phrase.is_empty())
            {
                let first = phrase.split(' ').next().unwrap_or(phrase);
                phrases.entry(first).or_default().push((phrase, *roles));
            }
        }
        for own in phrases.values_mut() {
            own.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        let mut pieces: Vec<(&str, Roles)> = PIECES
            .iter()
            .flat_map(|(roles, list)| list.split_whitespace().map(|piece| (piece, *roles)))
            .collect();
        pieces.sort_by_key(|(piece, _)| std::cmp::Reverse(piece.len()));
        for (piece, roles) in &pieces {
            *words.entry(piece).or_default() |= roles;
        }
        let mut slips: BTreeMap<u8, Vec<(&'static str, Roles)>> = BTreeMap::new();
        let others = more()
            .list
            .iter()
            .chain(&acts().list)
            .filter(|word| !words.contains_key(*word))
            .map(|word| (*word, 0));
        for (word, roles) in others.chain(words.iter().map(|(word, roles)| (*word, *roles))) {
            if word.is_ascii() {
                slips
                    .entry(word.as_bytes()[0])
                    .or_default()
                    .push((word, roles));
            }
        }
        let of_phrases = phrases
            .values()
            .flatten()
            .flat_map(|(phrase, _)| phrase.split(' '));
        let hashes = by_hash(
            words
                .keys()
                .copied()
                .chain(of_phrases)
                .map(|word| (word, ())),
        );
        let phrases = phrases.into_iter().map(|(first, own)| {
            let own = own.into_iter().map(|(text, roles)| Phrase {
                text,
                rest: text.split(' ').skip(1).collect(),
                roles,
            });
            (first, own.collect())
        });
        Vocabulary {
            hashes,
            pieces,
            words: by_hash(words.into_iter()),
            slips,
            phrases: by_hash(phrases),
        }
    })
}

/// Words that name a part of the code.
pub(crate) fn parts_of_code() -> &'static Words {
    static SET: OnceLock<Words> = OnceLock::new();
    SET.get_or_init(|| Words::of(PARTS))
}

/// Verbs of other wishes.
pub(crate) fn acts() -> &'static Words {
    static SET: OnceLock<Words> = OnceLock::new();
    SET.get_or_init(|| Words::of(ACTS))
}

/// Words of other wishes.
pub(crate) fn more() -> &'static Words {
    static SET: OnceLock<Words> = OnceLock::new();
    SET.get_or_init(|| Words::of(MORE))
}

impl Vocabulary {
    /// The phrase or word at a place, what it may be, and how many tokens it takes.
    pub(crate) fn at<'a>(
        &self,
        tokens: &[Token<'a>],
        at: usize,
        word: &'a str,
    ) -> (&'a str, Roles, usize) {
        let own = self.looked_up(word);
        if !own.begins {
            return (word, own.roles, 1);
        }
        let after = &tokens[at + 1..];
        let stands = |phrase: &&Phrase| {
            let mut after = after.iter();
            let mut rest = phrase.rest.iter();
            rest.all(|part| after.next() == Some(&Token::Word(part)))
        };
        let phrases = self.phrases.get(&own.hash);
        match phrases.and_then(|own| own.iter().find(stands)) {
            Some(phrase) => (phrase.text, phrase.roles, phrase.rest.len() + 1),
            None => (word, own.roles, 1),
        }
    }

    /// Whether a word with this hash stands in the vocabulary, by itself or in a phrase.
    pub(crate) fn holds(&self, hash: u64) -> bool {
        self.hashes.contains_key(&hash)
    }

    /// The length of the known piece that a text without blanks begins with.
    pub(crate) fn piece(&self, text: &str) -> Option<usize> {
        self.pieces
            .iter()
            .find(|(piece, _)| text.starts_with(piece))
            .map(|(piece, _)| piece.len())
    }

    /// What a token may be.
    pub(crate) fn token(&self, token: &Token<'_>) -> Roles {
        match token {
            Token::Word(word) => self.word(word),
            _ => 0,
        }
    }

    fn word(&self, word: &str) -> Roles {
        self.looked_up(word).roles
    }

    fn looked_up(&self, word: &str) -> LookedUp {
        let hash = hash(word.as_bytes());
        // The upper bits: the lower ones say little more than the word's first letter.
        let place = (hash >> 55) as usize % LOOKED_UP;
        let [last, one_before] = WORDS_LOOKED_UP.with(|words| words[place].get());
        if last.hash == hash {
            return last;
        }
        if one_before.hash == hash {
            return one_before;
        }
        let own = LookedUp {
            hash,
            roles: self.look_up(word),
            begins: self.phrases.contains_key(&hash),
        };
        WORDS_LOOKED_UP.with(|words| words[place].set([own, last]));
        own
    }

    fn known(&self, word: &str) -> Option<Roles> {
        self.words.get(&hash(word.as_bytes())).copied()
    }

    fn look_up(&self, word: &str) -> Roles {
        if let Some(roles) = self.known(word) {
            return roles;
        }
        if more().contains(word) || acts().contains(word) {
            return 0;
        }
        if let Some(roles) = word.strip_suffix("'s").and_then(|owner| self.known(owner)) {
            return roles;
        }
        // French and Italian articles that lost their vowel.
        if let Some((article, rest)) = word.split_once('\'')
            && matches!(
                article,
                "l" | "d"
                    | "j"
                    | "n"
                    | "s"
                    | "m"
                    | "t"
                    | "c"
                    | "qu"
                    | "un"
                    | "dell"
                    | "all"
                    | "nell"
                    | "dall"
                    | "sull"
            )
        {
            return self.known(rest).unwrap_or(0);
        }
        if !word.is_ascii() {
            let bare: String = word.chars().map(without_accent).collect();
            if let Some(roles) = self.known(&bare) {
                return roles;
            }
        }
        // Romance verbs carry their object: "quitalos", "sostituiscili".
        let bare: String = word.chars().map(without_accent).collect();
        let verb = [
            "melos", "melas", "melo", "mela", "los", "las", "lo", "la", "li", "le", "me",
        ]
        .iter()
        .filter_map(|object| bare.strip_suffix(object))
        .filter_map(|verb| self.known(verb))
        .find(|roles| roles & (REMOVE | CHANGE | USE | KEEP) != 0);
        if let Some(roles) = verb {
            return roles;
        }
        let digits = word.strip_prefix(['s', 'x', 'v']).unwrap_or(word);
        if digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return FILL;
        }
        self.misspelt(word)
    }

    /// A word that one slip of the fingers makes of a known one with the same beginning. What may be of another wish is nothing.
    fn misspelt(&self, word: &str) -> Roles {
        const SHORTEST: usize = 6;
        if !word.is_ascii() || word.len() < 3 {
            return 0;
        }
        let is_slip = |known: &str| {
            swapped(word, known)
                || known.len() >= SHORTEST && slipped(word, known)
                || word.len() == 4 && known.len() == 5 && slipped(word, known)
        };
        let alike = self.slips.get(&word.as_bytes()[0]).into_iter().flatten();
        alike
            .filter(|(known, _)| known.len().abs_diff(word.len()) <= 1)
            .find(|(known, _)| is_slip(known))
            .map_or(0, |(_, roles)| *roles)
    }
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'ì' | 'î' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' => 'o',
        'ú' | 'ù' | 'û' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// Whether two words differ by two letters that changed places.
fn swapped(word: &str, known: &str) -> bool {
    let (a, b) = (word.as_bytes(), known.as_bytes());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    matches!((&a[same..], &b[same..]), ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b)
}

/// Whether two words differ by one letter that is missing, added or wrong.
fn slipped(word: &str, known: &str) -> bool {
    let (a, b) = (word.as_bytes(), known.as_bytes());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (&a[same..], &b[same..]) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, rest @ ..], b) if rest == b => true,
        (a, [_, rest @ ..]) => a == rest,
        _ => false,
    }
}
