//! The Claude provider against servers on loopback that answer well, badly, late and never.

mod support;

use std::time::{Duration, Instant};

use support::{Answer, Vendor, claude, config, error};
use tinydancer::provider::{
    Error, ErrorKind, Message, Reply, Request, Role, Stage, StopReason, from_config,
};

fn request() -> Request {
    Request {
        model: "m".into(),
        messages: vec![Message::text(Role::User, "hi there")],
        max_output_tokens: 100,
        ..Request::default()
    }
}

async fn call(
    vendor: &Vendor,
    change: impl FnOnce(&mut tinydancer::config::Provider),
) -> Result<Reply, Error> {
    let mut config = claude(&mut config(&vendor.url)).clone();
    change(&mut config);
    let provider = from_config("claude", &config, &|_| Some("sk-secret".to_owned())).unwrap();
    provider.call(&request()).await
}

#[tokio::test]
async fn an_answer_comes_back_with_its_usage() {
    let vendor = Vendor::start(vec![Answer::Text("Hello")]).await;
    let reply = call(&vendor, |_| {}).await.unwrap();
    assert_eq!(
        (reply.text().as_str(), &reply.stop, reply.attempts),
        ("Hello", &StopReason::EndTurn, 1)
    );
    assert_eq!(
        reply.usage.map(|usage| (usage.input, usage.output)),
        Some((1_000, 200))
    );
    let asked = vendor.asked().remove(0);
    assert!(asked.starts_with("POST /v1/messages HTTP/1.1"), "{asked}");
    assert!(
        asked.contains("x-api-key: sk-secret")
            && asked.contains(r#""max_tokens":100"#)
            && asked.contains("hi there"),
        "{asked}"
    );
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_retry_after_is_kept_to() {
    let vendor = Vendor::start(vec![
        error(429, "rate_limit_error", "retry-after-ms: 200\r\n"),
        error(529, "overloaded_error", "retry-after: 0\r\n"),
        Answer::Text("at last"),
    ])
    .await;
    let began = Instant::now();
    let reply = call(&vendor, |config| config.max_attempts = Some(3))
        .await
        .unwrap();
    assert_eq!((reply.text().as_str(), reply.attempts), ("at last", 3));
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn tries_end_and_say_how_many_there_were() {
    let vendor = Vendor::start(vec![error(
        529,
        "overloaded_error",
        "retry-after-ms: 1\r\n",
    )])
    .await;
    let failed = call(&vendor, |config| config.max_attempts = Some(3))
        .await
        .unwrap_err();
    assert_eq!(
        (&failed.kind, failed.attempts, vendor.asked().len()),
        (&ErrorKind::Overloaded, 3, 3)
    );
    assert!(failed.to_string().contains("after 3 attempts"));
    assert!(!failed.may_have_been_billed());
}

#[tokio::test]
async fn a_wait_that_does_not_fit_into_the_time_is_not_begun() {
    let vendor = Vendor::start(vec![error(429, "rate_limit_error", "retry-after: 30\r\n")]).await;
    let began = Instant::now();
    let failed = call(&vendor, |config| {
        config.max_attempts = Some(3);
        config.total_timeout_ms = Some(2_000);
    })
    .await
    .unwrap_err();
    assert_eq!(
        (&failed.kind, failed.retry_after),
        (&ErrorKind::RateLimited, Some(Duration::from_secs(30)))
    );
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for (status, kind, expected) in [
        (400, "invalid_request_error", ErrorKind::BadRequest),
        (401, "authentication_error", ErrorKind::Authentication),
        (403, "permission_error", ErrorKind::Permission),
        (404, "not_found_error", ErrorKind::NotFound),
        (413, "request_too_large", ErrorKind::TooLong),
    ] {
        let vendor = Vendor::start(vec![error(status, kind, "")]).await;
        let failed = call(&vendor, |config| config.max_attempts = Some(3))
            .await
            .unwrap_err();
        assert_eq!((&failed.kind, vendor.asked().len()), (&expected, 1));
    }
}

#[tokio::test]
async fn silence_ends_at_the_limit_that_it_breaks() {
    let first = Vendor::start(vec![Answer::Silence]).await;
    let failed = call(&first, |config| config.first_byte_timeout_ms = Some(100))
        .await
        .unwrap_err();
    assert_eq!(
        (&failed.kind, failed.may_have_been_billed()),
        (&ErrorKind::Timeout(Stage::FirstByte), true)
    );
    let between = Vendor::start(vec![Answer::Half]).await;
    let failed = call(&between, |config| config.idle_timeout_ms = Some(100))
        .await
        .unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Timeout(Stage::BetweenBytes));
    let whole = Vendor::start(vec![Answer::Silence]).await;
    let failed = call(&whole, |config| config.total_timeout_ms = Some(100))
        .await
        .unwrap_err();
    assert_eq!(
        (&failed.kind, whole.asked().len() <= 1),
        (&ErrorKind::Timeout(Stage::Whole), true)
    );
}

#[tokio::test]
async fn what_is_no_answer_is_told_and_may_be_on_the_bill() {
    for raw in [
        "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\nconnection: close\r\n\r\n{\"content\":[",
    ] {
        let vendor = Vendor::start(vec![Answer::Raw(raw.into())]).await;
        let failed = call(&vendor, |config| config.max_attempts = Some(3))
            .await
            .unwrap_err();
        assert!(
            matches!(failed.kind, ErrorKind::Protocol | ErrorKind::Connection),
            "{failed:?}"
        );
        assert!(failed.may_have_been_billed());
        assert_eq!(
            vendor.asked().len(),
            1,
            "a request that a model may have worked on is not sent again"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_because_the_key_would_go_with_it() {
    let elsewhere = Vendor::start(vec![Answer::Text("stolen")]).await;
    let raw = format!(
        "HTTP/1.1 307 X\r\nlocation: {}/v1/messages\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url
    );
    let vendor = Vendor::start(vec![Answer::Raw(raw)]).await;
    assert_eq!(
        call(&vendor, |_| {}).await.unwrap_err().kind,
        ErrorKind::Protocol
    );
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn nobody_there_is_tried_again_and_costs_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let own = claude(&mut config(&url)).clone();
    let provider = from_config("claude", &own, &|_| Some("k".to_owned())).unwrap();
    let failed = provider.call(&request()).await.unwrap_err();
    assert_eq!(
        (&failed.kind, failed.may_have_been_billed()),
        (&ErrorKind::Connection, false)
    );
}

#[tokio::test]
async fn no_error_shows_the_key_or_the_prompt() {
    for answer in [
        error(401, "authentication_error", ""),
        error(500, "api_error", ""),
        Answer::Raw("nonsense".into()),
    ] {
        let vendor = Vendor::start(vec![answer]).await;
        let failed = call(&vendor, |_| {}).await.unwrap_err();
        let shown = format!("{failed} {failed:?}");
        assert!(
            !shown.contains("sk-secret") && !shown.contains("hi there"),
            "{shown}"
        );
    }
}
