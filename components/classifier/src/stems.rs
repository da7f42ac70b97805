//! Finds the stems of the cue tables among words, and cues of several stems that stand close together. What they are worth is `score`'s.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::cues::{ACTS, CLOSES, Group, HOLES, LOOKS, MATTERS};
use crate::text::Word;

/// How many words apart the stems of one cue may stand.
const WINDOW: usize = 6;

/// A stem of the tables and the cues that it is part of.
pub(crate) struct Stem {
    text: &'static str,
    /// Its first eight bytes, and which of them it has.
    first: u64,
    mask: u64,
    whole: bool,
    pub(crate) id: u16,
}

impl Stem {
    fn new(written: &'static str, id: u16) -> Stem {
        let (whole, text) = written
            .strip_prefix('=')
            .map_or((false, written), |text| (true, text));
        let mut first = [0; 8];
        let mut mask = [0; 8];
        for (at, byte) in text.bytes().take(8).enumerate() {
            (first[at], mask[at]) = (byte, 0xff);
        }
        Stem {
            text,
            first: u64::from_le_bytes(first),
            mask: u64::from_le_bytes(mask),
            whole,
            id,
        }
    }

    pub(crate) fn fits(&self, word: &Word<'_>) -> bool {
        (word.first ^ self.first) & self.mask == 0
            && (!self.whole || word.text.len() == self.text.len())
            && (self.text.len() <= 8 || word.text.starts_with(self.text))
    }
}

pub(crate) struct Tables {
    /// By a hash of the first three bytes.
    stems: Vec<Vec<Stem>>,
    /// The places of `stems` that are not empty, a bit for each.
    used: [u64; 16],
    /// The act that a stem stands for, by the stem's number.
    pub(crate) acts: Vec<Option<Group>>,
    pub(crate) matters: Vec<(Group, Vec<u16>)>,
    /// The matters that begin with a stem, by the stem's number.
    pub(crate) begins: Vec<Vec<u16>>,
}

impl Tables {
    pub(crate) fn of(&self, word: &Word<'_>) -> &[Stem] {
        let at = shelf(word.first);
        if self.used[at / 64] >> (at % 64) & 1 == 1 {
            &self.stems[at]
        } else {
            &[]
        }
    }
}

/// Where stems with these first three bytes are listed. Only whole words are shorter.
fn shelf(first: u64) -> usize {
    ((first as u32 & 0x00ff_ffff).wrapping_mul(0x9e37_79b1) >> 22) as usize
}

pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut ids: BTreeMap<&'static str, u16> = BTreeMap::new();
        let mut id = |stem: &'static str| {
            let next = u16::try_from(ids.len()).unwrap_or(u16::MAX);
            *ids.entry(stem).or_insert(next)
        };
        let listed: Vec<(Group, u16)> = ACTS
            .iter()
            .flat_map(|(group, list)| list.split(' ').map(|stem| (*group, stem)))
            .map(|(group, stem)| (group, id(stem)))
            .collect();
        let mut matters: Vec<(Group, Vec<u16>)> = MATTERS
            .iter()
            .flat_map(|(group, list)| list.split(' ').map(|cue| (*group, cue)))
            .map(|(group, cue)| (group, cue.split('+').map(&mut id).collect()))
            .collect();
        for (group, words) in [(Group::Security, LOOKS), (Group::Hole, CLOSES)] {
            for hole in HOLES.split(' ') {
                let hole: Vec<u16> = hole.split('+').map(&mut id).collect();
                for word in words.split(' ') {
                    let stems = hole.iter().copied().chain([id(word)]).collect();
                    matters.push((group, stems));
                }
            }
        }
        debug_assert!(ids.len() <= MOST);
        let mut acts = vec![None; ids.len()];
        // Where a stem is listed twice the first listing counts.
        for (group, id) in listed.into_iter().rev() {
            acts[usize::from(id)] = Some(group);
        }
        let mut stems: Vec<Vec<Stem>> = (0..1 << 10).map(|_| Vec::new()).collect();
        for (&written, &id) in &ids {
            let stem = Stem::new(written, id);
            stems[shelf(stem.first)].push(stem);
        }
        let mut used = [0; 16];
        for (at, _) in stems
            .iter()
            .enumerate()
            .filter(|(_, here)| !here.is_empty())
        {
            used[at / 64] |= 1_u64 << (at % 64);
        }
        let mut begins = vec![Vec::new(); ids.len()];
        for (at, (_, stems)) in (0..).zip(&matters) {
            begins[usize::from(stems[0])].push(at);
        }
        Tables {
            stems,
            used,
            acts,
            matters,
            begins,
        }
    })
}

