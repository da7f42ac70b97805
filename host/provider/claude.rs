//! Anthropic's Messages API: `POST {base}/v1/messages`. Pure conversions; `http` sends.
//!
//! Source: the API reference at platform.claude.com (Messages, streaming, extended and adaptive thinking, structured outputs, prompt
//! caching). It knows no server tools, documents, citations or batches.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::{CacheTtl, Image, Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_object};
use super::wire::{Decode, Frame, Outgoing, Wire, count, finished};
use super::{Usual, config};

/// The version of the interface that the wire form here is of.
const VERSION: &str = "2023-06-01";

const USUAL: Usual = Usual {
    base_url: "https://api.anthropic.com",
    base_url_env: "ANTHROPIC_BASE_URL",
    key_env: "ANTHROPIC_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = Auth::Header {
        name: "x-api-key",
        prefix: "",
        secret: USUAL.secret(name, config, env)?,
    };
    Served::new(
        name.to_owned(),
        Box::new(Claude),
        &USUAL.base(config, env),
        auth,
        config,
    )
}

struct Claude;

impl Wire for Claude {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let mut body = to_wire(request)?;
        if stream {
            body["stream"] = json!(true);
        }
        Ok(Outgoing {
            path: "/v1/messages".to_owned(),
            headers: vec![("anthropic-version", VERSION.to_owned())],
            body: body.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        from_wire(body)
    }

    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Wire {
            error: WireError,
        }
        match serde_json::from_slice::<Wire>(body) {
            Ok(wire) => wire.error.fault(status),
            Err(_) => Fault::new(by_status(status)),
        }
    }
}

/// The request in the vendor's form.
fn to_wire(request: &Request) -> Result<Value, Fault> {
    let messages: Vec<Value> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            Ok(json!({ "role": role, "content": content(&message.parts)? }))
        })
        .collect::<Result<_, Fault>>()?;
    let mut body = json!({ "model": request.model, "max_tokens": request.max_output_tokens, "messages": messages });
    if let Some(system) = &request.system {
        body["system"] = match request.system_cache {
            Some(ttl) => {
                json!([{ "type": "text", "text": system, "cache_control": cache_control(ttl) }])
            }
            None => json!(system),
        };
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
        });
        body["tools"] = tools.collect();
        body["tool_choice"] = match &request.tool_choice {
            ToolChoice::Auto => json!({ "type": "auto" }),
            ToolChoice::Any => json!({ "type": "any" }),
            ToolChoice::None => json!({ "type": "none" }),
            ToolChoice::Named(name) => json!({ "type": "tool", "name": name }),
        };
    }
    let mut output = Map::new();
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["thinking"] = json!({ "type": "adaptive" });
            output.insert("effort".to_owned(), json!(effort));
        }
        // The vendor asks for 1,024 tokens at least, and for fewer than the answer may have.
        Some(Thinking::Budget { tokens }) if request.max_output_tokens > 1_024 => {
            let tokens = (*tokens).min(request.max_output_tokens - 1).max(1_024);
            body["thinking"] = json!({ "type": "enabled", "budget_tokens": tokens });
        }
        _ => {}
    }
    if let Some(wanted) = &request.output {
        output.insert(
            "format".to_owned(),
            json!({ "type": "json_schema", "schema": wanted.schema }),
        );
    }
    if !output.is_empty() {
        body["output_config"] = Value::Object(output);
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(top_p) = request.top_p {
        body["top_p"] = json!(top_p);
    }
    if !request.stop.is_empty() {
        body["stop_sequences"] = json!(request.stop);
    }
    Ok(body)
}

fn cache_control(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "type": "ephemeral" }),
        CacheTtl::Hour => json!({ "type": "ephemeral", "ttl": "1h" }),
    }
}

