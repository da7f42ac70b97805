//! Money through the whole host: vendors that bill too much, fall silent or answer too late, callers that go away, clocks that jump.

#[path = "support/command.rs"]
mod command;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use support::{Answer, Vendor, claude, config, host};
use tinydancer::config::Candidate;
use tinydancer::money::Picodollars;
use tinydancer::store::{Axis, Query};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn vendors_that_fall_silent_are_booked_at_the_bound_and_512_tasks_keep_the_limit() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Silence]).await;
    let (mut settings, limit) = limited(&vendor, 100).await;
    claude(&mut settings).first_byte_timeout_ms = Some(300);
    let host = Arc::new(host(settings, home.path()).await);
    run_at_once(&host, vec![LONG; 512], limit).await;
    let counts = statuses(&host).await;
    // A breaker may stop calls before the limit does, once some have timed out: none of those is paid.
    let paid = vendor.asked().len();
    assert!(paid <= 100, "{paid}");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 512);
    let spent = host.store().spent(host.today()).await.unwrap();
    assert_eq!(spent, bound_of_small().await.saturating_mul(paid as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_that_come_after_the_caller_hung_up_are_paid_for_and_512_tasks_keep_the_limit() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_secs(20), "late")]).await;
    let (settings, limit) = limited(&vendor, 100).await;
    let host = Arc::new(host(settings, home.path()).await);
    let patience = (0..512).map(|at| Duration::from_millis(1_500 + at % 7 * 50));
    run_at_once(&host, patience.collect(), limit).await;
    let counts = statuses(&host).await;
    assert_eq!(
        counts,
        [(Status::Cancelled, 100), (Status::RefusedByBudget, 412)]
    );
    assert_eq!(host.store().spent(host.today()).await.unwrap(), limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_caller_that_goes_away_at_any_moment_leaves_exactly_one_outcome() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_millis(5), "ok")]).await;
    let (settings, limit) = limited(&vendor, 30).await;
    let host = Arc::new(host(settings, home.path()).await);
    // Among them such as go away while they are decided, reserved, refused, called and settled.
    let patience = (0..512).map(|at| Duration::from_micros(at * 100));
    run_at_once(&host, patience.collect(), limit).await;
    let counts = statuses(&host).await;
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 512);
    assert!(counts.iter().all(|(status, _)| *status != Status::Started));
    let gone = counts
        .iter()
        .find(|(status, _)| *status == Status::Cancelled);
    assert!(gone.is_some_and(|(_, count)| *count > 0), "{counts:?}");
}

