//! What the learner sees: hand-made features and hashed words, as a sparse vector.
//!
//! A word's place is the FNV-1a hash of it (Fowler, Noll, Vo; 64 bit), so the words cannot be read back; whoever has a dictionary can hash
//! it and compare.

use crate::Features;
use crate::Task;
use crate::code::CodeFacts;
use crate::text::Word;

/// Places below this are the hand-made features; the hashed words follow.
const HAND: u32 = 64;
/// How many places hashed words share.
const BUCKETS: u64 = 8_192;
/// So many words are hashed.
const WORDS: usize = 256;

/// FNV-1a, 64 bit: offset basis and prime as published.
fn hash(parts: &[&str]) -> u64 {
    parts
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

pub(crate) fn features(
    task: &Task,
    words: &[Word<'_>],
    complexity: u8,
    code: &CodeFacts,
    kind: &str,
) -> Features {
    let flag = |set: bool| if set { 1.0_f32 } else { 0.0 };
    let length = libm::log2f(1.0 + words.len() as f32) / 16.0;
    let hand = [
        1.0,
        f32::from(complexity) / 100.0,
        length,
        flag(code.has_code),
        flag(code.callable),
        libm::log2f(1.0 + code.lines as f32) / 16.0,
        flag(!task.history.is_empty()),
        flag(task.cross_component),
        flag(task.database),
        flag(task.external_apis),
    ];
    let mut places: Vec<(u32, f32)> = hand
        .iter()
        .enumerate()
        .map(|(at, value)| (u32::try_from(at).unwrap_or(0), *value))
        .collect();
    let small = |hash: u64| u32::try_from(hash % 16).unwrap_or(0);
    if !kind.is_empty() {
        places.push((32 + small(hash(&["kind", kind])), 0.5));
    }
    if !task.domain.is_empty() {
        places.push((48 + small(hash(&["domain", &task.domain])), 0.5));
    }
    let mut hashed: Vec<u32> = Vec::with_capacity(2 * words.len().min(WORDS));
    let place = |hash: u64| HAND + u32::try_from(hash % BUCKETS).unwrap_or(0);
    let spoken: Vec<&str> = words.iter().take(WORDS).map(|word| word.text).collect();
    hashed.extend(spoken.iter().map(|word| place(hash(&[word]))));
    hashed.extend(spoken.windows(2).map(|pair| place(hash(pair))));
    hashed.sort_unstable();
    // Words together have length 1, so that long instructions do not outweigh short ones.
    hashed.dedup();
    let value = if hashed.is_empty() {
        0.0
    } else {
        1.0 / libm::sqrtf(hashed.len() as f32)
    };
    places.extend(hashed.into_iter().map(|at| (at, value)));
    places.retain(|(_, value)| *value != 0.0);
    places.sort_unstable_by_key(|(at, _)| *at);
    places.dedup_by_key(|(at, _)| *at);
    let (indices, values) = places.into_iter().unzip();
    Features { indices, values }
}
