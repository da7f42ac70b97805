//! A second call beside one that takes longer than it mostly does: who wins, what is cut off, what is booked, and when there is none.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use support::{Answer, Vendor, config, error, host};
use tinydancer::config::{Candidate, Provider};
use tinydancer::provider::Event;
use tinydancer::{Config, Done, Host, Progress, Status, Task, Tier};

/// So many calls are measured before one counts as slow.
const MEASURED: usize = 16;

/// Answers that come at once while calls are measured, and then these.
fn quick_and_then(rest: &[Answer]) -> Vec<Answer> {
    let mut answers = vec![Answer::Text("quick"); MEASURED];
    answers.extend_from_slice(rest);
    answers
}

/// Settings whose tier 1 has a model at each of these addresses.
fn chain(urls: &[&str]) -> Config {
    let mut config = config(urls[0]);
    config.routing.hedge_after = Some(0.95);
    for (place, url) in urls.iter().enumerate().skip(1) {
        let name = format!("other{place}");
        config.providers.insert(
            name.clone(),
            Provider {
                kind: Some("claude".to_owned()),
                base_url: Some((*url).to_owned()),
                api_key_env: Some("PATH".to_owned()),
                max_attempts: Some(1),
                ..Provider::default()
            },
        );
        let tier = config.tiers.entry("1".to_owned()).or_default();
        tier.fallbacks.push(Candidate {
            model: format!("{name}/claude-sonnet-5-5"),
            ..Candidate::default()
        });
    }
    config
}

fn small() -> Task {
    let mut task = Task::new("hi");
    task.routing_tier = Some(Tier::Small);
    task.max_output_tokens = Some(1_000);
    task
}

async fn measured(host: &Host) {
    for _ in 0..MEASURED {
        let done = host.run(small()).await;
        assert_eq!(done.outcome.hops.len(), 1, "{:?}", done.outcome.reasons);
    }
}

/// Every hop is booked in the outcome, and the outcome in the ledger.
async fn is_booked(host: &Host, done: &Done, before: tinydancer::money::Picodollars) {
    let hops = done.outcome.hops.iter();
    let sum = hops.fold(tinydancer::money::Picodollars::default(), |sum, hop| {
        sum.saturating_add(hop.cost)
    });
    assert_eq!(done.outcome.cost, sum);
    let spent = host.store().spent(host.today()).await.unwrap();
    assert_eq!(spent, before.saturating_add(sum));
    let faults = host.store().check_ledger().await.unwrap().faults;
    assert_eq!(faults, Vec::<String>::new());
}

async fn spent(host: &Host) -> tinydancer::money::Picodollars {
    host.store().spent(host.today()).await.unwrap()
}

#[tokio::test]
async fn the_next_model_answers_and_the_slow_call_is_cut_off_and_booked_at_its_bound() {
    let home = tempfile::tempdir().unwrap();
    let slow = Vendor::start(quick_and_then(&[Answer::Silence])).await;
    let other = Vendor::start(vec![Answer::Text("instead")]).await;
    let host = host(chain(&[&slow.url, &other.url]), home.path()).await;
    measured(&host).await;
    let before = spent(&host).await;
    let done = host.run(small()).await;
    let outcome = &done.outcome;
    assert_eq!(outcome.status, Status::Success, "{:?}", outcome.reasons);
    assert_eq!(outcome.provider.as_deref(), Some("other1"));
    assert_eq!(outcome.model.as_deref(), Some("claude-sonnet-5-5"));
    assert_eq!(outcome.fallback_reason.as_deref(), Some("hedged"));
    let [lost, won] = outcome.hops.as_slice() else {
        panic!("{:?}", outcome.hops)
    };
    assert_eq!((lost.provider.as_str(), &won.error), ("claude", &None));
    let words = lost.error.as_deref().unwrap();
    assert!(words.contains("another call answered first"), "{words}");
    let bound = host.route(&small()).await.reserved;
    assert_eq!(Some(lost.cost), bound);
    is_booked(&host, &done, before).await;
    slow.is_left_by(1).await;
}

