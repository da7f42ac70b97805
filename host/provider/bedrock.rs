//! Amazon Bedrock: `POST {base}/model/{model}/converse` and `/converse-stream`, signed or with a bearer key. Pure conversions.
//!
//! Source: the API reference at docs.aws.amazon.com (Converse, ConverseStream). Thinking is Claude's form, which rides in
//! `additionalModelRequestFields`; other families' own settings are not known. It knows no guardrails, documents, videos or prompt
//! management.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::{CacheTtl, Image, Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_object};
use super::sigv4::{Credentials, Signer};
use super::wire::{Decode, Frame, Outgoing, Wire, count, finished, segment};
use super::{SecretError, Usual, config};

const USUAL: Usual = Usual {
    base_url: "",
    base_url_env: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    key_env: "AWS_BEARER_TOKEN_BEDROCK",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let setting = |reason: String| SetupError::Setting {
        provider: name.to_owned(),
        reason,
    };
    let set = |variable: &str| env(variable).filter(|value| !value.is_empty());
    let region = config
        .region
        .clone()
        .or_else(|| set("AWS_REGION"))
        .or_else(|| set("AWS_DEFAULT_REGION"))
        .ok_or_else(|| setting("region is not set, nor AWS_REGION".to_owned()))?;
    if !region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(setting(format!(
            "region is `{region}`: a name such as us-east-1"
        )));
    }
    let auth = match USUAL.secret(name, config, env) {
        Ok(secret) => Auth::Header {
            name: "authorization",
            prefix: "Bearer ",
            secret,
        },
        Err(SecretError::Missing { .. }) => {
            let credentials = credentials(config, env).map_err(setting)?.ok_or_else(|| {
                setting("there are no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile".to_owned())
            })?;
            Auth::Aws(Box::new(Signer {
                credentials,
                region: region.clone(),
                service: "bedrock",
            }))
        }
        Err(e) => return Err(e.into()),
    };
    let base = match USUAL.base(config, env) {
        base if base.is_empty() => format!("https://bedrock-runtime.{region}.amazonaws.com"),
        base => base,
    };
    Served::new(name.to_owned(), Box::new(Bedrock), &base, auth, config)
}

/// Explicit ones, by the variables that the configuration names; else the environment's usual ones, or a profile's.
fn credentials(
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, String> {
    let (Some(id), Some(secret)) = (&config.access_key_id_env, &config.secret_access_key_env)
    else {
        return Credentials::find(config.profile.as_deref(), env);
    };
    let get = |name: &str| env(name).ok_or_else(|| format!("the variable {name} is not set"));
    Ok(Some(Credentials {
        access_key_id: get(id)?,
        secret_access_key: SecretString::from(get(secret)?),
        session_token: config
            .session_token_env
            .as_deref()
            .and_then(env)
            .map(SecretString::from),
    }))
}

struct Bedrock;

impl Wire for Bedrock {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let method = if stream {
            "converse-stream"
        } else {
            "converse"
        };
        Ok(Outgoing {
            path: format!("/model/{}/{method}", segment(&request.model)),
            headers: Vec::new(),
            body: to_wire(request)?.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        from_wire(body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        let wire: WireError = serde_json::from_slice(body).unwrap_or_default();
        let kind = match status {
            400 if says_too_long(&wire.message) => ErrorKind::TooLong,
            // A model that took too long, or that answered what the service does not take.
            408 => ErrorKind::Vendor(504),
            424 => ErrorKind::Vendor(502),
            _ => by_status(status),
        };
        Fault::told(kind, &wire.kind, &wire.message)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(alias = "Message")]
    message: String,
    #[serde(rename = "__type", alias = "type")]
    kind: String,
}

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
    let mut inference = Map::new();
    inference.insert("maxTokens".to_owned(), json!(request.max_output_tokens));
    if let Some(temperature) = request.temperature {
        inference.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(top_p) = request.top_p {
        inference.insert("topP".to_owned(), json!(top_p));
    }
    if !request.stop.is_empty() {
        inference.insert("stopSequences".to_owned(), json!(request.stop));
    }
    let mut body = json!({ "messages": messages, "inferenceConfig": inference });
    if let Some(system) = &request.system {
        let mut blocks = vec![json!({ "text": system })];
        blocks.extend(request.system_cache.map(cache_point));
        body["system"] = json!(blocks);
    }
    if !request.tools.is_empty() && request.tool_choice != ToolChoice::None {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                // The interface refuses an empty description.
                let description = if tool.description.is_empty() { &tool.name } else { &tool.description };
                json!({ "toolSpec": { "name": tool.name, "description": description, "inputSchema": { "json": tool.parameters } } })
            })
            .collect();
        let choice = match &request.tool_choice {
            ToolChoice::Any => json!({ "any": {} }),
            ToolChoice::Named(name) => json!({ "tool": { "name": name } }),
            ToolChoice::Auto | ToolChoice::None => json!({ "auto": {} }),
        };
        body["toolConfig"] = json!({ "tools": tools, "toolChoice": choice });
    }
    if let Some(output) = &request.output {
        // The schema is a text within the JSON here.
        body["outputConfig"] = json!({ "textFormat": { "type": "json_schema", "structure": {
            "jsonSchema": { "name": output.name, "schema": output.schema.to_string() }
        } } });
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["additionalModelRequestFields"] = json!({ "thinking": { "type": "adaptive" }, "output_config": { "effort": effort } });
        }
        Some(Thinking::Budget { tokens }) if request.max_output_tokens > 1_024 => {
            let tokens = (*tokens).min(request.max_output_tokens - 1).max(1_024);
            body["additionalModelRequestFields"] =
                json!({ "thinking": { "type": "enabled", "budget_tokens": tokens } });
        }
        _ => {}
    }
    Ok(body)
}

