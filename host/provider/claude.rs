//! Anthropic's Messages API: `POST {base}/v1/messages`.
//!
//! Two pure conversions ([`to_wire`], [`from_wire`]), a table from status to error, and `call`, which sends, waits and tries again where
//! that is safe. It does not stream and sends no tools.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    BoxFuture, Error, ErrorKind, Provider, Reply, Request, Role, Stage, StopReason, Thinking, Usage,
};
use crate::config;

const NAME: &str = "claude";
/// The version of the interface that the wire form here is of.
const VERSION: &str = "2023-06-01";
/// An answer longer than this is no answer.
const LONGEST_ANSWER: usize = 64 << 20;
/// The longest wait that a vendor may ask for between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long the parts of a call may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
    whole: Duration,
    attempts: u32,
}

/// The provider.
pub struct Claude {
    url: reqwest::Url,
    key: SecretString,
    limits: Limits,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl std::fmt::Debug for Claude {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claude")
            .field("url", &self.url.as_str())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why the provider cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// There is no key.
    #[error("there is no key for Claude: set {0}, or providers.claude.api_key_file")]
    NoKey(String),
    /// The file with the key cannot be read.
    #[error("the key file `{path}` cannot be read: {reason}")]
    KeyFile {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The base URL is none.
    #[error("providers.claude.base_url `{0}` is no address such as https://api.anthropic.com")]
    BaseUrl(String),
    /// The key would cross a network in the clear.
    #[error(
        "providers.claude.base_url `{0}` is plain http to another machine: use https, or set providers.claude.allow_plain_http"
    )]
    PlainHttp(String),
}

