//! What the learner sees: hand-made features and hashed n-grams, as a sparse vector.
//!
//! Two blocks of hashed places: one for words, one for runs of four bytes. A place is set or not; the values of a block have
//! length 1 together, so that long texts do not outweigh short ones. The words cannot be read back; whoever has a dictionary can hash it and
//! compare.

use crate::Features;
use crate::Task;
use crate::bytes::{count, hash};
use crate::code::CodeFacts;
use crate::lexicon::IS_RELATION;
use crate::score::choice::Form;
use crate::text::{Said, Word};

/// Places below this are the hand-made features; the two blocks follow.
const HAND: u32 = 64;
/// How many places a block has.
const BLOCK: u32 = 1 << 12;
/// So many words are hashed.
const WORDS: usize = 320;
/// So many bytes of the text are hashed as runs of four: from its beginning and from its end.
const HEAD: usize = 1_536;
const TAIL: usize = 512;

/// A run is taken every so many bytes.
const BYTES_TO_A_RUN: usize = 8;
/// Room for the hand-made features and what [`Block::append`] needs.
const BY_HAND: usize = 24;

/// An odd constant of the multiplicative hash: 2^32 over the golden ratio.
const MIX_32: u32 = 0x9e37_79b1;

/// A block of places, a bit for each.
struct Block([u64; BLOCK as usize / 64]);

impl Block {
    fn new() -> Block {
        Block([0; BLOCK as usize / 64])
    }

    fn set(&mut self, place: u32) {
        let place = (place % BLOCK) as usize;
        self.0[place / 64] |= 1 << (place % 64);
    }

    /// Sets the places of words.
    #[inline(never)]
    fn set_words(&mut self, words: &[Word<'_>]) {
        let mut set = |word: &Word<'_>| self.set(top(word.hash));
        // Four in one round: what a round itself takes is as much as a word.
        let (rounds, rest) = words[..words.len().min(WORDS)].as_chunks::<4>();
        for round in rounds {
            round.iter().for_each(&mut set);
        }
        rest.iter().for_each(&mut set);
    }

    /// Sets the places of every other run of four bytes.
    #[inline(never)]
    fn set_runs(&mut self, bytes: &[u8]) {
        let mut set = |run: &[u8; BYTES_TO_A_RUN]| {
            let run = u32::from_le_bytes([run[0], run[1], run[2], run[3]]);
            self.set(run.wrapping_mul(MIX_32) >> 20);
        };
        // Eight in one round: what a round itself takes is as much as a run.
        let (rounds, rest) = bytes.as_chunks::<{ 8 * BYTES_TO_A_RUN }>();
        for round in rounds {
            round.as_chunks().0.iter().for_each(&mut set);
        }
        rest.as_chunks().0.iter().for_each(&mut set);
    }

    /// Appends the places that are set, `most` of them at most, ascending from `first`.
    #[inline(never)]
    fn append(&self, first: u32, most: usize, indices: &mut Vec<u32>) {
        let from = indices.len();
        // One more than there can be: two are written at once, also where only one is left.
        indices.resize(from + most + 1, 0);
        let mut free = from;
        for (at, bits) in (0..).zip(&self.0) {
            let mut bits = *bits;
            while bits != 0
                && let Some(two) = indices[free..].first_chunk_mut::<2>()
            {
                let rest = bits & (bits - 1);
                let place = |bits: u64| first + at * 64 + bits.trailing_zeros();
                *two = [place(bits), place(rest)];
                free += 1 + usize::from(rest != 0);
                bits = rest & rest.wrapping_sub(1);
            }
        }
        indices.truncate(free);
    }
}

/// Appends a value for each place that a block has added, such that they have length 1 together.
fn even_out(values: &mut Vec<f32>, places: usize) {
    let added = places - values.len();
    values.resize(places, 1.0 / libm::sqrtf(added.max(1) as f32));
}

/// The upper bits of a product are its best mixed ones.
fn top(hash: u64) -> u32 {
    (hash >> 52) as u32
}

/// What was found out about a task.
pub(crate) struct About<'a> {
    pub(crate) complexity: u8,
    pub(crate) form: Form,
    pub(crate) code: &'a CodeFacts,
    pub(crate) kind: &'a str,
}