#[tokio::test]
async fn a_caller_that_goes_away_before_a_call_is_made_pays_nothing() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let (settings, _) = limited(&vendor, 10).await;
    let host = host(settings, home.path()).await;
    // One look at it: the row is handed over, and nobody waits for its commit.
    let begun = tokio::time::timeout(Duration::ZERO, host.run(small())).await;
    assert!(begun.is_err());
    host.store().flush().await.unwrap();
    assert_eq!(statuses(&host).await, [(Status::Cancelled, 1)]);
    assert_eq!(
        host.store().spent(host.today()).await.unwrap(),
        Picodollars::default()
    );
    assert!(vendor.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bill_above_the_bound_passes_the_limit_by_the_recorded_overrun_alone() {
    let home = tempfile::tempdir().unwrap();
    // Every tenth answer costs a hundred times what it may.
    let answers = (0..200)
        .map(|at| match at % 10 {
            9 => Answer::Billed(1_000_000, "dear"),
            _ => Answer::Untold("ok"),
        })
        .collect();
    let vendor = Vendor::start(answers).await;
    let (settings, limit) = limited(&vendor, 100).await;
    let host = Arc::new(host(settings, home.path()).await);
    run_at_once(&host, vec![LONG; 512], Picodollars::new(u64::MAX)).await;
    let day = &host.store().spending(1).await.unwrap()[0];
    assert!(day.overrun.get() > 0);
    assert!(day.settled.saturating_sub(day.overrun) <= limit, "{day:?}");
    assert_eq!(day.reserved.get(), 0);
    let told = host.store().overruns().await.unwrap();
    let beyond: u64 = told
        .iter()
        .map(|own| own.cost.get() - own.bound.get())
        .sum();
    assert_eq!(beyond, day.overrun.get());
    // Nothing is dispatched after it.
    let before = vendor.asked().len();
    let refused = host.run(small()).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert_eq!(vendor.asked().len(), before);
}

#[tokio::test]
async fn an_absurd_bill_is_recorded_as_an_overrun_too_however_many_come_at_once() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok"), Answer::Billed(u64::MAX, "absurd")]).await;
    let host = Arc::new(host(config(&vendor.url), home.path()).await);
    let first = host.run(small()).await.outcome.cost.get();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.run(small()).await })
        })
        .collect();
    let mut absurd = 0;
    for task in tasks {
        let done = task.await.unwrap();
        assert_eq!(done.unrecorded, None);
        absurd += u64::from(done.outcome.status == Status::Success);
    }
    assert!(absurd > 0);
    let day = &host.store().spending(1).await.unwrap()[0];
    let most = tinydancer::money::DEAREST_CALL;
    assert_eq!(day.settled.get(), first + absurd * most.get());
    assert_eq!(
        host.run(small()).await.outcome.status,
        Status::RefusedByBudget
    );
    // Every figure can still be added up.
    host.store().stats(&Query::default()).await.unwrap();
    assert_eq!(
        host.store().check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_model_that_billed_above_its_bound_is_held_back_until_somebody_accepts_it() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear"), Answer::Text("ok")]).await;
    // Of the limit much is left.
    let (settings, _) = limited(&vendor, 1_000_000).await;
    let host = support::host(settings.clone(), home.path()).await;
    let dear = host.run(small()).await.outcome;
    assert_eq!(dear.status, Status::Success);
    assert!(
        dear.reasons
            .iter()
            .any(|words| words.contains("was billed"))
    );
    let refused = host.run(small()).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    let words = refused.result.unwrap_err().to_string();
    assert!(
        words.contains("above its bound") && words.contains(&dear.id),
        "{words}"
    );
    assert_eq!(vendor.asked().len(), 1);
    // Another model's bound is as good as before.
    let other = Task {
        routing_tier: Some(Tier::Middle),
        ..small()
    };
    assert_eq!(host.run(other).await.outcome.status, Status::Success);
    host.close().await.unwrap();

    // A new start forgets nothing.
    let host = support::host(settings, home.path()).await;
    let again = host.run(small()).await.outcome.status;
    assert_eq!(again, Status::RefusedByBudget);
    assert_eq!(host.store().accept_overruns().await.unwrap(), 1);
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
    assert!(
        host.store().overruns().await.unwrap()[0]
            .accepted_at
            .is_some()
    );
}

/// A clock that is set by hand.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn at(time: &str) -> Clock {
        let clock = Clock(Arc::new(AtomicI64::new(0)));
        clock.set(time);
        clock
    }

    fn set(&self, time: &str) {
        let time: Timestamp = time.parse().unwrap();
        self.0.store(time.as_microsecond(), Ordering::SeqCst);
    }

    async fn host(&self, config: Config, home: &std::path::Path) -> Host {
        let own = self.0.clone();
        Host::builder()
            .home(home)
            .config(config)
            .clock(move || Timestamp::from_microsecond(own.load(Ordering::SeqCst)).unwrap())
            .build()
            .await
            .unwrap()
    }
}

async fn settled(host: &Host, day: &str) -> u64 {
    let (settled, _) = host.store().spent_on(day.parse().unwrap()).await.unwrap();
    settled.get()
}

