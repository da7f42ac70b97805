//! The chat completions form, which several vendors speak: `POST {base}/chat/completions`. Pure conversions; what differs between
//! vendors is in [`Dialect`], and the vendors' files say which they speak.
//!
//! Source: the API reference at platform.openai.com (chat completions) and OpenRouter's additions to it (`reasoning`, `usage.cost`,
//! `cache_control`). It knows no audio, log probabilities, several choices or predicted outputs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::message::{CacheTtl, Image, LimitField, Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_text};
use super::wire::{Decode, Frame, count, finished};
use crate::money::Picodollars;

/// What differs between those who speak the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI's own, and Azure's.
    OpenAi,
    /// OpenRouter's: its reasoning, its cost, its cache marks.
    OpenRouter,
}

/// The request in this form.
pub(crate) fn to_wire(request: &Request, dialect: Dialect, stream: bool) -> Result<Value, Fault> {
    let router = dialect == Dialect::OpenRouter;
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(match request.system_cache {
            Some(ttl) if router => {
                json!({ "role": "system", "content": [{ "type": "text", "text": system, "cache_control": cache_control(ttl) }] })
            }
            _ => json!({ "role": "system", "content": system }),
        });
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(&message.parts, router, &mut messages),
            Role::Assistant => messages.push(assistant(&message.parts, router)),
        }
    }
    let mut body = json!({ "model": request.model, "messages": messages });
    let field = match (request.limit_field, router) {
        (LimitField::MaxCompletionTokens, false) => "max_completion_tokens",
        _ => "max_tokens",
    };
    body[field] = json!(request.max_output_tokens);
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "type": "function", "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters } })
        });
        body["tools"] = tools.collect();
        body["tool_choice"] = match &request.tool_choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::Any => json!("required"),
            ToolChoice::None => json!("none"),
            ToolChoice::Named(name) => {
                json!({ "type": "function", "function": { "name": name } })
            }
        };
    }
    if let Some(output) = &request.output {
        body["response_format"] = json!({ "type": "json_schema", "json_schema": { "name": output.name, "schema": output.schema, "strict": true } });
    }
    match (&request.thinking, router) {
        (Some(Thinking::Adaptive { effort }), true) => {
            body["reasoning"] = json!({ "effort": effort })
        }
        (Some(Thinking::Budget { tokens }), true) => {
            body["reasoning"] = json!({ "max_tokens": tokens })
        }
        (Some(Thinking::Adaptive { effort }), false) => body["reasoning_effort"] = json!(effort),
        (Some(Thinking::Budget { .. }), false) => {
            return Err(Fault::unsupported("budget of thinking tokens"));
        }
        (None, _) => {}
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(top_p) = request.top_p {
        body["top_p"] = json!(top_p);
    }
    if !request.stop.is_empty() {
        body["stop"] = json!(request.stop);
    }
    if router {
        body["usage"] = json!({ "include": true });
    }
    if stream {
        body["stream"] = json!(true);
        if !router {
            body["stream_options"] = json!({ "include_usage": true });
        }
    }
    Ok(body)
}

fn cache_control(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "type": "ephemeral" }),
        CacheTtl::Hour => json!({ "type": "ephemeral", "ttl": "1h" }),
    }
}

/// What the person says. Tools' results are messages of their own in this form, and come first: they belong to the calls before.
fn user(parts: &[Part], marks_cache: bool, messages: &mut Vec<Value>) {
    let mut content: Vec<Value> = Vec::new();
    for part in parts {
        match part {
            Part::ToolResult { id, content, .. } => {
                messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
            }
            Part::Text(text) => content.push(json!({ "type": "text", "text": text })),
            Part::Image(image) => {
                content.push(json!({ "type": "image_url", "image_url": { "url": url(image) } }));
            }
            Part::CachePoint(ttl) if marks_cache => {
                if let Some(last) = content.last_mut() {
                    last["cache_control"] = cache_control(*ttl);
                }
            }
            _ => {}
        }
    }
    match content.as_slice() {
        [] => {}
        [one] if one["type"] == "text" && one.get("cache_control").is_none() => {
            messages.push(json!({ "role": "user", "content": one["text"] }));
        }
        _ => messages.push(json!({ "role": "user", "content": content })),
    }
}

pub(crate) fn url(image: &Image) -> String {
    match image {
        Image::Base64 { media_type, data } => format!("data:{media_type};base64,{data}"),
        Image::Url(url) => url.clone(),
    }
}

