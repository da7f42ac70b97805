//! What a call through the host costs on top of a vendor that answers at once on loopback, and where it goes: the decision, the committed row
//! `started`, the exchange itself, and what is ours beyond these. The settlement is committed behind the answer.
//!
//! `cargo bench --bench overhead`; with `-- --test` a few calls, to see that it works. `-- --soak [CALLS]` makes 100,000 calls instead and
//! watches the memory: it fails where the process grows by more than 16 MiB after the first tenth (Linux only).

mod support;

use std::sync::Arc;
use std::time::Instant;

use hdrhistogram::Histogram;
use tinydancer::money::Picodollars;
use tinydancer::provider::{Message, Request, Role, from_config};
use tinydancer::store::Begin;
use tinydancer::{Config, Host, Outcome, Progress, Status, Task, Tier};

/// The process may grow by so much between a tenth of the calls and their end. Allocators, SQLite's page cache and the caches of
/// the decision fill within the first tenth.
const MAY_GROW_KIB: u64 = 16 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let url = support::vendor::start();
    let home = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let host = Host::builder()
            .home(home.path())
            .config(config(&url))
            .build()
            .await
            .expect("a host");
        let host = Arc::new(host);
        match arguments.iter().position(|argument| argument == "--soak") {
            Some(place) => {
                let calls = arguments
                    .get(place + 1)
                    .and_then(|calls| calls.parse().ok());
                soak(&host, calls.unwrap_or(100_000)).await;
            }
            None => {
                let smoke = arguments.iter().any(|argument| argument == "--test");
                overhead(&host, &url, if smoke { 20 } else { 3_000 }).await;
            }
        }
        let host = Arc::into_inner(host).expect("every stream has ended");
        host.close().await.expect("the store can be written");
    });
}

fn config(url: &str) -> Config {
    let mut config = Config::default();
    config.providers.insert("claude".to_owned(), claude(url));
    config.budget.daily_limit = Some("1000000".to_owned());
    config
}

fn claude(url: &str) -> tinydancer::config::Provider {
    tinydancer::config::Provider {
        base_url: Some(url.to_owned()),
        // Every machine has this one, and no vendor takes it.
        api_key_env: Some("PATH".to_owned()),
        ..tinydancer::config::Provider::default()
    }
}

fn task() -> Task {
    let mut task = Task::new(support::instruction(1024));
    task.routing_tier = Some(Tier::Small);
    task
}

/// Rounds of one call each way, so that whatever else the machine does meets all alike.
async fn overhead(host: &Host, url: &str, rounds: usize) {
    let bare = from_config("claude", &claude(url), &|name| std::env::var(name).ok())
        .expect("the environment has a PATH");
    let request = Request {
        model: "claude-haiku-5-5".to_owned(),
        messages: vec![Message::text(Role::User, support::instruction(1024))],
        max_output_tokens: 8_192,
        ..Request::default()
    };
    let template = host.run(task()).await.outcome;
    assert_eq!(template.status, Status::Success, "{:?}", template.error);
    let names = [
        "whole task",
        "  decision",
        "  row `started`, committed",
        "  the vendor's answer",
        "  ours beyond these three",
        "settlement, committed behind the answer",
    ];
    let mut times = names.map(|_| histogram());
    for at in 0..rounds {
        // Nobody waits here for what the round before left to be written.
        host.store()
            .flush()
            .await
            .expect("the store can be written");
        let began = Instant::now();
        bare.call(&request).await.expect("the vendor answers");
        let answer = nanoseconds(began);

        let (started, settled) = ledger(host, &template, at).await;

        let began = Instant::now();
        let done = host.run(task()).await;
        let whole = nanoseconds(began);
        assert_eq!(done.outcome.status, Status::Success);
        let spent = done.outcome.durations;
        let decision = spent.classify + spent.decide;
        let each = [
            whole,
            decision,
            started,
            answer,
            whole.saturating_sub(decision + started + answer),
            settled,
        ];
        for (times, spent) in times.iter_mut().zip(each) {
            times.saturating_record(spent);
        }
    }
    println!("{:<40} {:>10} {:>10}", "", "p50", "p99");
    for (name, times) in names.iter().zip(&times) {
        let at = |share: f64| format!("{:.1} µs", times.value_at_quantile(share) as f64 / 1e3);
        println!("{name:<40} {:>10} {:>10}", at(0.5), at(0.99));
    }
}

/// What the store takes for a row `started` and for its settlement.
async fn ledger(host: &Host, template: &Outcome, at: usize) -> (u64, u64) {
    let row = |status| Outcome {
        id: format!("ledger-{at}"),
        status,
        ..template.clone()
    };
    let begin = Begin {
        outcome: row(Status::Started),
        day: host.today(),
        bound: Picodollars::new(10),
        limit: host.daily_limit(),
        scopes: Vec::new(),
    };
    let end = row(Status::Success);
    let began = Instant::now();
    let reservation = host.store().begin(begin).await.expect("the limit reaches");
    let started = nanoseconds(began);
    let began = Instant::now();
    let settled = reservation.settle(end, Picodollars::new(7), None).await;
    let settling = nanoseconds(began);
    settled.expect("the store can be written");
    (started, settling)
}

async fn streamed(host: &Arc<Host>) -> Outcome {
    let mut progress = host.stream(task());
    loop {
        match progress.next().await {
            Some(Progress::Done(done)) => return done.outcome,
            Some(Progress::Event(_)) => {}
            None => panic!("a stream ends with its outcome"),
        }
    }
}

/// Many calls, eight at once, half of them streamed, with the memory looked at twenty times.
async fn soak(host: &Arc<Host>, calls: u64) {
    const AT_ONCE: u64 = 8;
    let began = Instant::now();
    let step = (calls / 20).max(AT_ONCE);
    let mut done = 0;
    let mut base = None;
    while done < calls {
        let until = (done + step).min(calls);
        while done < until {
            let count = AT_ONCE.min(until - done);
            let some = (0..count).map(|place| async move {
                let outcome = if place % 2 == 0 {
                    host.run(task()).await.outcome
                } else {
                    streamed(host).await
                };
                assert_eq!(outcome.status, Status::Success, "{:?}", outcome.error);
            });
            futures_util::future::join_all(some).await;
            done += count;
        }
        let resident = resident_kib();
        println!(
            "{done:>8} calls  {:>7.1} s  {resident:>8} KiB",
            began.elapsed().as_secs_f64()
        );
        if base.is_none() && done >= calls / 10 {
            base = Some(resident);
        }
    }
    let grown = resident_kib().saturating_sub(base.unwrap_or_default());
    println!("grown by {grown} KiB since a tenth of the calls; {MAY_GROW_KIB} are allowed");
    assert!(grown <= MAY_GROW_KIB, "the memory is not flat");
}

fn resident_kib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .expect("the soak reads /proc/self/status, which only Linux has")
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}