#[tokio::test]
async fn the_first_call_can_still_win_and_the_second_one_is_cut_off_then() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(quick_and_then(&[Answer::Late(
        Duration::from_millis(1_500),
        "late",
    )]))
    .await;
    let other = Vendor::start(vec![Answer::Silence]).await;
    let host = host(chain(&[&first.url, &other.url]), home.path()).await;
    measured(&host).await;
    let before = spent(&host).await;
    let done = host.run(small()).await;
    let providers = done.outcome.hops.iter().map(|hop| hop.provider.as_str());
    assert_eq!(providers.collect::<Vec<_>>(), ["other1", "claude"]);
    assert_eq!(done.outcome.provider.as_deref(), Some("claude"));
    assert_eq!(done.outcome.fallback_reason, None);
    is_booked(&host, &done, before).await;
    other.is_left_by(1).await;
}

#[tokio::test]
async fn a_model_without_another_is_asked_again() {
    let home = tempfile::tempdir().unwrap();
    let answers = quick_and_then(&[Answer::Silence, Answer::Text("again")]);
    let vendor = Vendor::start(answers).await;
    let host = host(chain(&[&vendor.url]), home.path()).await;
    measured(&host).await;
    let before = spent(&host).await;
    let done = host.run(small()).await;
    assert_eq!(done.outcome.status, Status::Success);
    assert_eq!(done.outcome.hops.len(), 2);
    assert_eq!(done.outcome.fallback_reason, None);
    is_booked(&host, &done, before).await;
    vendor.is_left_by(1).await;
}

#[tokio::test]
async fn where_both_fail_the_rest_of_the_chain_is_tried_and_nobody_twice() {
    let home = tempfile::tempdir().unwrap();
    let refusal = error(529, "overloaded_error", "");
    let broken = Answer::Raw("HTTP/1.1 200 OK\r\n\r\nnonsense".into());
    let first = Vendor::start(quick_and_then(&[Answer::Late(
        Duration::from_millis(1_000),
        "\u{1}",
    )]))
    .await;
    let second = Vendor::start(vec![refusal]).await;
    let third = Vendor::start(vec![broken]).await;
    let fourth = Vendor::start(vec![Answer::Text("at last")]).await;
    let urls = [&first.url, &second.url, &third.url, &fourth.url].map(String::as_str);
    let host = host(chain(&urls), home.path()).await;
    measured(&host).await;
    let before = spent(&host).await;
    let done = host.run(small()).await;
    let providers = done.outcome.hops.iter().map(|hop| hop.provider.as_str());
    assert_eq!(
        providers.collect::<Vec<_>>(),
        ["other1", "claude", "other2", "other3"],
        "{:?}",
        done.outcome.reasons
    );
    assert_eq!(done.outcome.status, Status::Success);
    assert_eq!(second.asked().len(), 1);
    is_booked(&host, &done, before).await;
}

#[tokio::test]
async fn no_second_call_is_made_where_the_tasks_or_the_days_limit_does_not_reach_for_both() {
    let free = r#"{"content":[],"model":"m","stop_reason":"end_turn","usage":{"input_tokens":0,"output_tokens":0}}"#;
    let free = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{free}",
        free.len()
    );
    // It reaches for one call of the first model's, and not for one of the second's beside it.
    let limit = Some("0.001".to_owned());
    for (task_limit, daily_limit) in [(limit.clone(), None), (None, limit)] {
        let home = tempfile::tempdir().unwrap();
        let mut quick = vec![Answer::Raw(free.clone()); MEASURED];
        quick.push(Answer::Late(Duration::from_millis(1_500), "late"));
        let first = Vendor::start(quick).await;
        let other = Vendor::start(vec![Answer::Text("too dear")]).await;
        let mut config = chain(&[&first.url, &other.url]);
        config.budget.task_limit = task_limit;
        config.budget.daily_limit = daily_limit;
        let host = host(config, home.path()).await;
        measured(&host).await;
        let done = host.run(small()).await;
        assert_eq!(done.outcome.status, Status::Success);
        assert_eq!(done.outcome.provider.as_deref(), Some("claude"));
        assert!(other.asked().is_empty());
        let said = done.outcome.reasons.join("; ");
        assert!(said.contains("nobody else was asked"), "{said}");
    }
}