/// A message's parts as blocks; plain text stays a plain string.
fn content(parts: &[Part]) -> Result<Value, Fault> {
    if let [Part::Text(text)] = parts {
        return Ok(json!(text));
    }
    let mut blocks: Vec<Value> = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(match part {
            Part::Text(text) => json!({ "type": "text", "text": text }),
            Part::Image(Image::Base64 { media_type, data }) => {
                json!({ "type": "image", "source": { "type": "base64", "media_type": media_type, "data": data } })
            }
            Part::Image(Image::Url(url)) => {
                json!({ "type": "image", "source": { "type": "url", "url": url } })
            }
            Part::ToolCall { id, name, arguments, .. } => {
                json!({ "type": "tool_use", "id": id, "name": name, "input": as_object(arguments) })
            }
            Part::ToolResult { id, content, is_error, .. } => {
                json!({ "type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error })
            }
            // A thought without a signature is another vendor's: this one would refuse it.
            Part::Thinking { signature: None, .. } => continue,
            Part::Thinking { text, signature: Some(signature), .. } => {
                json!({ "type": "thinking", "thinking": text, "signature": signature })
            }
            Part::RedactedThinking(data) => json!({ "type": "redacted_thinking", "data": data }),
            Part::CachePoint(ttl) => {
                if let Some(last) = blocks.last_mut() {
                    last["cache_control"] = cache_control(*ttl);
                }
                continue;
            }
        });
    }
    Ok(Value::Array(blocks))
}

#[derive(Deserialize)]
struct WireReply {
    content: Vec<WireBlock>,
    #[serde(default)]
    model: String,
    stop_reason: Option<String>,
    usage: Option<WireUsage>,
}

/// A block of an answer, or its beginning in a stream. Kinds that are not known are passed over.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireBlock {
    Text {
        #[serde(default)]
        text: String,
    },
    Thinking {
        #[serde(default)]
        thinking: String,
        #[serde(default)]
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<WireCacheWrites>,
    output_tokens_details: Option<WireOutputDetails>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct WireCacheWrites {
    #[serde(deserialize_with = "count")]
    ephemeral_5m_input_tokens: u64,
    #[serde(deserialize_with = "count")]
    ephemeral_1h_input_tokens: u64,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct WireOutputDetails {
    #[serde(deserialize_with = "count")]
    thinking_tokens: u64,
}

impl WireUsage {
    /// A stream tells its usage twice; the second tells what has changed.
    fn over(self, before: WireUsage) -> WireUsage {
        WireUsage {
            input_tokens: self.input_tokens.or(before.input_tokens),
            output_tokens: self.output_tokens.or(before.output_tokens),
            cache_read_input_tokens: self
                .cache_read_input_tokens
                .or(before.cache_read_input_tokens),
            cache_creation_input_tokens: self
                .cache_creation_input_tokens
                .or(before.cache_creation_input_tokens),
            cache_creation: self.cache_creation.or(before.cache_creation),
            output_tokens_details: self.output_tokens_details.or(before.output_tokens_details),
        }
    }

    fn usage(self) -> Usage {
        // The split by time to live, where it is told; what it does not cover was written for five minutes.
        let written = self.cache_creation_input_tokens.unwrap_or(0);
        let split = self.cache_creation.unwrap_or_default();
        let hour = split.ephemeral_1h_input_tokens;
        Usage {
            input: self.input_tokens.unwrap_or(0),
            output: self.output_tokens.unwrap_or(0),
            cache_read: self.cache_read_input_tokens.unwrap_or(0),
            cache_write_5m: split
                .ephemeral_5m_input_tokens
                .max(written.saturating_sub(hour)),
            cache_write_1h: hour,
            reasoning: self
                .output_tokens_details
                .map_or(0, |details| details.thinking_tokens),
            ..Usage::default()
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

impl WireError {
    fn fault(&self, status: u16) -> Fault {
        let kind = match self.kind.as_str() {
            "overloaded_error" => ErrorKind::Overloaded,
            "rate_limit_error" => ErrorKind::RateLimited,
            "authentication_error" => ErrorKind::Authentication,
            "permission_error" => ErrorKind::Permission,
            "billing_error" => ErrorKind::OutOfCredit,
            "not_found_error" => ErrorKind::NotFound,
            "request_too_large" => ErrorKind::TooLong,
            "timeout_error" => ErrorKind::Vendor(504),
            "invalid_request_error" if says_too_long(&self.message) => ErrorKind::TooLong,
            "invalid_request_error" if self.message.contains("credit balance") => {
                ErrorKind::OutOfCredit
            }
            "invalid_request_error" if self.message.contains("content filtering") => {
                ErrorKind::ContentRefused
            }
            _ => by_status(status),
        };
        Fault::told(kind, &self.kind, &self.message)
    }
}

fn stop(reason: Option<&str>) -> StopReason {
    match reason {
        Some("end_turn") => StopReason::EndTurn,
        Some("max_tokens" | "model_context_window_exceeded") => StopReason::MaxTokens,
        Some("stop_sequence") => StopReason::StopSequence,
        Some("tool_use") => StopReason::ToolUse,
        Some("refusal") => StopReason::Refusal,
        other => StopReason::Other(other.unwrap_or("none").to_owned()),
    }
}

/// An answer from the vendor's form.
fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
    let wire: WireReply = serde_json::from_slice(bytes)?;
    let mut answer = Assembly::default();
    for (index, block) in wire.content.into_iter().enumerate() {
        begin(&mut answer, &index.to_string(), block);
    }
    answer.model = wire.model;
    answer.stop = Some(stop(wire.stop_reason.as_deref()));
    if let Some(usage) = wire.usage {
        answer.usage(usage.usage());
    }
    finished(&mut answer)
}

fn begin(answer: &mut Assembly, key: &str, block: WireBlock) {
    match block {
        WireBlock::Text { text } => answer.text(&text),
        WireBlock::Thinking {
            thinking,
            signature,
        } => {
            answer.thought(String::new(), None, None);
            answer.thinking(&thinking);
            if !signature.is_empty() {
                answer.signature(&signature, None);
            }
        }
        WireBlock::RedactedThinking { data } => answer.redacted(data),
        WireBlock::ToolUse { id, name, input } => {
            answer.call(key, &id, &name, None);
            if input.as_object().is_some_and(|input| !input.is_empty()) {
                answer.arguments(key, &input.to_string());
            }
        }
        WireBlock::Unknown => {}
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireEvent {
    MessageStart {
        message: WireStart,
    },
    ContentBlockStart {
        index: u64,
        content_block: WireBlock,
    },
    ContentBlockDelta {
        index: u64,
        delta: WireDelta,
    },
    MessageDelta {
        delta: WireMessageDelta,
        #[serde(default)]
        usage: WireUsage,
    },
    MessageStop,
    Error {
        error: WireError,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct WireStart {
    #[serde(default)]
    model: String,
    #[serde(default)]
    usage: WireUsage,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireDelta {
    TextDelta {
        text: String,
    },
    ThinkingDelta {
        thinking: String,
    },
    SignatureDelta {
        signature: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct WireMessageDelta {
    stop_reason: Option<String>,
}

#[derive(Default)]
struct Decoder {
    answer: Assembly,
    used: WireUsage,
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        match serde_json::from_slice(&frame.data)? {
            WireEvent::MessageStart { message } => {
                self.answer.model = message.model;
                self.used = message.usage;
                if self.used.input_tokens.is_some() {
                    self.answer.usage(self.used.usage());
                }
            }
            WireEvent::ContentBlockStart {
                index,
                content_block,
            } => begin(&mut self.answer, &index.to_string(), content_block),
            WireEvent::ContentBlockDelta { index, delta } => match delta {
                WireDelta::TextDelta { text } => self.answer.text(&text),
                WireDelta::ThinkingDelta { thinking } => self.answer.thinking(&thinking),
                WireDelta::SignatureDelta { signature } => self.answer.signature(&signature, None),
                WireDelta::InputJsonDelta { partial_json } => {
                    self.answer.arguments(&index.to_string(), &partial_json);
                }
                WireDelta::Unknown => {}
            },
            WireEvent::MessageDelta { delta, usage } => {
                self.used = usage.over(self.used);
                self.answer.usage(self.used.usage());
                self.answer.stop = Some(stop(delta.stop_reason.as_deref()));
            }
            WireEvent::MessageStop => return Ok(true),
            // Within a stream there is no status.
            WireEvent::Error { error } => return Err(error.fault(500)),
            WireEvent::Unknown => {}
        }
        Ok(false)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }
}