fn cache_point(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "cachePoint": { "type": "default" } }),
        CacheTtl::Hour => json!({ "cachePoint": { "type": "default", "ttl": "1h" } }),
    }
}

fn content(parts: &[Part]) -> Result<Vec<Value>, Fault> {
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(match part {
            Part::Text(text) => json!({ "text": text }),
            Part::Image(Image::Base64 { media_type, data }) => {
                let format = media_type.rsplit('/').next().unwrap_or_default();
                let format = if format == "jpg" { "jpeg" } else { format };
                json!({ "image": { "format": format, "source": { "bytes": data } } })
            }
            Part::Image(Image::Url(_)) => return Err(Fault::unsupported("picture by its address")),
            Part::ToolCall { id, name, arguments, .. } => {
                json!({ "toolUse": { "toolUseId": id, "name": name, "input": as_object(arguments) } })
            }
            Part::ToolResult { id, content, is_error, .. } => {
                let status = if *is_error { "error" } else { "success" };
                json!({ "toolResult": { "toolUseId": id, "content": [{ "text": content }], "status": status } })
            }
            Part::Thinking { signature: None, .. } => continue,
            Part::Thinking { text, signature: Some(signature), .. } => {
                json!({ "reasoningContent": { "reasoningText": { "text": text, "signature": signature } } })
            }
            Part::RedactedThinking(data) => {
                json!({ "reasoningContent": { "redactedContent": data } })
            }
            Part::CachePoint(ttl) => cache_point(*ttl),
        });
    }
    Ok(blocks)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReply {
    output: WireOutput,
    stop_reason: String,
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct WireOutput {
    message: WireMessage,
}

#[derive(Deserialize)]
struct WireMessage {
    #[serde(default)]
    content: Vec<WireBlock>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBlock {
    text: Option<String>,
    tool_use: Option<WireToolUse>,
    reasoning_content: Option<WireReasoning>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireToolUse {
    tool_use_id: String,
    name: String,
    input: Value,
}

/// Whole, and in a stream's pieces.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireReasoning {
    reasoning_text: Option<WireReasoningText>,
    text: Option<String>,
    signature: Option<String>,
    redacted_content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireReasoningText {
    text: String,
    signature: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_write_input_tokens: u64,
    cache_details: Vec<WireCacheDetail>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireCacheDetail {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    ttl: String,
}

impl WireUsage {
    fn usage(&self) -> Usage {
        let hour = self
            .cache_details
            .iter()
            .filter(|detail| detail.ttl == "1h")
            .map(|detail| detail.input_tokens)
            .sum();
        Usage {
            input: self.input_tokens,
            output: self.output_tokens,
            cache_read: self.cache_read_input_tokens,
            cache_write_5m: self.cache_write_input_tokens.saturating_sub(hour),
            cache_write_1h: hour,
            ..Usage::default()
        }
    }
}

fn stop(reason: &str) -> StopReason {
    match reason {
        "end_turn" => StopReason::EndTurn,
        "max_tokens" | "model_context_window_exceeded" => StopReason::MaxTokens,
        "stop_sequence" => StopReason::StopSequence,
        "tool_use" => StopReason::ToolUse,
        "content_filtered" | "guardrail_intervened" | "refusal" => StopReason::Refusal,
        other => StopReason::Other(other.to_owned()),
    }
}

fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
    let wire: WireReply = serde_json::from_slice(bytes)?;
    let mut answer = Assembly::default();
    for (place, block) in wire.output.message.content.into_iter().enumerate() {
        let key = place.to_string();
        if let Some(text) = block.text {
            answer.text(&text);
        }
        if let Some(call) = block.tool_use {
            answer.call(&key, &call.tool_use_id, &call.name, None);
            if call
                .input
                .as_object()
                .is_some_and(|input| !input.is_empty())
            {
                answer.arguments(&key, &call.input.to_string());
            }
        }
        if let Some(reasoning) = block.reasoning_content {
            if let Some(thought) = reasoning.reasoning_text {
                answer.thought(thought.text, thought.signature, None);
            }
            if let Some(data) = reasoning.redacted_content {
                answer.redacted(data);
            }
        }
    }
    answer.stop = Some(stop(&wire.stop_reason));
    if let Some(usage) = wire.usage {
        answer.usage(usage.usage());
    }
    finished(&mut answer)
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireEvent {
    content_block_index: u64,
    start: WireStart,
    delta: WireDelta,
    stop_reason: String,
    usage: Option<WireUsage>,
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireStart {
    tool_use: Option<WireToolUse>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireDelta {
    text: Option<String>,
    tool_use: Option<WireToolDelta>,
    reasoning_content: Option<WireReasoning>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireToolDelta {
    input: String,
}

#[derive(Default)]
struct Decoder {
    answer: Assembly,
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        let wire: WireEvent = serde_json::from_slice(&frame.data)?;
        let key = wire.content_block_index.to_string();
        match frame.event.as_str() {
            "contentBlockStart" => {
                if let Some(call) = wire.start.tool_use {
                    self.answer.call(&key, &call.tool_use_id, &call.name, None);
                }
            }
            "contentBlockDelta" => {
                if let Some(text) = wire.delta.text {
                    self.answer.text(&text);
                }
                if let Some(call) = wire.delta.tool_use {
                    self.answer.arguments(&key, &call.input);
                }
                if let Some(reasoning) = wire.delta.reasoning_content {
                    if let Some(text) = reasoning.text {
                        self.answer.thinking(&text);
                    }
                    if let Some(signature) = reasoning.signature {
                        self.answer.signature(&signature, None);
                    }
                    if let Some(data) = reasoning.redacted_content {
                        self.answer.redacted(data);
                    }
                }
            }
            "messageStop" => self.answer.stop = Some(stop(&wire.stop_reason)),
            // The last word of a stream.
            "metadata" => {
                if let Some(usage) = wire.usage {
                    self.answer.usage(usage.usage());
                }
                return Ok(true);
            }
            exception if exception.starts_with('!') => {
                let kind = match &exception[1..] {
                    "throttlingException" => ErrorKind::RateLimited,
                    "serviceUnavailableException" => ErrorKind::Overloaded,
                    "validationException" if says_too_long(&wire.message) => ErrorKind::TooLong,
                    "validationException" => ErrorKind::BadRequest,
                    _ => ErrorKind::Vendor(500),
                };
                return Err(Fault::told(kind, &exception[1..], &wire.message));
            }
            _ => {}
        }
        Ok(false)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }
}