#[tokio::test]
async fn without_the_setting_a_slow_call_is_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(quick_and_then(&[Answer::Late(
        Duration::from_millis(300),
        "late",
    )]))
    .await;
    let other = Vendor::start(vec![Answer::Text("never")]).await;
    let mut config = chain(&[&first.url, &other.url]);
    config.routing.hedge_after = None;
    let host = host(config, home.path()).await;
    measured(&host).await;
    let began = Instant::now();
    assert_eq!(host.run(small()).await.outcome.hops.len(), 1);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert!(other.asked().is_empty());
}

const BEGINNING: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\
    data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n\
    data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";
const END: &str = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":20}}\n\n\
    data: {\"type\":\"message_stop\"}\n\n";

async fn streamed(host: &Arc<Host>) -> (String, Done) {
    let mut progress = host.stream(small());
    let mut words = String::new();
    loop {
        match progress.next().await.unwrap() {
            Progress::Event(Event::Text(text)) => words += &text,
            Progress::Event(_) => {}
            Progress::Done(done) => return (words, *done),
        }
    }
}

#[tokio::test]
async fn a_stream_that_has_not_begun_gets_a_rival_and_one_that_has_gets_none() {
    let home = tempfile::tempdir().unwrap();
    let whole = Answer::Raw(format!("{BEGINNING}{END}"));
    let mut answers = vec![whole.clone(); MEASURED];
    answers.push(Answer::Silence);
    answers.push(Answer::Slow(
        vec![BEGINNING.to_owned(), END.to_owned()],
        500,
    ));
    let first = Vendor::start(answers).await;
    let other = Vendor::start(vec![whole]).await;
    let host = Arc::new(host(chain(&[&first.url, &other.url]), home.path()).await);
    for _ in 0..MEASURED {
        assert_eq!(streamed(&host).await.1.outcome.hops.len(), 1);
    }
    let before = spent(&host).await;
    let (words, done) = streamed(&host).await;
    assert_eq!((words.as_str(), done.outcome.hops.len()), ("Hello", 2));
    assert_eq!(done.outcome.provider.as_deref(), Some("other1"));
    is_booked(&host, &done, before).await;
    first.is_left_by(1).await;
    let (words, done) = streamed(&host).await;
    assert_eq!((words.as_str(), done.outcome.hops.len()), ("Hello", 1));
    assert_eq!(other.asked().len(), 1);
}

#[tokio::test]
async fn a_listener_that_goes_away_cuts_both_calls_off_and_both_are_booked() {
    let home = tempfile::tempdir().unwrap();
    let whole = Answer::Raw(format!("{BEGINNING}{END}"));
    let mut answers = vec![whole; MEASURED];
    answers.push(Answer::Silence);
    let first = Vendor::start(answers).await;
    let other = Vendor::start(vec![Answer::Silence]).await;
    let host = Arc::new(host(chain(&[&first.url, &other.url]), home.path()).await);
    for _ in 0..MEASURED {
        streamed(&host).await;
    }
    let mut task = small();
    task.id = Some("given-up".to_owned());
    let progress = host.stream(task);
    while other.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(progress);
    first.is_left_by(1).await;
    other.is_left_by(1).await;
    assert_eq!(other.left.load(Ordering::SeqCst), 1);
    for _ in 0..500 {
        let kept = host.store().outcome("given-up").await.unwrap();
        if kept.status == Status::Cancelled {
            assert_eq!(kept.hops.len(), 2);
            assert!(kept.hops.iter().all(|hop| hop.cost.get() > 0));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the outcome was not settled");
}
