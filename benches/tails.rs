//! Tails, which criterion does not give: p50, p99 and p99.9 by a histogram, over the tier-0 path and the decision, and the largest
//! source whose p99 stays under a millisecond.
//!
//! `cargo bench --bench tails`; with `-- --test` each measurement is made a few times, to see that it works.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

mod support;

use support::{Decider, host, instruction, source, task};

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let rounds = if smoke { 20 } else { 5_000 };
    let (runtime, host, _home) = host();
    println!("{:<24} {:>10} {:>10} {:>10}", "", "p50", "p99", "p99.9");
    for bytes in [1024, 4096] {
        let task = task(&source(bytes));
        let mut stages = [(); 3].map(|()| histogram());
        let whole = measure(rounds, || {
            let one = task.clone();
            let began = Instant::now();
            let done = runtime.block_on(host.run(one));
            let took = began.elapsed();
            assert!(done.result.is_ok());
            let spent = &done.outcome.durations;
            for (stage, spent) in
                stages
                    .iter_mut()
                    .zip([spent.classify, spent.decide, spent.transform])
            {
                stage.saturating_record(spent);
            }
            took
        });
        report(&format!("tier0_path/{bytes}"), &whole);
        for (name, stage) in ["classify", "decide", "transform"].iter().zip(&stages) {
            report(&format!("  of that {name}"), stage);
        }
    }
    let decider = Decider::new();
    let asked = tinydancer::Task::new(instruction(1024)).to_contract();
    report(
        "decision/1024",
        &measure(rounds, || {
            let began = Instant::now();
            let tier = decider.decide(&asked);
            let took = began.elapsed();
            assert!(tier > 0);
            took
        }),
    );

    let mut largest = 0;
    for bytes in [8, 12, 16, 20, 24, 28, 32, 40, 48].map(|kib| kib * 1024) {
        let task = task(&source(bytes));
        let times = measure(rounds / 5, || {
            let one = task.clone();
            let began = Instant::now();
            let done = runtime.block_on(host.run(one));
            let took = began.elapsed();
            assert!(done.result.is_ok());
            took
        });
        report(&format!("tier0_path/{bytes}"), &times);
        if times.value_at_quantile(0.99) >= 1_000_000 {
            break;
        }
        largest = bytes;
    }
    println!("largest source with p99 under 1 ms: {largest} bytes");
}

fn measure(rounds: u64, mut once: impl FnMut() -> Duration) -> Histogram<u64> {
    let mut times = histogram();
    for _ in 0..rounds / 10 {
        once();
    }
    for _ in 0..rounds {
        times.saturating_record(u64::try_from(once().as_nanos()).unwrap_or(u64::MAX));
    }
    times
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}

fn report(name: &str, times: &Histogram<u64>) {
    let at = |quantile: f64| format!("{:.1} µs", times.value_at_quantile(quantile) as f64 / 1e3);
    println!(
        "{name:<24} {:>10} {:>10} {:>10}",
        at(0.5),
        at(0.99),
        at(0.999)
    );
}
