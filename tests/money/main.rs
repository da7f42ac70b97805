//! Money through the whole host: vendors that bill too much, fall silent or answer too late, callers that go away, clocks that jump.

#[path = "../support/command.rs"]
mod command;
mod command_line;
mod days;
mod limit;
mod overruns;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use support::{Vendor, config, host};
use tinydancer::money::Picodollars;
use tinydancer::store::Query;
use tinydancer::{Config, Host, Status, Task, Tier};

fn small() -> Task {
    Task {
        routing_tier: Some(Tier::Small),
        ..Task::new("Rename x to y")
    }
}

/// What a call of [`small`] can cost at most.
async fn bound_of_small() -> Picodollars {
    let home = tempfile::tempdir().unwrap();
    let host = host(config("http://127.0.0.1:9"), home.path()).await;
    host.route(&small()).await.reserved.unwrap()
}

fn dollars(amount: Picodollars) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}

/// Settings with a daily limit for so many calls of [`small`].
async fn limited(vendor: &Vendor, calls: u64) -> (Config, Picodollars) {
    let limit = bound_of_small().await.saturating_mul(calls);
    let mut settings = config(&vendor.url);
    settings.budget.daily_limit = Some(dollars(limit));
    (settings, limit)
}

/// Runs tasks at once, each given up after its patience, and holds what is spent and reserved to the most that is allowed meanwhile.
async fn run_at_once(host: &Arc<Host>, patience: Vec<Duration>, most: Picodollars) {
    let tasks: Vec<_> = patience
        .into_iter()
        .map(|patience| {
            let host = host.clone();
            tokio::spawn(async move {
                let _ = tokio::time::timeout(patience, host.run(small())).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
        let spent = host.store().spent(host.today()).await.unwrap();
        assert!(spent <= most, "{spent} of {most}");
    }
    host.store().flush().await.unwrap();
    let faults = host.store().check_ledger().await.unwrap().faults;
    assert_eq!(faults, Vec::<String>::new());
}

async fn statuses(host: &Host) -> Vec<(Status, usize)> {
    let rows = host.store().outcomes(&Query::default()).await.unwrap();
    let all = [
        Status::Started,
        Status::Success,
        Status::Failure,
        Status::Cancelled,
        Status::RefusedByBudget,
    ];
    all.into_iter()
        .map(|status| {
            (
                status,
                rows.iter().filter(|row| row.status == status).count(),
            )
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

const LONG: Duration = Duration::from_secs(60);
