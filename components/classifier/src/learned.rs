//! How hard a task is by its words taken together: a linear model over hashed words, pairs and beginnings of words, trained beforehand
//! (`training/`). It learns nothing while it runs, and it asks for no task that has no words.
//!
//! A place is looked up in a table of four small weights, one for each tier from 1 to 4. Places of the text are summed and divided by the root
//! of their number, so that long texts do not outweigh short ones; hand-made places are summed as they are. A softmax makes shares of the sums.

use std::ops::Range;

use crate::Task;
use crate::bytes::hash;
use crate::code::CodeFacts;
use crate::lexicon::HAS_SIGNS;
use crate::noise;
use crate::text::{self, Said, Word};

/// Places of hashed text: a power of two.
pub(crate) const TEXT: usize = 1 << TEXT_BITS;
const TEXT_BITS: u32 = 16;
/// Places of hand-made features.
pub(crate) const HAND: usize = 64;
/// So many words are read at the beginning and at the end: what is asked for stands there, what lies between is material. By tasks of authors that were
/// left out more words tell tiers no better, but for long ones a little: of 505 with more than 64 words 425 are right so, 429 with 32 words more, 428
/// with all. And so many bytes of code and of what was said before are read.
const FIRST_WORDS: usize = 64;
const LAST_WORDS: usize = 32;
const CODE: usize = 2 << 10;
const BEFORE: usize = 512;
/// So many words at the beginning count once more as such: what is asked for mostly stands there.
const EARLY: usize = 8;
/// Longer instructions say enough by themselves: what was said before is not read.
const SHORT: usize = 25;

/// Bits that tell the words of the training: a power of two, so many that a strange word is taken for a known one in a tenth of the cases.
pub(crate) const KNOWN: usize = 1 << KNOWN_BITS;
const KNOWN_BITS: u32 = 18;

/// The trained table: two scales, four bytes for each place, raised by 128 so that none is negative, then the bits of the known words. `examples/train.rs` writes it.
static TABLE: &[u8; WORDS_AT + KNOWN / 8] = include_bytes!("learned/table.bin");
/// By how much a weight is raised.
const RAISED: i32 = 128;
const WORDS_AT: usize = 8 + (TEXT + HAND) * 4;

/// Odd constants that keep one sort of place apart from another.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
const PAIR: u64 = 0xc2b2_ae3d_27d4_eb4f;
const FIRST: u64 = 0x27d4_eb2f_1656_67c5;
const FIRST_PAIR: u64 = 0x9fb2_1c65_1e98_df25;
const OF_BEGINNING: u64 = 0xc13f_a9a9_02a6_328f;
const LAST: u64 = 0x85eb_ca77_c2b2_ae63;
const FIVE: u64 = 0xff51_afd7_ed55_8ccd;
const FOUR: u64 = 0xc4ce_b9fe_1a85_ec53;
const SIGNS: u64 = 0xd6e8_feb8_6659_fd93;
const IN_CODE: u64 = 0xa076_1d64_78bd_642f;
const OF_CODE: u64 = 0xe703_7ed1_a0b4_28db;
const OF_BEFORE: u64 = 0x8ebc_6af0_9c88_c6e3;

/// Everything that is read of a task.
pub(crate) struct Read<'a> {
    pub(crate) task: &'a Task,
    pub(crate) kind: &'a str,
    pub(crate) said: Said<'a>,
    pub(crate) code: &'a CodeFacts,
}

/// The words that are read: some at the beginning, some at the end.
fn sampled(words: &[Word<'_>]) -> [Range<usize>; 2] {
    let first = words.len().min(FIRST_WORDS);
    let last = words.len().saturating_sub(LAST_WORDS).max(first);
    [0..first, last..words.len()]
}

/// Those words themselves.
pub(crate) fn read_words<'w, 'a>(words: &'w [Word<'a>]) -> impl Iterator<Item = &'w Word<'a>> {
    sampled(words).into_iter().flat_map(|part| &words[part])
}