fn assistant(parts: &[Part], router: bool) -> Value {
    let mut text = String::new();
    let mut calls = Vec::new();
    let mut thoughts = Vec::new();
    for part in parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::ToolCall {
                id,
                name,
                arguments,
                ..
            } => calls.push(json!({ "id": id, "type": "function", "function": { "name": name, "arguments": as_text(arguments) } })),
            // OpenRouter hands the vendors' signed thoughts through, and wants them back as they were.
            Part::Thinking {
                signature: Some(details),
                ..
            } if router => {
                if let Ok(Value::Array(details)) = serde_json::from_str(details) {
                    thoughts.extend(details);
                }
            }
            _ => {}
        }
    }
    let mut message = json!({ "role": "assistant" });
    message["content"] = if text.is_empty() && !calls.is_empty() {
        Value::Null
    } else {
        json!(text)
    };
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    if !thoughts.is_empty() {
        message["reasoning_details"] = json!(thoughts);
    }
    message
}

#[derive(Deserialize)]
struct WireReply {
    #[serde(default)]
    model: String,
    #[serde(default)]
    choices: Vec<WireChoice>,
    usage: Option<WireUsage>,
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireChoice {
    #[serde(alias = "delta", default)]
    message: WireMessage,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    content: Option<String>,
    refusal: Option<String>,
    /// OpenRouter's name, and that of many servers that speak the form.
    #[serde(alias = "reasoning_content")]
    reasoning: Option<String>,
    reasoning_details: Option<Vec<Value>>,
    tool_calls: Option<Vec<WireCall>>,
}

#[derive(Deserialize)]
struct WireCall {
    index: Option<u64>,
    id: Option<String>,
    function: WireFunction,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireFunction {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: u64,
    #[serde(deserialize_with = "count")]
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// US dollars, OpenRouter's.
    cost: Option<serde_json::Number>,
    cost_details: Option<CostDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CostDetails {
    /// What the vendor behind bills to the user's own key, beside OpenRouter's own `cost`.
    upstream_inference_cost: Option<serde_json::Number>,
}

impl WireUsage {
    fn usage(&self) -> Usage {
        let prompt = self.prompt_tokens_details.as_ref();
        let read = prompt
            .and_then(|details| details.cached_tokens)
            .unwrap_or(0);
        let written = prompt
            .and_then(|details| details.cache_write_tokens)
            .unwrap_or(0);
        let upstream = self
            .cost_details
            .as_ref()
            .and_then(|details| details.upstream_inference_cost.as_ref());
        let vendor_cost = self
            .cost
            .as_ref()
            .and_then(dollars)
            .map(|own| own.saturating_add(upstream.and_then(dollars).unwrap_or_default()));
        Usage {
            // The prompt's count includes what was cached.
            input: self
                .prompt_tokens
                .saturating_sub(read.saturating_add(written)),
            output: self.completion_tokens,
            cache_read: read,
            cache_write_5m: written,
            reasoning: self
                .completion_tokens_details
                .as_ref()
                .and_then(|details| details.reasoning_tokens)
                .unwrap_or(0),
            vendor_cost,
            ..Usage::default()
        }
    }
}

/// A vendor's dollars; a figure with more than twelve decimals is rounded up.
fn dollars(number: &serde_json::Number) -> Option<Picodollars> {
    let picodollars = number.as_f64()? * 1e12;
    (0.0..1.8e19)
        .contains(&picodollars)
        .then(|| Picodollars::new((picodollars - 1e-3).ceil().max(0.0) as u64))
}

/// An error's body, in this form and in the responses form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireError {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A word at most vendors, a status at OpenRouter.
    code: Option<Value>,
    message: Option<String>,
    innererror: Option<InnerError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InnerError {
    code: Option<String>,
}

impl WireError {
    pub(crate) fn of(code: Option<Value>, message: Option<String>) -> WireError {
        WireError {
            code,
            message,
            ..WireError::default()
        }
    }

    pub(crate) fn fault(&self, status: u16) -> Fault {
        let message = self.message.as_deref().unwrap_or_default();
        let code = match &self.code {
            Some(Value::String(code)) => code.as_str(),
            _ => self.kind.as_deref().unwrap_or_default(),
        };
        let inner = self
            .innererror
            .as_ref()
            .and_then(|inner| inner.code.as_deref());
        let status = match &self.code {
            Some(Value::Number(code)) => code
                .as_u64()
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or(status),
            _ => status,
        };
        let kind = match (code, self.kind.as_deref().unwrap_or_default()) {
            ("context_length_exceeded" | "string_above_max_length", _) => ErrorKind::TooLong,
            ("insufficient_quota", _) | (_, "insufficient_quota") => ErrorKind::OutOfCredit,
            ("content_filter" | "content_policy_violation", _) => ErrorKind::ContentRefused,
            ("invalid_api_key", _) => ErrorKind::Authentication,
            ("rate_limit_exceeded", _) => ErrorKind::RateLimited,
            ("model_not_found" | "DeploymentNotFound", _) => ErrorKind::NotFound,
            ("server_error", _) => ErrorKind::Vendor(status.max(500)),
            ("overloaded_error" | "server_overloaded" | "overloaded", _) => ErrorKind::Overloaded,
            _ if inner == Some("ResponsibleAIPolicyViolation") => ErrorKind::ContentRefused,
            _ if (status == 400 || status == 413) && says_too_long(message) => ErrorKind::TooLong,
            _ => by_status(status),
        };
        Fault::told(kind, code, message)
    }
}

/// What a status that is no success means.
pub(crate) fn refusal(status: u16, body: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Wire {
        error: WireError,
    }
    match serde_json::from_slice::<Wire>(body) {
        Ok(wire) => wire.error.fault(status),
        Err(_) => Fault::new(by_status(status)),
    }
}

fn stop(reason: &str) -> StopReason {
    match reason {
        "stop" => StopReason::EndTurn,
        "length" => StopReason::MaxTokens,
        "tool_calls" | "function_call" => StopReason::ToolUse,
        "content_filter" => StopReason::Refusal,
        other => StopReason::Other(other.to_owned()),
    }
}

/// An answer from this form.
pub(crate) fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
    let wire: WireReply = serde_json::from_slice(bytes)?;
    let mut decoder = Decoder::default();
    let whole = wire
        .choices
        .iter()
        .any(|choice| choice.finish_reason.is_some());
    decoder.take_in(wire)?;
    if !whole {
        return Err(Fault::new(ErrorKind::Protocol));
    }
    decoder.settle_thoughts();
    finished(&mut decoder.answer)
}

/// Makes sense of a stream's frames; a whole answer is one frame.
#[derive(Default)]
pub(crate) struct Decoder {
    answer: Assembly,
    refused: bool,
    /// OpenRouter's signed thoughts, pieces joined by their index.
    details: Vec<Value>,
}

impl Decoder {
    fn take_in(&mut self, wire: WireReply) -> Result<(), Fault> {
        // OpenRouter tells a vendor's failure within an answer of status 200.
        if let Some(error) = wire.error {
            return Err(error.fault(500));
        }
        if self.answer.model.is_empty() {
            self.answer.model = wire.model;
        }
        // Only the first choice is asked for.
        if let Some(choice) = wire.choices.into_iter().next() {
            let message = choice.message;
            if let Some(thought) = message.reasoning {
                self.answer.thinking(&thought);
            }
            for detail in message.reasoning_details.into_iter().flatten() {
                join(&mut self.details, detail);
            }
            if let Some(text) = message.content {
                self.answer.text(&text);
            }
            if let Some(refusal) = message.refusal {
                self.refused |= !refusal.is_empty();
                self.answer.text(&refusal);
            }
            for (place, call) in message.tool_calls.into_iter().flatten().enumerate() {
                let key = call.index.unwrap_or(place as u64).to_string();
                if !self.answer.knows_call(&key) {
                    let id = call.id.unwrap_or_default();
                    let name = call.function.name.unwrap_or_default();
                    self.answer.call(&key, &id, &name, None);
                }
                self.answer
                    .arguments(&key, &call.function.arguments.unwrap_or_default());
            }
            if let Some(reason) = choice.finish_reason {
                if reason == "error" {
                    return Err(Fault::new(ErrorKind::Vendor(500)));
                }
                self.answer.stop = Some(match stop(&reason) {
                    // Some servers say `stop` after a tool call.
                    StopReason::EndTurn if self.refused => StopReason::Refusal,
                    StopReason::EndTurn if self.answer.calls() > 0 => StopReason::ToolUse,
                    other => other,
                });
            }
        }
        if let Some(usage) = wire.usage {
            self.answer.usage(usage.usage());
        }
        Ok(())
    }

