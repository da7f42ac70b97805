//! What the fuzzing targets share: what must hold for any source text, and programs made of a fuzzer's bytes.

pub mod booster;
pub mod programs;
