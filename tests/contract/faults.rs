//! What goes wrong, and that it means the same whoever is asked.

use std::time::Duration;

use serde_json::json;
use tinydancer::provider::{ErrorKind, Event, Stage};

use super::forms::{BEDROCK, CLAUDE, FORMS, Form, KEY, all, http, provider, request, sse};
use super::support::{Answer, Vendor};

#[tokio::test]
async fn a_stream_that_is_cut_off_says_so_after_what_came() {
    for form in FORMS {
        let whole = (form.stream)();
        for share in [2, 3, 4] {
            let cut = &whole[..whole.len() * share / 5];
            let vendor = Vendor::start(vec![http(cut, "200 OK")]).await;
            let provider = provider(&form, &vendor.url, |_| {});
            let (events, failed) = all(&*provider, &request()).await;
            let failed = failed.unwrap_or_else(|| panic!("{}: {events:?}", form.name));
            assert!(failed.may_have_been_billed(), "{}", form.name);
            assert!(!events.iter().any(|event| matches!(event, Event::End(_))));
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_no_stream_is_told() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http(b"data: {not json}\n\n{\n", "200 OK")]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let (_, failed) = all(&*provider, &request()).await;
        let failed = failed.unwrap();
        assert!(
            matches!(failed.kind, ErrorKind::Protocol | ErrorKind::Connection),
            "{}: {failed}",
            form.name
        );
    }
}

