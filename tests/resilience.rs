//! What protects vendor and caller from each other: breakers, turns, cancellation, backpressure, answers that are kept.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::{
    Answer, Vendor, claude, config, error, fall_back_to, host, program, small, with_others,
};
use tinydancer::config::CacheMode;
use tinydancer::provider::Event;
use tinydancer::{Progress, Status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn a_vendor_that_keeps_failing_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![error(500, "api_error", "")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    for _ in 0..7 {
        host.run(small("hi")).await;
    }
    assert_eq!(vendor.asked().len(), 5);
    assert_eq!(host.breakers().states().len(), 1);
    let done = host.run(small("hi")).await;
    assert!(done.result.unwrap_err().to_string().contains("left alone"));
    assert_eq!(done.outcome.cost.get(), 0);
}

#[tokio::test]
async fn the_doctor_of_another_process_sees_what_is_left_alone_until_its_process_ends() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![error(500, "api_error", "")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let doctor = || program(home.path(), "", &vendor.url, &["doctor"]);
    assert!(!doctor().await.0.contains("left alone for"));
    for _ in 0..5 {
        host.run(small("hi")).await;
    }
    let (text, _) = doctor().await;
    let words = format!(
        "claude-haiku-5-5 of claude at {} failed too often and is left alone for",
        vendor.url
    );
    assert!(text.contains(&words), "{text}");
    host.close().await.unwrap();
    assert!(!doctor().await.0.contains("left alone for"));
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_a_provider_may_have() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_millis(300), "one by one")]).await;
    let mut config = config(&vendor.url);
    claude(&mut config).max_concurrent = Some(1);
    let host = host(config, home.path()).await;
    let began = Instant::now();
    let (one, two, three) = tokio::join!(host.run(small("a")), host.run(small("b")), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        vendor.asked().len()
    });
    assert!(one.result.is_ok() && two.result.is_ok());
    assert_eq!(three, 1, "the second waits for the first");
    assert!(began.elapsed() >= Duration::from_millis(600));
}

#[tokio::test]
async fn no_more_calls_begin_in_a_minute_than_a_provider_takes() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("in turn")]).await;
    let mut config = config(&vendor.url);
    // One a second, and five at once after a pause.
    claude(&mut config).requests_per_minute = Some(60);
    let host = host(config, home.path()).await;
    let began = Instant::now();
    for _ in 0..7 {
        assert!(host.run(small("hi")).await.result.is_ok());
    }
    assert!(
        began.elapsed() >= Duration::from_millis(1_900),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_caller_that_goes_away_closes_the_vendors_connection() {
    let home = tempfile::tempdir().unwrap();
    let beginning = "HTTP/1.1 200 OK\r\n\r\ndata: {\"type\":\"content_block_delta\",\"index\":0,\
        \"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";
    let begun = Answer::Slow(vec![beginning.to_owned(), String::new()], 60_000);
    let vendor = Vendor::start(vec![Answer::Silence, Answer::Half, Answer::Silence, begun]).await;
    let host = Arc::new(host(config(&vendor.url), home.path()).await);
    // Before an answer and in its middle, whole and streamed.
    for count in 1..=2 {
        let given_up = tokio::time::timeout(Duration::from_millis(300), host.run(small("hi")));
        assert!(given_up.await.is_err());
        vendor.is_left_by(count).await;
    }
    let unheard = host.stream(small("hi"));
    while vendor.asked().len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(unheard);
    vendor.is_left_by(3).await;
    let mut heard = host.stream(small("hi"));
    let first = heard.next().await.unwrap();
    assert!(
        matches!(first, Progress::Event(Event::Text(_))),
        "{first:?}"
    );
    drop(heard);
    vendor.is_left_by(4).await;
}

/// A vendor that streams words for as long as they are taken, and counts the bytes.
async fn endless() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 65_536];
        let _ = stream.read(&mut request).await;
        let piece = format!(
            "data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}}}\n\n",
            "x".repeat(16_000)
        );
        let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        let mut sent = stream.write_all(head).await;
        while sent.is_ok() {
            sent = stream.write_all(piece.as_bytes()).await;
            count.fetch_add(piece.len(), Ordering::SeqCst);
        }
    });
    (url, written)
}

#[tokio::test]
async fn a_reader_that_stops_stops_the_vendor() {
    let home = tempfile::tempdir().unwrap();
    let (url, written) = endless().await;
    let host = Arc::new(host(config(&url), home.path()).await);
    let mut progress = host.stream(small("hi"));
    assert!(progress.next().await.is_some());
    let mut before = 0;
    // Sockets hold a few megabytes; then nothing moves any more.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = written.load(Ordering::SeqCst);
        if now == before && now > 0 {
            break;
        }
        before = now;
    }
    let held = written.load(Ordering::SeqCst);
    assert!(
        held < 32 << 20,
        "{held} bytes were taken of which nobody has read"
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(written.load(Ordering::SeqCst), held);
    let mut read = 0;
    while read < held + (1 << 20) {
        let Some(Progress::Event(Event::Text(text))) = progress.next().await else {
            panic!("it goes on as long as it is read");
        };
        read += text.len();
    }
    assert!(written.load(Ordering::SeqCst) > held);
}

