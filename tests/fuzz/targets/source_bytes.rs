//! Any bytes as a source file. The first two characters say how it is read and what is vouched for; a seed begins with `00`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinydancer_fuzz::booster::{ODD_WAYS, WAYS, check, options};

fuzz_target!(|bytes: &[u8]| {
    let [way, granted, text @ ..] = bytes else {
        return;
    };
    let choice = |byte: &u8| usize::from(byte.wrapping_sub(b'0'));
    let ways: Vec<_> = WAYS.iter().chain(&ODD_WAYS).collect();
    let text = String::from_utf8_lossy(text);
    check(
        &text,
        ways[choice(way) % ways.len()],
        &options(choice(granted)),
    );
});