fn own_hash(word: &Word<'_>) -> u64 {
    if word.in_code {
        word.hash ^ IN_CODE
    } else {
        word.hash
    }
}

fn place(hash: u64) -> u32 {
    (hash.wrapping_mul(MIX) >> (64 - TEXT_BITS)) as u32
}

/// What takes in the places of a text.
pub(crate) trait Takes {
    /// The places that follow are those of the instruction's next word.
    fn next_word(&mut self) {}
    /// The places that follow are of no word of the instruction.
    fn no_word(&mut self) {}
    /// A place: one of a few of each word, fewer than a word's sums hold.
    fn place(&mut self, place: u32);
    /// A place: one of any number.
    fn further_place(&mut self, place: u32) {
        self.place(place);
    }
}

impl Read<'_> {
    /// Every place of the text, word by word; then those that are not of the instruction's words.
    pub(crate) fn text(&self, to: &mut impl Takes) {
        let words = self.said.words;
        for part in sampled(words) {
            self.part(words, part, to);
        }
        to.no_word();
        let file = self.task.files.iter().find(|file| !file.text.is_empty());
        if let Some(file) = file {
            loose_words(noise::beginning(&file.text, CODE), |word| {
                to.further_place(place(word ^ OF_CODE));
            });
        }
        if words.len() <= SHORT {
            for message in self.task.history.iter().rev().take(3) {
                let said = noise::without_noise(&message.content);
                let lowered = text::Lowered::new(&said.beginning(BEFORE));
                loose_words(lowered.text(), |word| {
                    to.further_place(place(word ^ OF_BEFORE))
                });
            }
        }
    }

    /// The places of some of the words.
    #[inline(always)]
    fn part(&self, words: &[Word<'_>], part: Range<usize>, to: &mut impl Takes) {
        let before = part.start.checked_sub(1).map(|at| &words[at]);
        let mut last = before.map_or(0, own_hash);
        for (at, word) in part.clone().zip(&words[part]) {
            let own = own_hash(word);
            to.next_word();
            to.place(place(own));
            if at > 0 {
                to.place(place(last.rotate_left(23) ^ own ^ PAIR));
            }
            if at < EARLY {
                to.place(place(own ^ OF_BEGINNING));
            }
            match at {
                0 => to.place(place(own ^ FIRST)),
                1 => to.place(place(last.rotate_left(23) ^ own ^ FIRST_PAIR)),
                _ => {}
            }
            last = own;
            if at + 1 >= words.len() {
                to.place(place(own ^ LAST));
            }
            let length = word.text.len();
            if length > 4 {
                let four = word.first & 0xffff_ffff;
                to.place(place(four.wrapping_mul(FOUR)));
                if length > 5 {
                    let five = word.first & 0xff_ffff_ffff;
                    to.place(place(five.wrapping_mul(FIVE)));
                }
            }
            // Scripts that write no spaces: each two signs that stand together.
            if word.is(HAS_SIGNS) {
                let mut signs = word.text.chars().map(u64::from);
                let mut one = signs.next().unwrap_or(0);
                for next in signs {
                    to.further_place(place((one << 32 | next) ^ SIGNS));
                    one = next;
                }
            }
        }
    }

    /// Every hand-made place. Neither length nor what the rules found is among them: both make plain tasks in few words look light.
    pub(crate) fn hand(&self, mut add: impl FnMut(u32)) {
        let said = [
            true,
            self.code.has_code,
            self.code.callable,
            !self.task.history.is_empty(),
            self.said.counts.questions > 0,
        ];
        for (at, said) in (0..).zip(said) {
            if said {
                add(at);
            }
        }
        if !self.kind.is_empty() {
            add(32 + (hash(self.kind.as_bytes()).wrapping_mul(MIX) >> 59) as u32);
        }
    }
}

