//! Programs of a small grammar, so that most inputs parse.

#![no_main]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use libfuzzer_sys::fuzz_target;
use tinydancer_fuzz::booster::check;
use tinydancer_fuzz::programs::{Program, count_of_var};

static TRIED: AtomicU64 = AtomicU64::new(0);
static PARSED: AtomicU64 = AtomicU64::new(0);
static CHANGED: AtomicU64 = AtomicU64::new(0);

fuzz_target!(|program: Program| {
    let alone = check(&program.text, program.way, &program.options);
    let tried = TRIED.fetch_add(1, Relaxed) + 1;
    if let Some(alone) = &alone {
        PARSED.fetch_add(1, Relaxed);
        CHANGED.fetch_add(
            u64::from(alone.iter().any(|done| done.sites_changed > 0)),
            Relaxed,
        );
        // The word stands in no string or comment of these programs: what is left of it is what was refused.
        let done = &alone[0];
        let refused = done.sites_refused.iter();
        let left =
            refused.filter(|site| program.text[site.span.start as usize..].starts_with("var"));
        assert_eq!(count_of_var(&done.text), left.count(), "{}", done.text);
    }
    // A suite that reads nothing shows nothing.
    if tried.is_power_of_two() && tried >= 1024 {
        eprintln!(
            "programs: {tried}, of which {} parse and {} change",
            PARSED.load(Relaxed),
            CHANGED.load(Relaxed)
        );
    }
});
