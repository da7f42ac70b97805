//! What bytes are to words, a block of them at a time, and the hash of a word. It knows no language.

/// So many bytes are looked at together.
pub(crate) const BLOCK: usize = 64;

/// An odd constant of the multiplicative hash: 2^64 over the golden ratio (Knuth, TAOCP 3, 6.4).
pub(crate) const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a byte does to the word that it stands in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Class {
    /// Part of a word.
    Letter,
    /// Ends a word and does no more.
    Gap,
    /// Ends a word and does more: a quotation mark, the end of a sentence.
    Mark,
    /// The first byte of a character that takes several.
    Wide,
}

/// The class of each byte.
pub(crate) const CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        if value.is_ascii_alphanumeric() || value == b'_' {
            classes[byte] = Class::Letter;
        } else if !value.is_ascii() {
            classes[byte] = Class::Wide;
        } else if matches!(value, b'\'' | b'`' | b'"' | b'.' | b'!' | b'?' | b';') {
            classes[byte] = Class::Mark;
        }
        byte += 1;
    }
    classes
};

/// Whether a byte is part of a word of ASCII.
pub(crate) fn is_letter(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == Class::Letter
}

/// What is counted in a text, all in one walk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// All of it is ASCII.
    pub(crate) is_ascii: bool,
    /// First bytes of characters of three bytes or more.
    pub(crate) wide: usize,
    pub(crate) newlines: usize,
    pub(crate) stops: usize,
    pub(crate) questions: usize,
    /// Signs that open a tag.
    pub(crate) opens: usize,
}

impl Counts {
    /// Counted in bytes, as many at a time as vector instructions take in whole sixteens without a sum passing 255.
    #[inline(never)]
    pub(crate) fn of(bytes: &[u8]) -> Counts {
        let mut counts = Counts::default();
        let mut all = 0_u8;
        for run in bytes.chunks(RUN) {
            let mut sums = [0_u8; 5];
            for &byte in run {
                all |= byte;
                sums[0] += u8::from(byte >= 0xe0);
                sums[1] += u8::from(byte == b'\n');
                sums[2] += u8::from(byte == b'.');
                sums[3] += u8::from(byte == b'?');
                sums[4] += u8::from(byte == b'<');
            }
            let [wide, newlines, stops, questions, opens] = sums.map(usize::from);
            counts.wide += wide;
            counts.newlines += newlines;
            counts.stops += stops;
            counts.questions += questions;
            counts.opens += opens;
        }
        counts.is_ascii = all.is_ascii();
        counts
    }
}

/// So many bytes are counted in sums of a byte each.
const RUN: usize = 240;

/// How many bytes are so, counted as [`Counts`] are.
#[inline(never)]
pub(crate) fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    bytes
        .chunks(RUN)
        .map(|run| {
            usize::from(
                run.iter()
                    .fold(0_u8, |sum, byte| sum + u8::from(is_so(*byte))),
            )
        })
        .sum()
}

/// Whether all bytes are ASCII. Many bytes are joined before they are looked at, which vector instructions do sixteen at once; the standard
/// library's own looks at four at once in WebAssembly.
#[inline(never)]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    const JOINED: usize = 4 << 10;
    let joined = |part: &[u8]| part.iter().fold(0_u8, |all, byte| all | byte);
    bytes.chunks(JOINED).all(|part| joined(part).is_ascii())
}

/// The letters and the marks of a block, a bit for each byte, the first one lowest.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) fn letters_and_marks(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut letters, mut marks) = (0, 0);
    for (at, byte) in block.iter().enumerate() {
        let class = CLASSES[usize::from(*byte)];
        letters |= u64::from(class == Class::Letter) << at;
        marks |= u64::from(class == Class::Mark) << at;
    }
    (letters, marks)
}

/// The letters and the marks of a block, a bit for each byte, the first one lowest.
///
/// Sixteen bytes at once: a byte is of a class where what its lower half may be and what its upper half may be have a bit in common.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) fn letters_and_marks(block: &[u8; BLOCK]) -> (u64, u64) {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_swizzle, u8x16_gt, u8x16_shr, u8x16_splat, v128, v128_and,
    };
    let table = |of: &[u8; 16]| -> v128 {
        // SAFETY: both types are sixteen bytes that may be anything.
        unsafe { core::mem::transmute(*of) }
    };
    let (lower, upper, low, none) = (
        table(&HALVES.0),
        table(&HALVES.1),
        u8x16_splat(0x0f),
        u8x16_splat(0),
    );
    let (mut letters, mut marks) = (0, 0);
    let (parts, _) = block.as_chunks::<16>();
    for (at, part) in parts.iter().enumerate() {
        let part = table(part);
        let classes = v128_and(
            i8x16_swizzle(lower, v128_and(part, low)),
            i8x16_swizzle(upper, u8x16_shr(part, 4)),
        );
        let of = |bits: u8| {
            u64::from(i8x16_bitmask(u8x16_gt(
                v128_and(classes, u8x16_splat(bits)),
                none,
            )))
        };
        letters |= of(OF_LETTERS) << (16 * at);
        marks |= of(OF_MARKS) << (16 * at);
    }
    (letters, marks)
}

/// The bits of letters by their upper halves, and those of marks.
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
const OF_LETTERS: u8 = 0b0001_1111;
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
const OF_MARKS: u8 = 0b1110_0000;