#[tokio::test]
async fn statuses_mean_the_same_everywhere() {
    for form in FORMS {
        for (status, expected) in [
            (400, ErrorKind::BadRequest),
            (401, ErrorKind::Authentication),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (413, ErrorKind::TooLong),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Vendor(500)),
            (502, ErrorKind::Vendor(502)),
            (503, ErrorKind::Overloaded),
            (302, ErrorKind::Protocol),
        ] {
            let head = format!("{status} X\r\nretry-after: 7");
            let vendor = Vendor::start(vec![http(b"<html>no</html>", &head)]).await;
            let provider = provider(&form, &vendor.url, |_| {});
            let failed = provider.call(&request()).await.unwrap_err();
            let (_, streamed) = all(&*provider, &request()).await;
            for failed in [failed, streamed.unwrap()] {
                assert_eq!(failed.kind, expected, "{} {status}", form.name);
                assert_eq!(failed.retry_after, Some(Duration::from_secs(7)));
                assert_eq!(failed.reached, status == 502, "{} {status}", form.name);
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_what_the_vendor_says() {
    let error = |form: &Form, kind: &str, code: &str, message: &str| match form.provider {
        "claude" => json!({ "type": "error", "error": { "type": kind, "message": message } }),
        "ollama" => json!({ "error": message }),
        "gemini" => {
            json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": message } })
        }
        "bedrock" => json!({ "message": message }),
        _ => json!({ "error": { "type": kind, "code": code, "message": message } }),
    };
    for form in FORMS {
        let body = error(
            &form,
            "invalid_request_error",
            "context_length_exceeded",
            "prompt is too long: 300000 tokens > 200000 maximum",
        );
        let vendor = Vendor::start(vec![http(body.to_string().as_bytes(), "400 X")]).await;
        let failed = provider(&form, &vendor.url, |_| {})
            .call(&request())
            .await
            .unwrap_err();
        assert_eq!(failed.kind, ErrorKind::TooLong, "{}", form.name);
    }
}

#[tokio::test]
async fn silence_ends_at_the_limit_that_it_breaks() {
    for form in FORMS {
        let silent = Vendor::start(vec![Answer::Silence]).await;
        let first = provider(&form, &silent.url, |own| {
            own.first_byte_timeout_ms = Some(50);
        });
        let failed = first.call(&request()).await.unwrap_err();
        assert_eq!(
            failed.kind,
            ErrorKind::Timeout(Stage::FirstByte),
            "{}",
            form.name
        );
        let half = Vendor::start(vec![Answer::Half]).await;
        let between = provider(&form, &half.url, |own| own.idle_timeout_ms = Some(50));
        let (_, failed) = all(&*between, &request()).await;
        assert_eq!(
            failed.unwrap().kind,
            ErrorKind::Timeout(Stage::BetweenBytes),
            "{}",
            form.name
        );
        let whole = provider(&form, &half.url, |own| own.total_timeout_ms = Some(50));
        let failed = whole.call(&request()).await.unwrap_err();
        assert_eq!(
            failed.kind,
            ErrorKind::Timeout(Stage::Whole),
            "{}",
            form.name
        );
    }
}

#[tokio::test]
async fn no_error_shows_the_key_even_where_the_vendor_quotes_it() {
    for form in FORMS {
        let body = json!({ "error": { "type": "x", "message": format!("bad key {KEY}") }, "message": format!("bad key {KEY}") });
        let vendor = Vendor::start(vec![http(body.to_string().as_bytes(), "401 X")]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let failed = provider.call(&request()).await.unwrap_err();
        let shown = format!(
            "{failed} {failed:?} {:?} {}",
            request(),
            provider.endpoint()
        );
        assert!(
            !shown.contains(KEY) && !shown.contains("hi there"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_checksum_that_is_wrong_ends_bedrocks_stream() {
    let mut bytes = (BEDROCK.stream)();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let vendor = Vendor::start(vec![http(&bytes, "200 OK")]).await;
    let provider = provider(&BEDROCK, &vendor.url, |_| {});
    let (events, failed) = all(&*provider, &request()).await;
    assert_eq!(failed.unwrap().kind, ErrorKind::Protocol);
    assert!(events.iter().any(|event| matches!(event, Event::Text(_))));
}

#[tokio::test]
async fn an_overloaded_vendor_that_says_so_in_a_stream_is_tried_again() {
    let busy = sse(&[(
        "error",
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }),
    )]);
    let vendor = Vendor::start(vec![
        http(&busy, "200 OK"),
        http(&(CLAUDE.stream)(), "200 OK"),
    ])
    .await;
    let provider = provider(&CLAUDE, &vendor.url, |own| own.max_attempts = Some(2));
    let (events, failed) = all(&*provider, &request()).await;
    assert_eq!(failed, None);
    let Some(Event::End(reply)) = events.last() else {
        panic!("an end")
    };
    assert_eq!(reply.attempts, 2);
}

#[tokio::test]
async fn content_that_a_filter_refuses_is_told_apart_from_a_wrong_request() {
    for form in FORMS {
        let (head, body) = match form.name {
            "claude" => (
                "400 X",
                json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "Output blocked by content filtering policy" } }),
            ),
            "azure" => (
                "400 X",
                json!({ "error": { "code": "content_filter", "message": "m", "innererror": { "code": "ResponsibleAIPolicyViolation" } } }),
            ),
            "gemini" => (
                "200 OK",
                json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" } }),
            ),
            "openai" | "openai (responses)" => (
                "400 X",
                json!({ "error": { "type": "invalid_request_error", "code": "content_policy_violation", "message": "m" } }),
            ),
            // The others say it in an answer's reason to stop.
            _ => continue,
        };
        let vendor = Vendor::start(vec![http(body.to_string().as_bytes(), head)]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let failed = provider.call(&request()).await.unwrap_err();
        assert_eq!(failed.kind, ErrorKind::ContentRefused, "{}", form.name);
        assert!(!failed.is_vendors_fault(), "no breaker counts it");
        assert!(failed.may_fall_back(), "another vendor may answer");
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_a_connection_that_failed_and_costs_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for form in FORMS {
        let provider = provider(&form, &url, |_| {});
        let failed = provider.call(&request()).await.unwrap_err();
        let (_, streamed) = all(&*provider, &request()).await;
        for failed in [failed, streamed.unwrap()] {
            assert_eq!(failed.kind, ErrorKind::Connection, "{}", form.name);
            assert!(!failed.may_have_been_billed(), "{}", form.name);
        }
    }
}

/// An address at which connections are neither taken nor refused: its queue of one is full.
#[cfg(target_os = "linux")]
async fn full() -> (String, Vec<tokio::net::TcpStream>, tokio::net::TcpListener) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    loop {
        let one = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(300), one).await {
            Ok(Ok(stream)) => held.push(stream),
            _ => return (format!("http://{address}"), held, listener),
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_not_made_in_time_ends_at_its_own_limit() {
    let (url, _held, _listener) = full().await;
    for form in FORMS {
        let provider = provider(&form, &url, |own| own.connect_timeout_ms = Some(100));
        let failed = provider.call(&request()).await.unwrap_err();
        assert_eq!(
            failed.kind,
            ErrorKind::Timeout(Stage::Connect),
            "{}",
            form.name
        );
        assert!(!failed.may_have_been_billed());
    }
}
