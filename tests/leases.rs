//! Several processes on one file: one limit for all, blocks of it leased by each, processes that are killed.

#[path = "support/store.rs"]
mod store;
mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use store::{DAY, begin, open, reconciles, settle, template};
use support::{Answer, Vendor, config, host};
use tinydancer::money::Picodollars;
use tinydancer::store::{Begin, BeginError, Query, ScopeLimit};
use tinydancer::{Status, Task, Tier};

/// Not a test of its own: a process of the next tests. It begins calls against a limit of 1,000 and settles two of three.
#[tokio::test]
async fn child_against_a_limit() {
    let Ok(path) = std::env::var("TINYDANCER_TEST_LEDGER") else {
        return;
    };
    let row = template().await;
    let store = open(Path::new(&path)).await;
    let mut held = Vec::new();
    for at in 0..256 {
        let id = format!("{}-{at}", std::process::id());
        match store.begin(begin(&row, &id, 10, Some(1_000))).await {
            Ok(reservation) if at % 3 == 0 => held.push(reservation),
            Ok(reservation) => settle(reservation, &row, &id, 10).await,
            Err(BeginError::BudgetSpent { .. }) => {
                println!("refused {id}");
                continue;
            }
            Err(other) => panic!("{other}"),
        }
        println!("begun {id}");
    }
    println!("done");
    // Calls under way, until the other side ends or kills this process.
    let _ = std::io::stdin().lines().next();
    for reservation in held {
        drop(reservation);
    }
    store.close().await.unwrap();
}

