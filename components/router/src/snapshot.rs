//! The learned state as bytes: `TDR3`, a length, the content, and an FNV-1a checksum of it. Little-endian; weights that were never touched
//! are left out. At most 353 KiB: 8,256 places of 34 bytes, 512 kinds of at most 157 bytes.

use crate::SnapshotError;
use crate::learner::{
    KINDS, Kind, LARGEST_MEAN, LARGEST_VARIANCE, Learner, PLACES, Watch, untouched,
};

const MAGIC: &[u8; 3] = b"TDR";
const VERSION: u8 = b'3';

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub(crate) fn write(learner: &Learner) -> Vec<u8> {
    let mut body = learner.count.to_le_bytes().to_vec();
    let touched: Vec<usize> = (0..PLACES)
        .filter(|at| learner.rows[*at] != untouched(*at))
        .collect();
    body.extend(length(touched.len()));
    for at in touched {
        let row = &learner.rows[at];
        body.extend(u16::try_from(at).unwrap_or(u16::MAX).to_le_bytes());
        for value in row.mean.iter().chain(&row.variance) {
            body.extend(value.to_le_bytes());
        }
    }
    body.extend(length(learner.kinds.len()));
    for (name, kind) in &learner.kinds {
        body.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        body.extend(name.as_bytes());
        for value in [
            kind.weight,
            kind.prior,
            kind.corrected,
            kind.seen,
            kind.complexity,
            kind.trust,
            kind.doubt,
        ] {
            body.extend(value.to_le_bytes());
        }
    }
    for watch in learner.watches {
        for value in [watch.seen, watch.worse, watch.better] {
            body.extend(value.to_le_bytes());
        }
    }
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend(length(body.len()));
    let sum = checksum(&body);
    bytes.extend(body);
    bytes.extend(sum.to_le_bytes());
    bytes
}

fn length(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

pub(crate) fn read(bytes: &[u8]) -> Result<Learner, SnapshotError> {
    let mut input = Input(bytes);
    if input.take::<3>()? != *MAGIC {
        return Err(SnapshotError::Malformed);
    }
    if input.take::<1>()? != [VERSION] {
        return Err(SnapshotError::Version);
    }
    let size = input.count()?;
    if input.0.len() != size.checked_add(8).ok_or(SnapshotError::Malformed)? {
        return Err(SnapshotError::Malformed);
    }
    let (body, sum) = input.0.split_at(size);
    if checksum(body).to_le_bytes() != *sum {
        return Err(SnapshotError::Checksum);
    }
    body_of(Input(body))
}

fn body_of(mut input: Input<'_>) -> Result<Learner, SnapshotError> {
    let mut learner = Learner {
        count: u64::from_le_bytes(input.take()?),
        ..Learner::default()
    };
    let mut last = None;
    for _ in 0..input.count()? {
        let at = usize::from(u16::from_le_bytes(input.take()?));
        if at >= PLACES || last.is_some_and(|last| at <= last) {
            return Err(SnapshotError::Malformed);
        }
        last = Some(at);
        let row = &mut learner.rows[at];
        for value in row.mean.iter_mut().chain(&mut row.variance) {
            *value = input.number()?;
        }
        let is_learned = row.mean.iter().all(|mean| mean.abs() <= LARGEST_MEAN)
            && (row.variance.iter()).all(|own| *own > 0.0 && *own <= LARGEST_VARIANCE);
        if !is_learned {
            return Err(SnapshotError::Malformed);
        }
    }
    for _ in 0..input.count()? {
        let [size] = input.take::<1>()?;
        if input.0.len() < usize::from(size) || learner.kinds.len() >= KINDS {
            return Err(SnapshotError::Malformed);
        }
        let (name, rest) = input.0.split_at(usize::from(size));
        input.0 = rest;
        let name = std::str::from_utf8(name).map_err(|_| SnapshotError::Malformed)?;
        let kind = Kind {
            weight: input.number()?,
            prior: input.number()?,
            corrected: input.number()?,
            seen: input.number()?,
            complexity: input.number()?,
            trust: input.number()?,
            doubt: input.number()?,
        };
        let is_learned = kind.seen >= 1.0
            && (0.0..=100.0).contains(&kind.complexity)
            && kind.trust.abs() <= LARGEST_MEAN
            && kind.doubt > 0.0
            && kind.doubt <= LARGEST_VARIANCE;
        if !is_learned {
            return Err(SnapshotError::Malformed);
        }
        learner.kinds.insert(name.to_owned(), kind);
    }
    for watch in &mut learner.watches {
        *watch = Watch {
            seen: input.number()?,
            worse: input.number()?,
            better: input.number()?,
        };
    }
    if input.0.is_empty() {
        Ok(learner)
    } else {
        Err(SnapshotError::Malformed)
    }
}

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let (first, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(SnapshotError::Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn count(&mut self) -> Result<usize, SnapshotError> {
        Ok(u32::from_le_bytes(self.take()?) as usize)
    }

    fn number(&mut self) -> Result<f32, SnapshotError> {
        let value = f32::from_le_bytes(self.take()?);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(SnapshotError::Malformed)
        }
    }
}
