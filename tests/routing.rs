//! Which provider serves a task, what happens when it fails, and what of it is recorded and paid.

mod support;

use std::sync::Arc;

use support::{Answer, Vendor, claude, config, error, fall_back_to, host, small, with_others};
use tinydancer::provider::Event;
use tinydancer::{Failure, Privacy, Progress, Status, Task, Tier};

#[tokio::test]
async fn a_vendor_that_fails_is_followed_by_the_next_and_every_hop_is_recorded() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![error(529, "overloaded_error", "")]).await;
    let second = Vendor::start(vec![Answer::Text("instead")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-sonnet-5-5"]);
    let host = host(config, home.path()).await;
    let done = host.run(small("hi")).await;
    assert_eq!(done.outcome.status, Status::Success, "{:?}", done.result);
    let hops: Vec<_> = done
        .outcome
        .hops
        .iter()
        .map(|hop| {
            (
                hop.provider.as_str(),
                hop.model.as_str(),
                hop.error.is_some(),
            )
        })
        .collect();
    assert_eq!(
        hops,
        [
            ("claude", "claude-haiku-5-5", true),
            ("other", "claude-sonnet-5-5", false)
        ]
    );
    assert_eq!(
        done.outcome.fallback_reason.as_deref(),
        Some("provider-failure")
    );
    assert_eq!(done.outcome.provider.as_deref(), Some("other"));
    assert!(second.asked()[0].contains("claude-sonnet-5-5"));
    host.store().flush().await.unwrap();
    let kept = host.store().outcome(&done.outcome.id).await.unwrap();
    assert_eq!(kept.hops, done.outcome.hops);
    assert_eq!(
        host.store().check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_hop_that_may_be_on_the_bill_stays_booked() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![Answer::Raw("HTTP/1.1 200 OK\r\n\r\nnonsense".into())]).await;
    let second = Vendor::start(vec![Answer::Text("instead")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = host(config, home.path()).await;
    let done = host.run(small("hi")).await;
    let [lost, answered] = done.outcome.hops.as_slice() else {
        panic!("{:?}", done.outcome.hops)
    };
    assert!(lost.cost > answered.cost);
    assert_eq!(done.outcome.cost, lost.cost.saturating_add(answered.cost));
    assert_eq!(
        host.store().spent(host.today()).await.unwrap(),
        done.outcome.cost
    );
}

#[tokio::test]
async fn a_request_that_is_wrong_is_not_tried_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![error(400, "invalid_request_error", "")]).await;
    let second = Vendor::start(vec![Answer::Text("never")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = host(config, home.path()).await;
    let done = host.run(small("hi")).await;
    assert_eq!(done.outcome.status, Status::Failure);
    assert!(second.asked().is_empty());
}

#[tokio::test]
async fn no_chain_passes_what_a_task_may_cost() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![error(500, "api_error", "")]).await;
    let second = Vendor::start(vec![Answer::Text("too dear")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-opus-5-5"]);
    config.budget.task_limit = Some("0.01".to_owned());
    let host = host(config, home.path()).await;
    let mut task = small("hi");
    task.max_output_tokens = Some(1_000);
    let done = host.run(task).await;
    assert_eq!(done.outcome.status, Status::Failure, "{:?}", done.outcome);
    assert!(second.asked().is_empty());
    assert!(
        done.outcome
            .reasons
            .iter()
            .any(|words| words.contains("a task may cost $0.01")),
        "{:?}",
        done.outcome.reasons
    );
}

#[tokio::test]
async fn a_fallback_gets_no_more_output_than_its_model_can_give() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![error(500, "api_error", "")]).await;
    let second = Vendor::start(vec![Answer::Text("instead")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-opus-4-5-20251101"]);
    let host = host(config, home.path()).await;
    let mut task = small("hi");
    task.max_output_tokens = Some(100_000);
    let done = host.run(task).await;
    let limit = host.registry().model("claude-opus-4-5-20251101").unwrap();
    let limit = limit.max_output_tokens.unwrap();
    assert!(limit < 100_000);
    assert!(second.asked()[0].contains(&format!(r#""max_tokens":{limit}"#)));
    assert!(
        done.outcome
            .reasons
            .iter()
            .any(|words| words.contains("has at most"))
    );
}

#[tokio::test]
async fn a_share_of_tasks_explores_by_a_seed_and_its_probability_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let mut config = config(&vendor.url);
    config.router.exploration_share = 0.4;
    config.router.exploration_seed = 11;
    let host = host(config, home.path()).await;
    let task = |at: usize| {
        let mut task =
            Task::new("Add pagination to the orders endpoint, with tests for the last page");
        task.id = Some(format!("task-{at}"));
        task
    };
    let mut explored = Vec::new();
    for at in 0..40 {
        let decision = host.route(&task(at)).await.decision.unwrap();
        assert_eq!(decision, host.route(&task(at)).await.decision.unwrap());
        let expected = if decision.tier == 2 { 0.6 } else { 0.2 };
        assert!(
            (decision.propensity - expected).abs() < 1e-6,
            "{decision:?}"
        );
        if decision.tier != 2 {
            explored.push((at, decision.tier));
        }
    }
    assert!((8..=24).contains(&explored.len()), "{explored:?}");
    assert!(explored.iter().any(|own| own.1 == 1) && explored.iter().any(|own| own.1 == 3));

    let done = host.run(task(explored[0].0)).await.outcome;
    assert_eq!(done.tier_decided.unwrap().number(), explored[0].1);
    let kept = host.store().outcome(&done.id).await.unwrap();
    assert!((kept.propensity - 0.2).abs() < 1e-6);
    assert!(kept.reasons[0].contains("is tried to learn"));

    let mut by_hand = task(explored[1].0);
    by_hand.routing_tier = Some(Tier::Middle);
    let mut critical = task(explored[1].0);
    critical.is_critical = true;
    for task in [by_hand, critical] {
        let decision = host.route(&task).await.decision.unwrap();
        assert_eq!((decision.tier, decision.propensity), (2, 1.0));
    }
}

/// A server on loopback that counts who connects.
fn watched() -> (String, Arc<std::sync::atomic::AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = count.clone();
    std::thread::spawn(move || {
        while listener.accept().is_ok() {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    (url, count)
}

#[tokio::test]
async fn a_task_that_may_not_leave_the_machine_opens_no_connection_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    // Stands for what is elsewhere: not vouched for, although the test can only give it an address here.
    let (elsewhere, count) = watched();
    let local = Vendor::start(vec![Answer::Raw(
        "HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n".into(),
    )])
    .await;
    let mut config = with_others(&elsewhere, &[("proxy", &elsewhere)]);
    let ollama = config.providers.entry("ollama".to_owned()).or_default();
    ollama.base_url = Some(local.url.clone());
    ollama.max_attempts = Some(1);
    fall_back_to(
        &mut config,
        &[
            "ollama/gpt-oss:120b-cloud",
            "ollama/glm-4.6:cloud",
            "ollama/llama3.1",
            "proxy/claude-haiku-5-5",
        ],
    );
    let host = host(config, home.path()).await;
    let mut task = small("a secret");
    task.privacy = Some(Privacy::LocalOnly);
    let done = host.run(task).await;
    assert_eq!(done.outcome.status, Status::Failure);
    let tried: Vec<_> = done
        .outcome
        .hops
        .iter()
        .map(|hop| hop.model.as_str())
        .collect();
    assert_eq!(tried, ["ollama/llama3.1"]);
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(local.asked().len(), 1);
    assert!(!local.asked()[0].contains("cloud"));
}

/// Claude's stream up to some words, and its end if it has one.
fn stream(end: bool) -> Answer {
    let mut body = String::from(
        "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n\
         data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    );
    if end {
        body += "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":20}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    }
    Answer::Raw(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"
    ))
}

#[tokio::test]
async fn a_streamed_task_tells_words_and_settles_once_at_its_end() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![stream(true)]).await;
    let host = Arc::new(host(config(&vendor.url), home.path()).await);
    let mut progress = host.stream(small("hi"));
    let (mut words, mut done) = (String::new(), None);
    while let Some(told) = progress.next().await {
        match told {
            Progress::Event(Event::Text(text)) => words += &text,
            Progress::Event(_) => {}
            Progress::Done(end) => done = Some(end),
        }
    }
    let outcome = done.unwrap().outcome;
    assert_eq!((words.as_str(), outcome.status), ("Hello", Status::Success));
    let usage = outcome.usage.unwrap();
    assert_eq!(
        (usage.input, usage.output, usage.estimated),
        (10, 20, false)
    );
    assert_eq!(
        host.store().spent(host.today()).await.unwrap(),
        outcome.cost
    );
}

#[tokio::test]
async fn a_stream_that_dies_is_settled_at_an_estimate_that_says_so() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![stream(false)]).await;
    let second = Vendor::start(vec![stream(true)]).await;
    let mut config = with_others(&vendor.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = Arc::new(host(config, home.path()).await);
    let mut progress = host.stream(small("hi"));
    let mut done = None;
    while let Some(told) = progress.next().await {
        if let Progress::Done(end) = told {
            done = Some(end);
        }
    }
    let done = done.unwrap();
    assert!(matches!(done.result, Err(Failure::Provider(_))));
    let usage = done.outcome.usage.unwrap();
    assert_eq!((usage.input, usage.output, usage.estimated), (10, 5, true));
    assert!(done.outcome.cost.get() > 0);
    assert!(second.asked().is_empty(), "words were told already");
}

#[tokio::test]
async fn a_stream_that_fails_before_its_first_word_falls_back() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![error(529, "overloaded_error", "")]).await;
    let second = Vendor::start(vec![stream(true)]).await;
    let mut config = with_others(&vendor.url, &[("other", &second.url)]);
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = Arc::new(host(config, home.path()).await);
    let mut progress = host.stream(small("hi"));
    while let Some(told) = progress.next().await {
        if let Progress::Done(end) = told {
            assert_eq!(end.outcome.status, Status::Success);
            assert_eq!(end.outcome.hops.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_listener_that_goes_away_closes_the_vendors_connection_and_leaves_a_cancelled_outcome() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Silence]).await;
    let mut config = config(&vendor.url);
    claude(&mut config).first_byte_timeout_ms = Some(60_000);
    let host = Arc::new(host(config, home.path()).await);
    let mut task = small("hi");
    task.id = Some("given-up".to_owned());
    let progress = host.stream(task);
    for _ in 0..200 {
        if !vendor.asked().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(progress);
    for _ in 0..200 {
        let kept = host.store().outcome("given-up").await.unwrap();
        if kept.status == Status::Cancelled {
            assert!(kept.usage.unwrap().estimated && kept.cost.get() > 0);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the outcome was not settled");
}
