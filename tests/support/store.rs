//! The ledger at hand: rows, calls that begin and end, whether it all adds up.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses its part"
)]

use std::path::Path;

use tinydancer::money::Picodollars;
use tinydancer::store::{Begin, Options, Reservation, Store};
use tinydancer::{Outcome, Status, Task};

use crate::support::{config, host};

pub(crate) const DAY: jiff::civil::Date = jiff::civil::date(2026, 3, 1);

pub(crate) async fn template() -> Outcome {
    let home = tempfile::tempdir().unwrap();
    let host = host(config("http://127.0.0.1:9"), home.path()).await;
    host.run(Task::new("Use const instead of var").with_code("var x = 1;"))
        .await
        .outcome
}

pub(crate) fn begin(row: &Outcome, id: &str, bound: u64, limit: Option<u64>) -> Begin {
    Begin {
        outcome: Outcome {
            id: id.into(),
            status: Status::Started,
            ..row.clone()
        },
        day: DAY,
        bound: Picodollars::new(bound),
        limit: limit.map(Picodollars::new),
        scopes: Vec::new(),
    }
}

pub(crate) async fn settle(reservation: Reservation, row: &Outcome, id: &str, cost: u64) {
    let row = Outcome {
        id: id.into(),
        ..row.clone()
    };
    reservation
        .settle(row, Picodollars::new(cost), None)
        .await
        .unwrap();
}

pub(crate) async fn open(path: &Path) -> Store {
    Store::open(path, Options::default()).await.unwrap()
}

pub(crate) async fn reconciles(store: &Store) {
    assert_eq!(
        store.check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}