fn child(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_against_a_limit", "--nocapture"])
        .env("TINYDANCER_TEST_LEDGER", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
}

/// What it has begun; its output stays open.
fn begun(lines: &mut impl Iterator<Item = String>) -> Vec<String> {
    lines
        .by_ref()
        .take_while(|line| line != "done")
        .filter_map(|line| line.strip_prefix("begun ").map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn two_processes_at_once_keep_one_limit_and_a_killed_one_is_booked_in_full() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    drop(open(&path).await);
    let (mut one, mut two) = (child(&path), child(&path));
    let (mut one_says, mut two_says) = (lines(&mut one), lines(&mut two));
    let first = std::thread::spawn(move || (begun(&mut one_says), one_says));
    let second = begun(&mut two_says);
    let (first, _one_says) = first.join().unwrap();
    assert_eq!(first.len() + second.len(), 100);
    // Both live: a third process takes nothing away from them.
    let store = open(&path).await;
    assert_eq!(store.recovered(), 0);
    assert_eq!(store.spent(DAY).await.unwrap().get(), 1_000);
    let open_before = store.spending(1).await.unwrap()[0].reserved.get();
    one.kill().unwrap();
    one.wait().unwrap();
    // The dead one's calls are booked before somebody is refused; the living one's stay as they are.
    let row = template().await;
    let refused = store.begin(begin(&row, "late", 10, Some(1_000))).await;
    assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    let open_after = store.spending(1).await.unwrap()[0].reserved.get();
    let started = Query {
        status: Some(Status::Started),
        ..Query::default()
    };
    let alive = store.outcomes(&started).await.unwrap();
    assert!(alive.iter().all(|row| second.contains(&row.id)));
    assert_eq!(open_after, alive.len() as u64 * 10);
    assert!(open_after <= open_before);
    reconciles(&store).await;
    drop(two.stdin.take());
    assert!(two.wait().unwrap().success());
    assert_eq!(store.spending(1).await.unwrap()[0].reserved.get(), 0);
    assert_eq!(store.spent(DAY).await.unwrap().get(), 1_000);
    reconciles(&store).await;
}

/// Not a test of its own: a process of the next test. 512 tasks through a whole host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_with_512_tasks() {
    let variable = |name: &str| std::env::var(name).ok();
    let (Some(home), Some(url), Some(limit)) = (
        variable("TINYDANCER_TEST_HOME"),
        variable("TINYDANCER_TEST_URL"),
        variable("TINYDANCER_TEST_LIMIT"),
    ) else {
        return;
    };
    let mut settings = config(&url);
    settings.budget.daily_limit = Some(limit);
    let host = Arc::new(host(settings, Path::new(&home)).await);
    let tasks: Vec<_> = (0..512)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move {
                let done = host.run(small()).await.outcome;
                println!("ended {} {}", done.id, done.status.name());
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    host.store().flush().await.unwrap();
    println!("done");
}

fn small() -> Task {
    Task {
        routing_tier: Some(Tier::Small),
        ..Task::new("Rename x to y")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_of_512_tasks_keep_one_limit_also_where_one_is_killed_in_the_middle() {
    for is_killed in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let mut answers = vec![Answer::Untold("ok"); 40];
        answers.extend(vec![Answer::Late(Duration::from_millis(400), "late"); 200]);
        let vendor = Vendor::start(answers).await;
        let one = host(config(&vendor.url), home.path()).await;
        let bound = one.route(&small()).await.reserved.unwrap();
        one.close().await.unwrap();
        let limit = bound.saturating_mul(100);
        let dollars = limit.to_string().trim_start_matches('$').to_owned();
        let start = || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child_with_512_tasks", "--nocapture"])
                .env("TINYDANCER_TEST_HOME", home.path())
                .env("TINYDANCER_TEST_URL", &vendor.url)
                .env("TINYDANCER_TEST_LIMIT", &dollars)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let (mut first, mut second) = (start(), start());
        let (mut first_says, mut second_says) = (lines(&mut first), lines(&mut second));
        let ends = |lines: &mut dyn Iterator<Item = String>| -> Vec<(String, String)> {
            lines
                .filter_map(|line| {
                    let (id, status) = line.strip_prefix("ended ")?.split_once(' ')?;
                    Some((id.to_owned(), status.to_owned()))
                })
                .collect()
        };
        let mut ended = Vec::new();
        if is_killed {
            let so_far = first_says
                .by_ref()
                .take_while(|line| !line.contains("success"));
            ended.extend(ends(&mut so_far.into_iter()));
            first.kill().unwrap();
        }
        let second = std::thread::spawn(move || {
            let all = ends(&mut second_says);
            assert!(second.wait().unwrap().success());
            all
        });
        ended.extend(ends(&mut first_says));
        first.wait().unwrap();
        ended.extend(second.join().unwrap());

        // Whoever comes next books what the killed one left.
        let store = open(&home.path().join("tinydancer.db")).await;
        let rows = store.outcomes(&Query::default()).await.unwrap();
        assert!(rows.iter().all(|row| row.status != Status::Started));
        for (id, status) in &ended {
            let row = rows.iter().find(|row| row.id == *id);
            // The rows of refused tasks, which cost nothing, may be lost with a process.
            match row {
                // A settlement is committed behind its answer: one that the kill overtook is booked in full, as a call that was under way.
                Some(row) if is_killed && status == "success" => assert!(
                    matches!(row.status, Status::Success | Status::Failure),
                    "{row:?}"
                ),
                Some(row) => assert_eq!(row.status.name(), status),
                None => assert!(is_killed && status == "refused-by-budget", "{id} {status}"),
            }
        }
        let day = &store.spending(1).await.unwrap()[0];
        assert!(day.settled <= limit, "{day:?}");
        assert_eq!((day.reserved.get(), day.overrun.get()), (0, 0));
        let asked = vendor.asked().len();
        if is_killed {
            assert!(rows.len() >= 512 && asked > 0, "{} {asked}", rows.len());
        } else {
            assert_eq!(rows.len(), 1_024);
            assert!(asked >= 100, "{asked}");
        }
        reconciles(&store).await;
    }
}

#[tokio::test]
async fn what_another_process_leased_and_does_not_use_comes_back_before_a_call_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let (one, two) = (open(&path).await, open(&path).await);
    let first = one.begin(begin(&row, "a", 10, Some(1_000))).await.unwrap();
    // The first has a block beside its call; the second needs all that is not reserved.
    let second = two.begin(begin(&row, "b", 990, Some(1_000))).await.unwrap();
    let asked = std::time::Instant::now();
    let refused = two.begin(begin(&row, "c", 1, Some(1_000))).await;
    assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    // Nobody leases any of it now, so there is nothing to wait for.
    assert!(asked.elapsed() < Duration::from_millis(200));
    settle(first, &row, "a", 10).await;
    settle(second, &row, "b", 990).await;
    assert_eq!(one.spent(DAY).await.unwrap().get(), 1_000);
    reconciles(&one).await;
}

#[tokio::test]
async fn a_further_try_may_use_what_this_or_another_process_has_leased_and_not_used() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let (one, two) = (open(&path).await, open(&path).await);
    let mut first = one.begin(begin(&row, "a", 10, Some(1_000))).await.unwrap();
    let other = two.begin(begin(&row, "b", 10, Some(1_000))).await.unwrap();
    settle(other, &row, "b", 10).await;
    let refused = first.extend(begin(&row, "a", 991, Some(1_000))).await;
    assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    first
        .extend(begin(&row, "a", 990, Some(1_000)))
        .await
        .unwrap();
    settle(first, &row, "a", 990).await;
    assert_eq!(one.spent(DAY).await.unwrap().get(), 1_000);
    reconciles(&one).await;
}

#[tokio::test]
async fn a_killed_process_leaves_no_leased_block_behind() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    drop(open(&path).await);
    let mut child = child(&path);
    let first = lines(&mut child).find(|line| line.starts_with("begun "));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.is_some());
    let row = template().await;
    let store = open(&path).await;
    let left = 1_000 - store.spent(DAY).await.unwrap().get();
    let rest = store
        .begin(begin(&row, "rest", left, Some(1_000)))
        .await
        .unwrap();
    settle(rest, &row, "rest", left).await;
    reconciles(&store).await;
}

