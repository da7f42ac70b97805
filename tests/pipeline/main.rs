//! Tasks from end to end: the original plan's own tests, every fallback with its reason, money and records.

mod fallbacks;
mod money;
mod records;
#[path = "../support/mod.rs"]
mod support;
mod tiers;

use tinydancer::Task;

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn generate_tests(code: &str) -> Task {
    Task {
        kind: "generate-tests".into(),
        test_type: "unit".into(),
        ..Task::default()
    }
    .with_code(code)
}