/// The features of a task. `lowered` is what a person said in lower case.
pub(crate) fn features(task: &Task, lowered: &str, said: Said<'_>, about: &About<'_>) -> Features {
    let &About {
        complexity,
        form,
        code,
        kind,
    } = about;
    let flag = |set: bool| if set { 1.0_f32 } else { 0.0 };
    let words = said.words;
    let is_said = !lowered.trim().is_empty();
    let text = if is_said {
        lowered
    } else {
        task.files.first().map_or("", |file| file.text.as_str())
    };
    let bytes = text.as_bytes();
    // What is counted and hashed of a long text: its beginning and its end.
    let (head, tail) = if bytes.len() <= HEAD + TAIL {
        (bytes, &[][..])
    } else {
        (&bytes[..HEAD], &bytes[bytes.len() - TAIL..])
    };
    let ends = if is_said && tail.is_empty() {
        said.counts.stops + said.counts.questions
    } else {
        let is_end = |byte| matches!(byte, b'.' | b'?');
        count(head, is_end) + count(tail, is_end)
    };
    let length = (head.len() + tail.len()) as f32;
    let relations = if said.flags & IS_RELATION == 0 {
        0.0
    } else {
        let read = words.iter().take(WORDS);
        read.filter(|word| word.is(IS_RELATION)).count() as f32
    };
    // Each around what is usual in one-paragraph questions, so that none of them moves a usual task.
    let load = if bytes.is_empty() {
        [0.0; 3]
    } else {
        [
            libm::logf(1.0 + length) - 5.7,
            libm::logf(1.0 + length / (1.0 + ends as f32)) - 4.5,
            libm::logf(1.0 + relations) - 0.7,
        ]
    };
    let hand = [
        1.0,
        f32::from(complexity) / 100.0,
        load[0],
        load[1],
        load[2],
        flag(code.has_code),
        flag(code.callable),
        libm::logf(1.0 + code.lines as f32) / 8.0,
        flag(!task.history.is_empty()),
        flag(task.cross_component),
        flag(task.database),
        flag(task.external_apis),
        form.alike,
        form.sums,
        form.formulae,
    ];
    let read = (words.len().min(WORDS), length as usize / BYTES_TO_A_RUN);
    let mut indices = Vec::with_capacity(BY_HAND + read.0 + read.1);
    let mut by_hand = Vec::with_capacity(BY_HAND);
    let mut push = |place: u32, value: f32| {
        if value != 0.0 {
            indices.push(place);
            by_hand.push(value);
        }
    };
    for (place, value) in (0..).zip(hand) {
        push(place, value);
    }
    // How hard it is, in steps of ten points: what the rules say is corrected by step where outcomes show another picture.
    push(16 + u32::from(complexity) / 10, 1.0);
    let sixteenth = |text: &str| top(hash(text.as_bytes())) % 16;
    if !kind.is_empty() {
        push(32 + sixteenth(kind), 0.5);
    }
    if !task.domain.is_empty() {
        push(48 + sixteenth(&task.domain), 0.5);
    }

    let mut block = Block::new();
    block.set_words(words);
    block.append(HAND, read.0, &mut indices);
    let words_end = indices.len();
    let mut block = Block::new();
    block.set_runs(head);
    block.set_runs(tail);
    block.append(HAND + BLOCK, read.1, &mut indices);
    // As much room as is needed: what is over would be copied away.
    let mut values = Vec::with_capacity(indices.len());
    values.append(&mut by_hand);
    even_out(&mut values, words_end);
    even_out(&mut values, indices.len());
    Features { indices, values }
}
