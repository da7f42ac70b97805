//! What the ledger costs a task: money set aside from a leased block and the settlement handed over, which is all that a task does for it; the
//! row `started` with its reservation, committed before dispatch; the settlement's commit; outcomes a second; the hand-over of one outcome.
//!
//! `cargo bench --bench store`; with `-- --test` each measurement is made a few times, to see that it works.

use std::time::Instant;

use hdrhistogram::Histogram;
use tinydancer::money::Picodollars;
use tinydancer::store::{Begin, Recorded, ScopeLimit};
use tinydancer::{Outcome, Status};

mod support;

use support::{host, source, task};

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let (calls, outcomes) = if smoke { (20, 200) } else { (5_000, 200_000) };
    let (runtime, host, _home) = host();
    runtime.block_on(async {
        let template = host.run(task(&source(100))).await.outcome;
        let store = host.store();
        let row = |id: String| Outcome {
            id,
            ..template.clone()
        };

        println!("{:<44} {:>10} {:>10}", "", "p50", "p99");
        let (mut money, mut begun, mut settled) = (histogram(), histogram(), histogram());
        for at in 0..calls {
            let begin = Begin {
                outcome: Outcome {
                    status: Status::Started,
                    ..row(format!("call-{at}"))
                },
                day: host.today(),
                bound: Picodollars::new(10),
                limit: Some(Picodollars::new(1_000_000_000)),
                scopes: vec![ScopeLimit {
                    scope: "hour of the bench".into(),
                    limit: Picodollars::new(1_000_000_000),
                }],
            };
            let at_begin = Instant::now();
            let started = store.begin(begin);
            let reserve = nanoseconds(at_begin);
            let reservation = started.await.expect("the limit reaches");
            begun.saturating_record(nanoseconds(at_begin));
            let end = Outcome {
                cost: Picodollars::new(7),
                ..row(format!("call-{at}"))
            };
            let at_end = Instant::now();
            let booked = reservation.settle(end, Picodollars::new(7), None);
            money.saturating_record(reserve + nanoseconds(at_end));
            booked.await.expect("the store can be written");
            settled.saturating_record(nanoseconds(at_end));
        }
        report("reserve + settle, in memory", &money);
        report("begin: committed before dispatch", &begun);
        report("settle: committed", &settled);

        let mut handed = histogram();
        let at_start = Instant::now();
        for at in 0..outcomes {
            let one = row(format!("outcome-{at}"));
            let at_record = Instant::now();
            let kept = store.record(one, None).await;
            handed.saturating_record(nanoseconds(at_record));
            assert!(matches!(kept, Recorded::Queued), "{kept:?}");
        }
        store.flush().await.expect("the store can be written");
        let took = at_start.elapsed();
        report("record in a flood: handed over", &handed);
        println!(
            "{outcomes} outcomes written in {:.2} s: {:.0} a second",
            took.as_secs_f64(),
            f64::from(outcomes) / took.as_secs_f64()
        );
    });
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}

fn report(name: &str, times: &Histogram<u64>) {
    let at = |quantile: f64| format!("{:.1} µs", times.value_at_quantile(quantile) as f64 / 1e3);
    println!("{name:<44} {:>10} {:>10}", at(0.5), at(0.99));
}