impl Claude {
    /// Sets the provider up. Nothing is sent; the client is built at the first call.
    ///
    /// # Errors
    /// No key, or an address that is none or that would show the key to the network.
    pub fn from_config(
        config: &config::Claude,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Claude, SetupError> {
        let url = endpoint(&config.base_url, config.allow_plain_http)?;
        let key = match (
            env(&config.api_key_env).filter(|key| !key.trim().is_empty()),
            &config.api_key_file,
        ) {
            (Some(key), _) => key,
            (None, Some(path)) => {
                std::fs::read_to_string(path).map_err(|e| SetupError::KeyFile {
                    path: path.display().to_string(),
                    reason: e.to_string(),
                })?
            }
            (None, None) => return Err(SetupError::NoKey(config.api_key_env.clone())),
        };
        let set = |own: Option<u64>, usual: u64| Duration::from_millis(own.unwrap_or(usual));
        Ok(Claude {
            url,
            key: SecretString::from(key.trim().to_owned()),
            limits: Limits {
                connect: set(config.connect_timeout_ms, 10_000),
                // Without streaming the first byte comes when the model is done thinking.
                first_byte: set(config.first_byte_timeout_ms, 600_000),
                between_bytes: set(config.idle_timeout_ms, 60_000),
                whole: set(config.total_timeout_ms, 900_000),
                attempts: config.max_attempts.unwrap_or(3).max(1),
            },
            client: OnceLock::new(),
        })
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        let built = self.client.get_or_init(|| {
            // The first provider of the process installs the cryptography; that another has done so is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder()
                .connect_timeout(self.limits.connect)
                .read_timeout(self.limits.between_bytes.max(self.limits.first_byte))
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("tinydancer/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|e| e.to_string())
        });
        built.as_ref().map_err(|words| Error {
            vendor_words: Some(words.clone()),
            ..error(ErrorKind::Connection, false)
        })
    }

    async fn send(&self, body: &[u8]) -> Result<Reply, Error> {
        let mut key = HeaderValue::from_str(self.key.expose_secret())
            .map_err(|_| error(ErrorKind::Authentication, false))?;
        key.set_sensitive(true);
        let sent = self
            .client()?
            .post(self.url.clone())
            .header("x-api-key", key)
            .header("anthropic-version", VERSION)
            .header("content-type", "application/json")
            .body(body.to_vec())
            .send();
        let response = tokio::time::timeout(self.limits.first_byte, sent)
            .await
            .map_err(|_| error(ErrorKind::Timeout(Stage::FirstByte), true))?
            .map_err(|e| transport(&e))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = self.read(response).await?;
        if (200..300).contains(&status) {
            from_wire(&bytes)
        } else {
            Err(refused(status, &headers, &bytes))
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        loop {
            let next = tokio::time::timeout(self.limits.between_bytes, response.chunk())
                .await
                .map_err(|_| error(ErrorKind::Timeout(Stage::BetweenBytes), true))?
                .map_err(|e| transport(&e))?;
            let Some(chunk) = next else { return Ok(bytes) };
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST_ANSWER {
                return Err(error(ErrorKind::Protocol, true));
            }
        }
    }

    /// Tries until there is an answer, an error that another try would not mend, or no time left.
    async fn call_until(&self, body: &[u8], deadline: Instant) -> Result<Reply, Error> {
        let mut attempts = 1;
        loop {
            let failed = match tokio::time::timeout_at(deadline.into(), self.send(body)).await {
                Ok(Ok(reply)) => return Ok(Reply { attempts, ..reply }),
                Ok(Err(failed)) => Error { attempts, ..failed },
                Err(_) => {
                    return Err(Error {
                        attempts,
                        ..error(ErrorKind::Timeout(Stage::Whole), true)
                    });
                }
            };
            // A request that a model may have worked on is not sent again: it would be paid for twice.
            let again = failed.is_retryable() && !failed.reached && attempts < self.limits.attempts;
            let wait = failed
                .retry_after
                .unwrap_or_else(|| backoff(attempts))
                .min(LONGEST_WAIT);
            if !again || Instant::now() + wait >= deadline {
                return Err(failed);
            }
            tokio::time::sleep(wait).await;
            attempts += 1;
        }
    }
}

impl Provider for Claude {
    fn name(&self) -> &str {
        NAME
    }

    fn call<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Error>> {
        Box::pin(async move {
            let body = to_wire(request).to_string().into_bytes();
            self.call_until(&body, Instant::now() + self.limits.whole)
                .await
        })
    }
}

/// Doubling from a quarter of a second, spread over half of it by the clock's low digits, so that many callers do not come back at once.
fn backoff(attempt: u32) -> Duration {
    let base = Duration::from_millis(250).saturating_mul(1 << attempt.saturating_sub(1).min(6));
    let draw = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos() / 100 % 1_000);
    base / 2 + base.saturating_mul(draw) / 2_000
}

fn endpoint(base: &str, allow_plain: bool) -> Result<reqwest::Url, SetupError> {
    let wrong = || SetupError::BaseUrl(base.to_owned());
    let url = reqwest::Url::parse(&format!("{}/v1/messages", base.trim_end_matches('/')))
        .map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback || allow_plain => Ok(url),
        "http" => Err(SetupError::PlainHttp(base.to_owned())),
        _ => Err(wrong()),
    }
}

fn error(kind: ErrorKind, reached: bool) -> Error {
    Error {
        provider: NAME,
        kind,
        vendor_words: None,
        retry_after: None,
        attempts: 1,
        reached,
    }
}

/// What a failed exchange means. Only a connection that was never made is known not to have reached a model.
fn transport(failed: &reqwest::Error) -> Error {
    if failed.is_connect() {
        let kind = if failed.is_timeout() {
            ErrorKind::Timeout(Stage::Connect)
        } else {
            ErrorKind::Connection
        };
        return error(kind, false);
    }
    let kind = if failed.is_timeout() {
        ErrorKind::Timeout(Stage::BetweenBytes)
    } else {
        ErrorKind::Connection
    };
    error(kind, true)
}

/// The request in the vendor's form.
#[must_use]
pub fn to_wire(request: &Request) -> Value {
    let messages: Vec<Value> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            json!({ "role": role, "content": message.text })
        })
        .collect();
    let mut body = json!({ "model": request.model, "max_tokens": request.max_output_tokens, "messages": messages });
    if let Some(system) = &request.system {
        body["system"] = json!(system);
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["thinking"] = json!({ "type": "adaptive" });
            body["output_config"] = json!({ "effort": effort });
        }
        // The vendor asks for 1,024 tokens at least, and for fewer than the answer may have.
        Some(Thinking::Budget { tokens }) if request.max_output_tokens > 1_024 => {
            let tokens = (*tokens).min(request.max_output_tokens - 1).max(1_024);
            body["thinking"] = json!({ "type": "enabled", "budget_tokens": tokens });
        }
        _ => {}
    }
    body
}

#[derive(Deserialize)]
struct WireReply {
    content: Vec<WireBlock>,
    #[serde(default)]
    model: String,
    stop_reason: Option<String>,
    usage: Option<WireUsage>,
}