/// The hashes of runs of letters and digits.
fn loose_words(text: &str, mut each: impl FnMut(u64)) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    for word in text
        .as_bytes()
        .split(|byte| !is_part(*byte))
        .filter(|word| !word.is_empty())
    {
        each(hash(word));
    }
}

fn scale(at: usize) -> f32 {
    f32::from_le_bytes([TABLE[at], TABLE[at + 1], TABLE[at + 2], TABLE[at + 3]])
}

/// The raised weights of a place, one in each 16 bits.
fn lanes(place: usize) -> u64 {
    let at = 8 + place * 4;
    let four = TABLE[at..]
        .first_chunk()
        .map_or(0, |four| u32::from_le_bytes(*four));
    let two = u64::from(four) | u64::from(four) << 16;
    let two = two & 0x0000_ffff_0000_ffff;
    (two | two << 8) & 0x00ff_00ff_00ff_00ff
}

/// Raised weights summed, one in each 16 bits: no more than 256 places fit.
#[derive(Clone, Copy, Default)]
struct Lanes {
    sums: u64,
    places: u32,
}

impl Lanes {
    const MOST: u32 = 256;

    fn add(&mut self, place: usize) {
        debug_assert!(self.places < Lanes::MOST);
        self.sums += lanes(place);
        self.places += 1;
    }

    fn tier(self, tier: usize) -> i32 {
        i32::from((self.sums >> (16 * tier)) as u16)
    }

    /// How much more it says for one tier than for all on average, four times. By how much the weights are raised falls out.
    fn for_tier(self, tier: usize) -> i32 {
        self.tier(tier) * 4 - (0..4).map(|other| self.tier(other)).sum::<i32>()
    }
}

/// Sums of weights, one for each tier.
#[derive(Default)]
struct Sums {
    /// What is not in `whole` yet.
    open: Lanes,
    whole: [i32; 4],
    places: u32,
}

impl Sums {
    fn add(&mut self, some: Lanes) {
        if self.open.places + some.places > Lanes::MOST {
            self.settle();
        }
        self.open.sums += some.sums;
        self.open.places += some.places;
    }

    fn settle(&mut self) {
        for (tier, whole) in self.whole.iter_mut().enumerate() {
            *whole += self.open.tier(tier) - RAISED * self.open.places as i32;
        }
        self.places += self.open.places;
        self.open = Lanes::default();
    }
}

/// The places of a text summed, and by word.
struct Taken {
    text: Sums,
    by_word: Vec<Lanes>,
    /// What is in neither of the two yet.
    own: Lanes,
    /// Whether that is of a word.
    of_word: bool,
    /// The places that stand there, a bit for each: what stands there twice says no more than once.
    seen: [u64; TEXT / 64],
}

impl Takes for Taken {
    #[inline(always)]
    fn next_word(&mut self) {
        self.no_word();
        self.of_word = true;
    }

    #[inline(always)]
    fn no_word(&mut self) {
        self.text.add(self.own);
        if self.of_word {
            self.by_word.push(self.own);
        }
        self.own = Lanes::default();
        self.of_word = false;
    }

    #[inline(always)]
    fn place(&mut self, place: u32) {
        let place = place as usize % TEXT;
        let bit = 1 << (place % 64);
        let seen = &mut self.seen[place / 64];
        if *seen & bit == 0 {
            *seen |= bit;
            self.own.add(place);
        }
    }

    #[inline(never)]
    fn further_place(&mut self, place: u32) {
        // A word without spaces may have more places than fit: what is over speaks for the text, and for no word.
        if self.own.places == Lanes::MOST {
            self.text.add(self.own);
            self.own = Lanes::default();
        }
        self.place(place);
    }
}

/// The bit of a word, by its hash.
pub(crate) fn known_bit(hash: u64) -> usize {
    (hash.wrapping_mul(MIX) >> (64 - KNOWN_BITS)) as usize
}