#[tokio::test]
async fn money_belongs_to_the_day_on_which_it_was_set_aside_also_where_the_answer_comes_after_midnight()
 {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_millis(500), "ok")]).await;
    let (mut settings, _) = limited(&vendor, 1).await;
    settings.budget.time_zone = "Europe/Berlin".into();
    let clock = Clock::at("2026-01-31T22:59:59Z");
    let host = Arc::new(clock.host(settings, home.path()).await);
    let running = tokio::spawn({
        let host = host.clone();
        async move { host.run(small()).await.outcome }
    });
    while vendor.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clock.set("2026-01-31T23:00:01Z");
    assert_eq!(host.today().to_string(), "2026-02-01");
    // The new day has its whole limit, while the call of the old one is under way.
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
    let first = running.await.unwrap();
    assert_eq!(settled(&host, "2026-01-31").await, first.cost.get());
    assert_eq!(settled(&host, "2026-02-01").await, first.cost.get());
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_clock_that_jumps_back_and_forth_opens_no_days_limit_twice() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let (settings, limit) = limited(&vendor, 2).await;
    let clock = Clock::at("2026-03-02T12:00:00Z");
    let host = clock.host(settings, home.path()).await;
    for time in [
        "2026-03-02T12:00:00Z",
        "2026-03-01T12:00:00Z",
        "2026-03-03T00:00:00Z",
        "2026-03-02T00:00:00Z",
        "2026-03-02T23:59:59Z",
        "2026-03-01T23:59:59Z",
        "2026-03-03T12:00:00Z",
        "2026-03-02T12:00:00Z",
    ] {
        clock.set(time);
        for _ in 0..2 {
            host.run(small()).await;
        }
    }
    for day in ["2026-03-01", "2026-03-02", "2026-03-03"] {
        assert_eq!(settled(&host, day).await, limit.get(), "{day}");
    }
    assert_eq!(vendor.asked().len(), 6);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_day_of_25_hours_is_one_day_and_the_hour_that_it_repeats_is_two() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let (mut settings, limit) = limited(&vendor, 3).await;
    settings.budget.time_zone = "Europe/Berlin".into();
    settings.budget.hourly_limit = Some(dollars(bound_of_small().await));
    // Summer time ends in this night: half past two comes twice.
    let clock = Clock::at("2026-10-25T00:30:00Z");
    let host = clock.host(settings, home.path()).await;
    let mut ended = Vec::new();
    for time in [
        "2026-10-25T00:30:00Z",
        "2026-10-25T00:59:59Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T01:59:59Z",
        "2026-10-25T22:59:59Z",
        "2026-10-25T22:00:00Z",
        "2026-10-25T21:00:00Z",
    ] {
        clock.set(time);
        ended.push(host.run(small()).await.outcome.status == Status::Success);
    }
    // The first of each hour is paid, the second is not; the last one meets the day's limit.
    assert_eq!(ended, [true, false, true, false, true, false, false]);
    assert_eq!(settled(&host, "2026-10-25").await, limit.get());
    clock.set("2026-10-25T23:00:00Z");
    assert_eq!(host.today().to_string(), "2026-10-26");
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
}

#[tokio::test]
async fn a_hop_after_midnight_counts_where_the_first_one_did() {
    let home = tempfile::tempdir().unwrap();
    let down = support::error(529, "overloaded_error", "");
    let vendor = Vendor::start(vec![Answer::Half, Answer::Untold("ok"), down]).await;
    let (mut settings, _) = limited(&vendor, 100).await;
    settings.budget.hourly_limit = settings.budget.daily_limit.clone();
    settings.tiers.entry("1".to_owned()).or_default().fallbacks = vec![Candidate {
        model: "claude-sonnet-5-5".to_owned(),
        ..Candidate::default()
    }];
    claude(&mut settings).idle_timeout_ms = Some(400);
    let clock = Clock::at("2026-01-31T23:59:59Z");
    let host = Arc::new(clock.host(settings, home.path()).await);
    let running = tokio::spawn({
        let host = host.clone();
        async move { host.run(small()).await.outcome }
    });
    while vendor.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clock.set("2026-02-01T00:00:01Z");
    let done = running.await.unwrap();
    assert_eq!(done.hops.len(), 2, "{:?}", done.reasons);
    assert_eq!(settled(&host, "2026-01-31").await, done.cost.get());
    assert_eq!(settled(&host, "2026-02-01").await, 0);
    let hour = host
        .store()
        .spent_of("hour 2026-01-31T23+00")
        .await
        .unwrap();
    assert_eq!(hour.0, done.cost);
    let days = host
        .store()
        .breakdown(&Query::default(), Axis::Day)
        .await
        .unwrap();
    assert_eq!(days.len(), 1);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_model_that_is_held_back_leaves_its_work_to_a_lower_tier_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear"), Answer::Text("ok")]).await;
    let host = support::host(config(&vendor.url), home.path()).await;
    let task =
        || Task::new("Add pagination to the orders endpoint, with tests for the first page.");
    let dear = host.run(task()).await.outcome;
    assert!(dear.tier_done > Some(Tier::Small), "{:?}", dear.tier_done);
    let lower = host.run(task()).await.outcome;
    assert_eq!(lower.status, Status::Success);
    assert!(lower.tier_done < dear.tier_done);
    assert_eq!(lower.fallback_reason.as_deref(), Some("held-back"));
}