    fn settle_thoughts(&mut self) {
        if !self.details.is_empty() {
            let details = Value::Array(std::mem::take(&mut self.details)).to_string();
            self.answer.first_thought_signed(details);
        }
    }
}

/// Streams give a detail in pieces: texts grow, signatures come last.
fn join(details: &mut Vec<Value>, piece: Value) {
    let same = |known: &&mut Value| {
        known.get("index") == piece.get("index")
            && known.get("type") == piece.get("type")
            && piece.get("index").is_some()
    };
    let Some(known) = details.iter_mut().find(same) else {
        details.push(piece);
        return;
    };
    let Value::Object(piece) = piece else { return };
    for (name, value) in piece {
        let grows = matches!(name.as_str(), "text" | "summary" | "data" | "signature");
        match (known.get_mut(&name), value) {
            (Some(Value::String(text)), Value::String(more)) if grows => text.push_str(&more),
            (_, Value::Null) => {}
            (_, value) => known[name] = value,
        }
    }
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        if frame.data == b"[DONE]" {
            self.settle_thoughts();
            return Ok(true);
        }
        self.take_in(serde_json::from_slice(&frame.data)?)?;
        Ok(false)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }

    fn end(&mut self) -> Result<Reply, Fault> {
        self.settle_thoughts();
        self.answer.finish().ok_or_else(Fault::cut_off)
    }
}