/// Whether enough of the words are of the training, so that the model has something to say. What is written without spaces is no word to look up.
pub(crate) fn is_known(words: &[Word<'_>]) -> bool {
    let read: usize = sampled(words).iter().map(Range::len).sum();
    let known = read_words(words).filter(|word| {
        let bit = known_bit(word.hash);
        TABLE[WORDS_AT + bit / 8] >> (bit % 8) & 1 == 1 || word.is(HAS_SIGNS)
    });
    known.count() * 2 > read
}

/// The shares of the tiers from 1 to 4, and the words that spoke most for the most probable one, strongest first.
#[inline(never)]
pub(crate) fn shares(read: &Read<'_>) -> ([f32; 4], Vec<String>) {
    const NAMED: usize = 3;
    let mut taken = Taken {
        text: Sums::default(),
        by_word: Vec::with_capacity(FIRST_WORDS + LAST_WORDS),
        own: Lanes::default(),
        of_word: false,
        seen: [0; TEXT / 64],
    };
    read.text(&mut taken);
    taken.no_word();
    let Taken {
        mut text, by_word, ..
    } = taken;
    text.settle();
    let mut hand = Sums::default();
    let mut own = Lanes::default();
    read.hand(|place| own.add(TEXT + place as usize % HAND));
    hand.add(own);
    hand.settle();
    let root = libm::sqrtf(text.places.max(1) as f32);
    let (of_text, of_hand) = (scale(0) / root, scale(4));
    let logits = std::array::from_fn(|tier| {
        text.whole[tier] as f32 * of_text + hand.whole[tier] as f32 * of_hand
    });
    let shares = softmax(logits);
    let best = most_probable(&shares);
    let mut strongest: Vec<(i32, usize)> = Vec::with_capacity(NAMED + 1);
    let read_words = sampled(read.said.words).into_iter().flatten();
    for (at, own) in read_words.zip(&by_word) {
        let says = own.for_tier(best);
        if says > 0 && (strongest.len() < NAMED || says > strongest[NAMED - 1].0) {
            let before = strongest.partition_point(|(other, _)| *other >= says);
            strongest.insert(before, (says, at));
            strongest.truncate(NAMED);
        }
    }
    let words = strongest
        .iter()
        .map(|(_, at)| read.said.words[*at].text.to_owned())
        .collect();
    (shares, words)
}

/// Which share is the largest; the higher tier where two are alike.
pub(crate) fn most_probable(shares: &[f32; 4]) -> usize {
    (1..4).fold(0, |best, tier| {
        if shares[tier] >= shares[best] {
            tier
        } else {
            best
        }
    })
}

fn softmax(logits: [f32; 4]) -> [f32; 4] {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers = logits.map(|logit| libm::expf(logit - most));
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// From this share of the fourth tier on a task is not sent below the third, whatever is most probable; and where it then stands. Chosen on tasks of
/// sittings that were left out: a third of a point of accuracy is given for a seventh of the dear mistakes.
const TOO_LIKELY: f32 = 0.35;
const HARD: i32 = 48;
/// Where the first and the second tier are so near to each other, a light act decides for the first; and where the task then stands.
const NEAR: f32 = 0.2;
const EASY: i32 = 17;

/// The shares as complexity: the middle of the most probable tier's range, moved within it by how much speaks for the tiers on either side.
/// `light` tells that the rules see an act of one step.
pub(crate) fn complexity(shares: &[f32; 4], light: bool) -> i32 {
    const MIDDLES: [(f32, f32); 4] = [(9.0, 8.0), (32.0, 10.0), (57.0, 10.0), (84.0, 12.0)];
    let best = most_probable(shares);
    let above: f32 = shares[best + 1..].iter().sum();
    let below: f32 = shares[..best].iter().sum();
    if best == 1 && light && shares[0] >= shares[1] - NEAR {
        return EASY;
    }
    if best < 2 && shares[3] >= TOO_LIKELY {
        return HARD;
    }
    let (middle, reach) = MIDDLES[best];
    libm::roundf(middle + reach * (above - below)) as i32
}