/// A block of an answer. Thinking and whatever else a model may say besides text is passed over.
#[derive(Deserialize)]
struct WireBlock {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct WireUsage {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation: Option<WireCacheWrites>,
}

#[derive(Deserialize)]
struct WireCacheWrites {
    #[serde(default)]
    ephemeral_5m_input_tokens: u64,
    #[serde(default)]
    ephemeral_1h_input_tokens: u64,
}

/// An answer from the vendor's form.
///
/// # Errors
/// Bytes that are no answer of this interface. A model has worked on it all the same.
pub fn from_wire(bytes: &[u8]) -> Result<Reply, Error> {
    let wire: WireReply = serde_json::from_slice(bytes).map_err(|e| Error {
        // serde_json's words name fields and places, and no content.
        vendor_words: Some(format!("line {}, column {}", e.line(), e.column())),
        ..error(ErrorKind::Protocol, true)
    })?;
    let text: Vec<String> = wire
        .content
        .into_iter()
        .filter(|block| block.kind == "text")
        .map(|block| block.text)
        .collect();
    let stop = match wire.stop_reason.as_deref() {
        Some("end_turn") => StopReason::EndTurn,
        Some("max_tokens" | "model_context_window_exceeded") => StopReason::MaxTokens,
        Some("stop_sequence") => StopReason::StopSequence,
        Some("tool_use") => StopReason::ToolUse,
        Some("refusal") => StopReason::Refusal,
        other => StopReason::Other(other.unwrap_or("none").to_owned()),
    };
    Ok(Reply {
        text: text.join(""),
        stop,
        usage: wire.usage.map(usage),
        model: wire.model,
        attempts: 1,
    })
}

fn usage(wire: WireUsage) -> Usage {
    // The split by time to live, where it is told; what it does not cover was written for five minutes.
    let written = wire.cache_creation_input_tokens.unwrap_or(0);
    let (five, hour) = wire.cache_creation.map_or((0, 0), |split| {
        (
            split.ephemeral_5m_input_tokens,
            split.ephemeral_1h_input_tokens,
        )
    });
    Usage {
        input: wire.input_tokens,
        output: wire.output_tokens,
        cache_read: wire.cache_read_input_tokens.unwrap_or(0),
        cache_write_5m: five.max(written.saturating_sub(hour)),
        cache_write_1h: hour,
        reasoning: 0,
        vendor_cost: None,
    }
}

/// The vendor's refusal: its status, when to come back, and its words.
fn refused(status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Wire {
        error: WireError,
    }
    #[derive(Deserialize)]
    struct WireError {
        #[serde(rename = "type", default)]
        kind: String,
        #[serde(default)]
        message: String,
    }
    let wire = serde_json::from_slice::<Wire>(body)
        .ok()
        .map(|wire| wire.error);
    let message = wire.as_ref().map_or("", |wire| wire.message.as_str());
    let kind = match (status, wire.as_ref().map(|wire| wire.kind.as_str())) {
        (529, _) | (_, Some("overloaded_error")) => ErrorKind::Overloaded,
        (401, _) => ErrorKind::Authentication,
        (403, _) => ErrorKind::Permission,
        (404, _) => ErrorKind::NotFound,
        (413, _) => ErrorKind::TooLong,
        (429, _) => ErrorKind::RateLimited,
        (400, _)
            if message.contains("prompt is too long") || message.contains("context window") =>
        {
            ErrorKind::TooLong
        }
        (400..=499, _) => ErrorKind::BadRequest,
        (500..=599, _) => ErrorKind::Vendor(status),
        // Redirects are not followed: they would carry the key elsewhere.
        _ => ErrorKind::Protocol,
    };
    // A vendor's message may quote the request; its kind and the first words are enough.
    let words = wire.map(|wire| {
        let line: String = wire
            .message
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(160)
            .collect();
        format!("{status} {}: {line}", wire.kind)
    });
    Error {
        vendor_words: Some(words.unwrap_or_else(|| format!("status {status}"))),
        retry_after: retry_after(headers),
        // The vendor answers with a status instead of a model's words: nothing is billed. A gateway in between (502, 504) may have
        // lost a model's answer.
        ..error(kind, matches!(status, 502 | 504))
    }
}

/// When to come back: milliseconds, seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse::<u64>().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = at.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Message;