/// For each lower and each upper half of a byte the bits of what it may be: a bit for letters with one upper half (or two that are alike) and
/// one for the marks with one.
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
const HALVES: ([u8; 16], [u8; 16]) = {
    // The upper halves 4 and 6 hold the same letters, and so do 5 and 7, but for the `_` of 5.
    const BITS: [u8; 16] = {
        let mut bits = [0; 16];
        bits[2] = 1 << 5;
        bits[3] = 1 | 1 << 6;
        bits[4] = 1 << 1;
        bits[5] = 1 << 2 | 1 << 3;
        bits[6] = 1 << 1 | 1 << 7;
        bits[7] = 1 << 2;
        bits
    };
    let mut lower = [0; 16];
    let mut byte = 0;
    while byte < 128 {
        let (low, high) = (byte % 16, byte / 16);
        lower[low] |= match CLASSES[byte] {
            Class::Letter if byte == b'_' as usize => 1 << 3,
            Class::Letter => BITS[high] & OF_LETTERS & !(1 << 3),
            Class::Mark => BITS[high] & OF_MARKS,
            _ => 0,
        };
        byte += 1;
    }
    (lower, BITS)
};

/// The bytes from `start` to `end`, eight of them at most, the first one lowest. Eight have to stand behind `start`.
pub(crate) fn first_eight(bytes: &[u8], start: usize, end: usize) -> u64 {
    let eight = bytes[start..]
        .first_chunk::<8>()
        .map_or(0, |eight| u64::from_le_bytes(*eight));
    eight & LOWEST[(end - start).min(8)]
}

/// So many of the lowest bytes of eight.
const LOWEST: [u64; 9] = {
    let mut masks = [u64::MAX; 9];
    let mut bytes = 0;
    while bytes < 8 {
        masks[bytes] = (1 << (8 * bytes)) - 1;
        bytes += 1;
    }
    masks
};

/// The hash of a word whose first eight bytes are known: the same as [`hash`] of its bytes.
///
/// Words come in all lengths, which no branch predictor foresees: most are shorter than eight bytes, and no more than that is asked by a jump.
pub(crate) fn hash_of(bytes: &[u8], first: u64) -> u64 {
    match bytes.len() {
        length @ 0..8 => (length as u64 ^ overlapping(first, length)).wrapping_mul(MIX),
        _ => hash(bytes),
    }
}

/// A step of the hash by eight bytes.
fn mixed(hash: u64, eight: u64) -> u64 {
    let hash = (hash ^ eight).wrapping_mul(MIX);
    hash ^ hash >> 32
}

/// Fewer than eight bytes as one number: as they are, or four from the beginning and four from the end, which may overlap.
fn overlapping(bytes: u64, length: usize) -> u64 {
    let from_the_end = bytes >> (8 * length.saturating_sub(4) as u32 % 64);
    let both = bytes & 0xffff_ffff | from_the_end << 32;
    if length < 4 { bytes } else { both }
}

/// A hash of some bytes, eight at a time.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let hash = chunks.iter().fold(bytes.len() as u64, |hash, chunk| {
        mixed(hash, u64::from_le_bytes(*chunk))
    });
    let last = match *rest {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        [a, b, c, d, ref more @ ..] => {
            let low = u64::from(u32::from_le_bytes([a, b, c, d]));
            // Four bytes from the end, which may overlap the first four.
            let tail = match *more {
                [] => [a, b, c, d],
                [e] => [b, c, d, e],
                [e, f] => [c, d, e, f],
                [e, f, g, ..] => [d, e, f, g],
            };
            low | u64::from(u32::from_le_bytes(tail)) << 32
        }
    };
    (hash ^ last).wrapping_mul(MIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_byte_tell_its_class_as_the_table_does() {
        for byte in 0..=255_u8 {
            let bits = HALVES.0[usize::from(byte % 16)] & HALVES.1[usize::from(byte / 16)];
            let class = CLASSES[usize::from(byte)];
            assert_eq!(bits & OF_LETTERS != 0, class == Class::Letter, "{byte}");
            assert_eq!(bits & OF_MARKS != 0, class == Class::Mark, "{byte}");
        }
    }

    #[test]
    fn a_byte_that_is_no_ascii_is_found_wherever_it_stands() {
        assert!(is_ascii(b""));
        for length in [1, 15, 16, 17, 130, 4_099] {
            let mut bytes = vec![b'a'; length];
            assert!(is_ascii(&bytes), "{length}");
            for at in (0..length).step_by(1 + length / 100) {
                bytes[at] = 0x80;
                assert!(!is_ascii(&bytes), "{at} of {length}");
                bytes[at] = 0x7f;
            }
        }
    }

    #[test]
    fn hashes_stay_what_tables_and_snapshots_hold() {
        let text = b"abcdefghijklmnopq";
        let found = [0, 3, 7, 8, 9, 17].map(|length| hash(&text[..length]));
        let known: [u64; 6] = [
            0,
            0xe091_d58b_3a22_8a0a,
            0xce93_961d_6b4c_7a5e,
            0x78d7_9b94_f2f4_85ff,
            0xb59f_9daa_975c_7d94,
            0xfb7e_5f5c_5112_4b4c,
        ];
        assert_eq!(found, known);
    }

    #[test]
    fn the_hash_of_a_word_is_the_same_by_its_first_bytes() {
        let text = *b"abcdefghijklmnopqrstuvwxyzABCDEFGH";
        for start in 0..8 {
            for end in start..26 {
                let word = &text[start..end];
                let first = first_eight(&text, start, end);
                assert_eq!(hash_of(word, first), hash(word), "{start}..{end}");
            }
        }
    }
}