#[tokio::test]
async fn a_process_gives_its_leased_blocks_back_when_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let (one, two) = (open(&path).await, open(&path).await);
    let first = one.begin(begin(&row, "a", 10, Some(1_000))).await.unwrap();
    settle(first, &row, "a", 10).await;
    one.close().await.unwrap();
    assert!(two.begin(begin(&row, "b", 990, Some(1_000))).await.is_ok());
}

#[tokio::test]
async fn an_overrun_of_one_process_stops_what_another_has_leased() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let (one, two) = (open(&path).await, open(&path).await);
    let first = one.begin(begin(&row, "a", 10, Some(1_000))).await.unwrap();
    let dear = two.begin(begin(&row, "b", 10, Some(1_000))).await.unwrap();
    settle(dear, &row, "b", 5_000).await;
    // It has a block, and the limit is passed all the same.
    let refused = one.begin(begin(&row, "c", 10, Some(1_000))).await;
    assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    settle(first, &row, "a", 10).await;
    reconciles(&one).await;
}

#[tokio::test]
async fn a_block_is_good_for_the_limit_that_it_was_leased_under_alone() {
    let home = tempfile::tempdir().unwrap();
    let row = template().await;
    let store = open(&home.path().join("s.db")).await;
    let first = store
        .begin(begin(&row, "a", 10, Some(1_000)))
        .await
        .unwrap();
    let refused = store.begin(begin(&row, "b", 10, Some(15))).await;
    assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    let all = store
        .begin(begin(&row, "c", 990, Some(1_000)))
        .await
        .unwrap();
    settle(first, &row, "a", 1).await;
    settle(all, &row, "c", 1).await;
    reconciles(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_of_every_size_under_several_limits_never_pass_one_of_them() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let stores = [open(&path).await, open(&path).await, open(&path).await];
    let limits = [("hour 14", 3_000), ("tier 4", 1_500), ("caller ci", 900)];
    let tasks: Vec<_> = (0..600_u64)
        .map(|at| {
            let (store, row) = (
                stores[usize::try_from(at % 3).unwrap()].clone(),
                row.clone(),
            );
            tokio::spawn(async move {
                let id = format!("t{at}");
                // Some multiples, so that sizes and limits meet in every way.
                let bound = 1 + at * 7 % 23;
                let wanted = Begin {
                    scopes: limits
                        .iter()
                        .enumerate()
                        .filter(|(bit, _)| at >> bit & 1 == 1)
                        .map(|(_, (scope, limit))| ScopeLimit {
                            scope: (*scope).to_owned(),
                            limit: Picodollars::new(*limit),
                        })
                        .collect(),
                    ..begin(&row, &id, bound, Some(4_000))
                };
                let Ok(reservation) = store.begin(wanted).await else {
                    return;
                };
                match at % 3 {
                    0 => drop(reservation),
                    cheaper => settle(reservation, &row, &id, bound / (1 + cheaper % 2)).await,
                }
            })
        })
        .collect();
    let of = |scope: &'static str| {
        let store = stores[0].clone();
        async move {
            let (settled, reserved) = store.spent_of(scope).await.unwrap();
            settled.get() + reserved.get()
        }
    };
    for task in tasks {
        task.await.unwrap();
        assert!(stores[0].spent(DAY).await.unwrap().get() <= 4_000);
        for (scope, limit) in limits {
            let spent = of(scope).await;
            assert!(spent <= limit, "{scope}: {spent}");
        }
    }
    for store in &stores {
        store.flush().await.unwrap();
    }
    assert!(of("caller ci").await > 450, "much of it was asked for");
    reconciles(&stores[0]).await;
}