    fn request(thinking: Option<Thinking>) -> Request {
        Request {
            model: "m".into(),
            system: Some("s".into()),
            messages: vec![Message::text(Role::User, "hi")],
            max_output_tokens: 4_000,
            thinking,
        }
    }

    #[test]
    fn thinking_is_sent_in_the_form_that_the_model_takes() {
        assert!(to_wire(&request(None)).get("thinking").is_none());
        let adaptive = to_wire(&request(Some(Thinking::Adaptive {
            effort: "high".into(),
        })));
        assert_eq!(
            (
                &adaptive["thinking"]["type"],
                &adaptive["output_config"]["effort"]
            ),
            (&json!("adaptive"), &json!("high"))
        );
        let budget = to_wire(&request(Some(Thinking::Budget { tokens: 8_192 })));
        assert_eq!(
            budget["thinking"],
            json!({ "type": "enabled", "budget_tokens": 3_999 })
        );
        assert!(budget.get("output_config").is_none());
    }

    #[test]
    fn usage_counts_each_token_once() {
        let reply = from_wire(
            br#"{"content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"a"},{"type":"text","text":"b"}],"model":"m","stop_reason":"max_tokens",
            "usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5}}}"#,
        )
        .unwrap();
        assert_eq!(
            (reply.text.as_str(), &reply.stop),
            ("ab", &StopReason::MaxTokens)
        );
        let expected = Usage {
            input: 10,
            output: 5,
            cache_read: 7,
            cache_write_5m: 4,
            cache_write_1h: 5,
            ..Usage::default()
        };
        assert_eq!(reply.usage, Some(expected));
        let untold = from_wire(br#"{"content":[],"stop_reason":"end_turn"}"#).unwrap();
        assert_eq!(untold.usage, None);
    }

    #[test]
    fn a_status_says_what_to_do() {
        let body = |kind: &str| {
            format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"words"}}}}"#)
        };
        for (status, kind, expected, retryable) in [
            (400, "invalid_request_error", ErrorKind::BadRequest, false),
            (
                401,
                "authentication_error",
                ErrorKind::Authentication,
                false,
            ),
            (403, "permission_error", ErrorKind::Permission, false),
            (404, "not_found_error", ErrorKind::NotFound, false),
            (413, "request_too_large", ErrorKind::TooLong, false),
            (429, "rate_limit_error", ErrorKind::RateLimited, true),
            (500, "api_error", ErrorKind::Vendor(500), true),
            (529, "overloaded_error", ErrorKind::Overloaded, true),
            (302, "", ErrorKind::Protocol, false),
        ] {
            let failed = refused(status, &HeaderMap::new(), body(kind).as_bytes());
            assert_eq!(
                (&failed.kind, failed.is_retryable()),
                (&expected, retryable),
                "{status}"
            );
        }
        assert_eq!(
            refused(503, &HeaderMap::new(), b"<html>")
                .vendor_words
                .as_deref(),
            Some("status 503")
        );
    }

    #[test]
    fn a_vendor_says_when_to_come_back_in_three_ways() {
        let after = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
            retry_after(&headers)
        };
        assert_eq!(after("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(
            after("retry-after-ms", "250"),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            after("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(after("retry-after", "soon"), None);
    }

    #[test]
    fn a_key_never_crosses_a_network_in_the_clear_unless_it_is_allowed() {
        let at = |base: &str, allow| endpoint(base, allow).map(|url| url.to_string());
        assert_eq!(
            at("https://api.anthropic.com/", false).unwrap(),
            "https://api.anthropic.com/v1/messages"
        );
        assert!(
            at("http://127.0.0.1:1", false).is_ok()
                && at("http://localhost:1", false).is_ok()
                && at("http://[::1]:1", false).is_ok()
        );
        assert!(matches!(
            at("http://example.com", false),
            Err(SetupError::PlainHttp(_))
        ));
        assert!(at("http://example.com", true).is_ok());
        assert!(matches!(at("ftp://x", true), Err(SetupError::BaseUrl(_))));
    }

    #[test]
    fn neither_key_nor_prompt_is_shown() {
        let env = |_: &str| Some("sk-secret".to_owned());
        let claude = Claude::from_config(&config::Claude::default(), &env).unwrap();
        let shown = format!("{claude:?} {:?}", request(None));
        assert!(
            !shown.contains("sk-secret") && !shown.contains("hi\""),
            "{shown}"
        );
    }
}