#[tokio::test]
async fn an_answer_is_given_again_without_a_call_and_at_no_cost() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("once")]).await;
    let mut config = config(&vendor.url);
    config.cache.mode = CacheMode::All;
    let host = host(config, home.path()).await;
    // Those who ask at once wait for the one call.
    let (one, two, three) = tokio::join!(
        host.run(small("hi")),
        host.run(small("hi")),
        host.run(small("hi"))
    );
    let other = host.run(small("hi!")).await;
    assert_eq!(vendor.asked().len(), 2);
    let all = [one, two, three];
    assert_eq!(all.iter().filter(|done| done.outcome.cached).count(), 2);
    for done in all.iter().filter(|done| done.outcome.cached) {
        assert_eq!(
            (done.outcome.status, done.outcome.cost.get()),
            (Status::Success, 0)
        );
    }
    assert!(!other.outcome.cached);
}

#[tokio::test]
async fn nothing_is_kept_of_a_request_that_does_not_ask_for_the_likeliest_words() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("anew")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    for _ in 0..2 {
        assert!(!host.run(small("hi")).await.outcome.cached);
    }
    assert_eq!(vendor.asked().len(), 2);
}

#[tokio::test]
async fn a_hit_is_an_outcome_of_its_own_that_costs_nothing_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("kept")]).await;
    let mut config = config(&vendor.url);
    // As it comes only requests for the likeliest words are kept, and the models of the 5.5 family take no such wish.
    config.tiers.entry("1".to_owned()).or_default().model =
        Some("claude-opus-4-5-20251101".to_owned());
    let host = Arc::new(host(config, home.path()).await);
    let likeliest = || {
        let mut task = small("hi");
        task.temperature = Some(0.0);
        task
    };
    let first = host.run(likeliest()).await.outcome;
    let mut progress = host.stream(likeliest());
    let (mut told, mut end) = (String::new(), None);
    while let Some(one) = progress.next().await {
        match one {
            Progress::Event(Event::Text(text)) => told += &text,
            Progress::Event(_) => {}
            Progress::Done(done) => end = Some(done.outcome),
        }
    }
    let hit = end.unwrap();
    assert_eq!(
        (told.as_str(), hit.cached, hit.cost.get()),
        ("kept", true, 0)
    );
    assert!(hit.baseline.get() > 0 && hit.hops.is_empty());
    host.store().flush().await.unwrap();
    let kept = host.store().outcome(&hit.id).await.unwrap();
    assert!(kept.cached && kept.cost.get() == 0 && kept.status == Status::Success);
    assert!(
        kept.reasons
            .iter()
            .any(|words| words.contains("from the cache"))
    );
    let spent = host.store().spent(host.today()).await.unwrap();
    assert_eq!(spent, first.cost);
}

#[tokio::test]
async fn what_is_kept_is_forgotten_after_its_time_and_beyond_its_size() {
    for (ttl_s, max_bytes) in [(1, 64 << 20), (3_600, 1)] {
        let home = tempfile::tempdir().unwrap();
        let vendor = Vendor::start(vec![Answer::Text("anew")]).await;
        let mut config = config(&vendor.url);
        config.cache.mode = CacheMode::All;
        (config.cache.ttl_s, config.cache.max_bytes) = (ttl_s, max_bytes);
        let host = host(config, home.path()).await;
        host.run(small("hi")).await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert!(!host.run(small("hi")).await.outcome.cached);
        assert_eq!(vendor.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_failure_is_not_kept_and_whoever_waited_for_it_asks() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![error(500, "api_error", ""), Answer::Text("fine")]).await;
    let mut config = config(&vendor.url);
    config.cache.mode = CacheMode::All;
    let host = host(config, home.path()).await;
    let (one, two) = tokio::join!(host.run(small("hi")), host.run(small("hi")));
    let mut ends = [one.outcome.status, two.outcome.status];
    ends.sort_by_key(|status| status.name());
    assert_eq!(ends, [Status::Failure, Status::Success]);
    assert_eq!(vendor.asked().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_kept_of_the_next_model_is_given_where_the_first_one_fails() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![error(500, "api_error", "")]).await;
    let second = Vendor::start(vec![Answer::Text("kept")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    config.cache.mode = CacheMode::All;
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = host(config, home.path()).await;
    let paid = host.run(small("hi")).await.outcome;
    let hit = host.run(small("hi")).await.outcome;
    assert_eq!((first.asked().len(), second.asked().len()), (2, 1));
    assert!(hit.cached && hit.cost.get() == 0 && hit.hops.len() == 1);
    let spent = host.store().spent(host.today()).await.unwrap();
    assert_eq!(spent, paid.cost);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}