/// As many stems as the tables may have; a power of two. The tests of this crate would see more.
const MOST: usize = 1 << 11;

/// Where a stem stands, and the next place where it does, as an index of `Found::places` raised by one.
struct Place {
    at: u32,
    next: u16,
}

/// Where the stems stand among the words.
pub(crate) struct Found {
    /// By place, each chained to the next one of its stem.
    places: Vec<Place>,
    /// The first and the last place of each stem, as an index raised by one; 0 for a stem that stands nowhere.
    chains: [(u16, u16); MOST],
    /// The stems that stand anywhere, a bit for each.
    present: [u64; MOST / 64],
}

impl Found {
    #[inline(never)]
    pub(crate) fn new(words: &[Word<'_>], tables: &Tables) -> Found {
        let mut found = Found {
            places: Vec::with_capacity(64),
            chains: [(0, 0); MOST],
            present: [0; MOST / 64],
        };
        for (at, word) in (0..).zip(words) {
            if word.negated || word.in_code {
                continue;
            }
            for stem in tables.of(word) {
                if stem.fits(word) {
                    found.add(stem.id, at);
                }
            }
        }
        found
    }

    fn add(&mut self, stem: u16, at: u32) {
        // The text that is read has fewer words by far.
        let Ok(own) = u16::try_from(self.places.len() + 1) else {
            return;
        };
        self.places.push(Place { at, next: 0 });
        let stem = usize::from(stem) % MOST;
        let (first, last) = &mut self.chains[stem];
        match self.places.get_mut(usize::from(*last).wrapping_sub(1)) {
            Some(before) => before.next = own,
            None => *first = own,
        }
        *last = own;
        self.present[stem / 64] |= 1 << (stem % 64);
    }

    /// The stems that stand anywhere, ascending.
    pub(crate) fn stems(&self) -> impl Iterator<Item = usize> + '_ {
        (0..).zip(&self.present).flat_map(|(at, bits)| {
            let mut bits = *bits;
            std::iter::from_fn(move || {
                let next = bits.trailing_zeros() as usize;
                bits &= bits.checked_sub(1)?;
                Some(at * 64 + next)
            })
        })
    }

    fn has(&self, stem: u16) -> bool {
        let stem = usize::from(stem) % MOST;
        self.present[stem / 64] >> (stem % 64) & 1 == 1
    }

    fn of(&self, stem: u16) -> impl Iterator<Item = usize> + '_ {
        let (first, _) = self.chains[usize::from(stem) % MOST];
        let place = |index: u16| self.places.get(usize::from(index).wrapping_sub(1));
        std::iter::successors(place(first), move |own| place(own.next)).map(|own| own.at as usize)
    }

    /// The places of a cue's stems, close to each other in one sentence.
    pub(crate) fn cue(&self, stems: &[u16], words: &[Word<'_>]) -> Option<Vec<usize>> {
        if !stems.iter().all(|stem| self.has(*stem)) {
            return None;
        }
        self.of(*stems.first()?).find_map(|start| {
            let mut at = vec![start];
            for stem in &stems[1..] {
                let next = self.of(*stem).find(|&next| {
                    next != start
                        && next.abs_diff(start) <= WINDOW
                        && words[next].sentence == words[start].sentence
                })?;
                at.push(next);
            }
            Some(at)
        })
    }
}