/// The store behind the binary's back.
async fn change(home: &std::path::Path, sql: &'static str) {
    use sqlx::ConnectOptions as _;
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(home.join("tinydancer.db"))
        .connect()
        .await
        .unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn the_command_line_shows_overruns_lets_them_be_accepted_and_says_how_a_saving_is_computed() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear")]).await;
    let (settings, _) = limited(&vendor, 10).await;
    let limit = settings.budget.daily_limit.clone().unwrap();
    let host = support::host(settings, &home).await;
    let dear = host.run(small()).await.outcome;
    host.close().await.unwrap();
    std::fs::write(
        home.join("config.toml"),
        format!("[budget]\ndaily_limit = \"{limit}\"\n"),
    )
    .unwrap();
    let run = |arguments: &[&str]| command::run(at.path(), arguments, "");

    let told = run(&["budget"]);
    let (out, err) = (command::out(&told), command::err(&told));
    assert!(
        out.contains("reserved now: $0 for 0 calls under way"),
        "{out}"
    );
    assert!(
        out.contains(&dear.id) && out.contains(&dear.cost.to_string()),
        "{out}"
    );
    assert!(
        err.contains("--accept-overruns") && err.contains("% of the limit of"),
        "{err}"
    );
    let json = command::out(&run(&["budget", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["overruns"][0]["cost"], dear.cost.get());
    assert_eq!(json["overruns"][0]["acceptedAt"], serde_json::Value::Null);

    let accepted = run(&["budget", "--accept-overruns"]);
    assert!(command::out(&accepted).contains("1 overrun accepted"));
    assert!(!command::err(&accepted).contains("--accept-overruns"));
    let stats = command::out(&run(&["stats"]));
    assert!(
        stats.contains("compared: each task's billed tokens"),
        "{stats}"
    );
    let by_model = command::out(&run(&["stats", "--by", "model"]));
    assert!(
        by_model.contains("claude-haiku-5-5") && by_model.contains('█'),
        "{by_model}"
    );

    assert_eq!(command::code(&run(&["doctor", "--ledger"])) == 0, {
        let said = command::out(&run(&["doctor", "--ledger"]));
        assert!(said.contains("1 reservation agrees"), "{said}");
        !said.contains("BAD")
    });
    for (sql, words) in [
        ("UPDATE days SET settled = settled + 1", "the sums of"),
        (
            "UPDATE days SET settled = settled - 1, overrun = overrun - 1",
            "the overrun of",
        ),
        (
            "UPDATE days SET overrun = overrun + 1; UPDATE outcomes SET cost = cost - 1",
            "do not agree",
        ),
    ] {
        change(&home, sql).await;
        let wrong = run(&["doctor", "--ledger"]);
        assert_eq!(command::code(&wrong), 1);
        assert!(
            command::out(&wrong).contains(words),
            "{}",
            command::out(&wrong)
        );
    }
}

#[tokio::test]
async fn whoever_pays_is_warned_when_four_fifths_of_a_limit_of_theirs_are_used() {
    // Booked at the bound.
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let bound = bound_of_small().await;
    let others = "caller_limits = { ci = \"0.000001\", \"*\" = \"100\" }";
    for (share, warned) in [(125, true), (126, false)] {
        let home = tempfile::tempdir().unwrap();
        let limit = Picodollars::new(bound.get() * share / 100);
        let toml = format!("[budget]\ndaily_limit = \"{}\"\n{others}\n", dollars(limit));
        let ask = async |words: &[&str]| {
            let (said, _) = support::program(home.path(), &toml, &vendor.url, words).await;
            said
        };
        let words = format!("80 % of the limit of {limit} for day");
        let run = ask(&["run", "--tier", "1", "Rename x to y"]).await;
        assert!(run.contains("ok\n"), "{run}");
        assert_eq!(run.contains(&words), warned, "{run}");
        assert!(!run.contains("caller ci"), "{run}");
        for report in [&["budget"][..], &["budget", "--json"]] {
            let said = ask(report).await;
            assert_eq!(said.contains(&words), warned, "{said}");
        }
        // What costs nothing is no moment to speak of money.
        let edit = ["run", "--code", "var x = 1;", "Use const instead of var"];
        let free = ask(&edit).await;
        assert!(!free.contains("% of the limit"), "{free}");
    }
}

#[tokio::test]
async fn the_command_line_makes_sums_of_old_outcomes_and_shows_them() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let clock = Clock::at("2026-01-05T12:00:00Z");
    let host = clock.host(config(&vendor.url), &home).await;
    let paid = host.run(small()).await.outcome;
    host.close().await.unwrap();
    let run = |arguments: &[&str]| command::out(&command::run(at.path(), arguments, ""));
    let before = run(&["stats", "--by", "day"]);
    assert!(before.contains("2026-01-05") && before.contains(&paid.cost.to_string()));
    let done = run(&["compact", "--before", "90d"]);
    assert!(done.contains("1 outcome became sums"), "{done}");
    assert_eq!(run(&["stats", "--by", "day"]), before);
    assert!(!run(&["outcomes"]).contains(&paid.id));
    assert!(run(&["budget", "--days", "1000"]).contains(&paid.cost.to_string()));
    assert!(run(&["doctor", "--ledger"]).contains("0 reservations agree"));
}

#[tokio::test]
async fn exported_outcomes_hold_the_money_the_tokens_and_the_time_of_each_task() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let clock = Clock::at("2026-01-05T12:00:00Z");
    let host = clock.host(config(&vendor.url), &home).await;
    let task = Task {
        caller: "a, \"b\"".to_owned(),
        ..small()
    };
    let paid = host.run(task).await.outcome;
    host.run(Task::new("Use const instead of var").with_code("var x = 1;"))
        .await;
    host.close().await.unwrap();
    let run = |arguments: &[&str]| command::out(&command::run(at.path(), arguments, ""));
    let text = run(&["outcomes", "--csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let field = |row: usize, name: &str| {
        let place = headings.iter().position(|heading| heading == name).unwrap();
        rows[row][place].to_owned()
    };
    let own = usize::from(field(0, "id") != paid.id);
    assert_eq!(field(own, "caller"), "a, \"b\"");
    assert_eq!(field(own, "cost_usd"), dollars(paid.cost));
    assert_eq!(field(own, "baseline_usd"), dollars(paid.baseline));
    assert_eq!(field(own, "started_at"), "2026-01-05T12:00:00Z");
    assert_eq!(
        (field(own, "input_tokens"), field(own, "output_tokens")),
        ("1000".to_owned(), "200".to_owned())
    );
    assert_eq!(field(1 - own, "cost_usd"), "0");
    let json: serde_json::Value = serde_json::from_str(&run(&["outcomes", "--json"])).unwrap();
    assert_eq!(json[own]["cost"], paid.cost.get());
    assert_eq!(json[own]["usage"]["input"], 1_000);
}

#[tokio::test]
async fn a_price_in_another_unit_and_one_that_nobody_told_are_refused_before_anything_is_sent() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let run = |price: &str, arguments: &[&str]| {
        std::fs::create_dir_all(&home).unwrap();
        let config = format!(
            "[budget]\ndaily_limit = \"5\"\n[tiers.2]\nmodel = \"mine\"\nprovider = \"local\"\n\
             [providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\n{price}",
            vendor.url
        );
        std::fs::write(home.join("config.toml"), config).unwrap();
        let done = command::run(at.path(), arguments, "");
        command::out(&done) + &command::err(&done)
    };
    let task = ["run", "--tier", "2", "Rename x to y"];
    let per_token = "[prices.mine]\ninput = 0.000003\noutput = 0.000015\n";
    for told in [run(per_token, &["models"]), run(per_token, &task)] {
        let readings = "as dollars per million tokens that is 0.000003 for a million, as dollars per token it is 3 for a million";
        assert!(told.contains(readings), "{told}");
    }
    let untold = run("", &task);
    assert!(
        untold.contains("mine") && untold.contains("[prices.\"mine\"]"),
        "{untold}"
    );
    assert!(vendor.asked().is_empty());
}
