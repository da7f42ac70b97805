//! Google's Gemini API: `POST {base}/v1beta/models/{model}:generateContent` and `:streamGenerateContent?alt=sse`. Pure conversions.
//!
//! Source: the API reference at ai.google.dev (generateContent, function calling, thinking, thought signatures). It knows no hosted tools,
//! files, cached contents or safety settings, and not Vertex AI's sign-in.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::{Image, Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_object};
use super::wire::{Decode, Frame, Outgoing, Wire, count, finished, segment};
use super::{Usual, config};

const USUAL: Usual = Usual {
    base_url: "https://generativelanguage.googleapis.com",
    base_url_env: "GEMINI_BASE_URL",
    key_env: "GEMINI_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = Auth::Header {
        name: "x-goog-api-key",
        prefix: "",
        secret: USUAL.secret(name, config, env)?,
    };
    Served::new(
        name.to_owned(),
        Box::new(Gemini),
        &USUAL.base(config, env),
        auth,
        config,
    )
}

struct Gemini;

impl Wire for Gemini {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let method = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        Ok(Outgoing {
            path: format!("/v1beta/models/{}:{method}", segment(&request.model)),
            headers: Vec::new(),
            body: to_wire(request)?.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        let mut decoder = Decoder::default();
        decoder.take_in(body)?;
        decoder.settle();
        finished(&mut decoder.answer)
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
        // Streams without `alt=sse` have their error in a list.
        let wire = serde_json::from_slice::<Wire>(body)
            .or_else(|_| serde_json::from_slice::<(Wire,)>(body).map(|(wire,)| wire));
        match wire {
            Ok(wire) => wire.error.fault(status),
            Err(_) => Fault::new(by_status(status)),
        }
    }
}

fn to_wire(request: &Request) -> Result<Value, Fault> {
    let contents: Vec<Value> = request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "model",
            };
            Ok(json!({ "role": role, "parts": parts(&message.parts)? }))
        })
        .collect::<Result<_, Fault>>()?;
    let mut body = json!({ "contents": contents });
    if let Some(system) = &request.system {
        body["systemInstruction"] = json!({ "parts": [{ "text": system }] });
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| json!({ "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters }))
            .collect();
        body["tools"] = json!([{ "functionDeclarations": tools }]);
        body["toolConfig"] = match &request.tool_choice {
            ToolChoice::Auto => json!({ "functionCallingConfig": { "mode": "AUTO" } }),
            ToolChoice::Any => json!({ "functionCallingConfig": { "mode": "ANY" } }),
            ToolChoice::None => json!({ "functionCallingConfig": { "mode": "NONE" } }),
            ToolChoice::Named(name) => {
                json!({ "functionCallingConfig": { "mode": "ANY", "allowedFunctionNames": [name] } })
            }
        };
    }
    let mut generation = Map::new();
    let mut set = |name: &str, value: Value| generation.insert(name.to_owned(), value);
    set("maxOutputTokens", json!(request.max_output_tokens));
    if let Some(output) = &request.output {
        set("responseMimeType", json!("application/json"));
        set("responseJsonSchema", output.schema.clone());
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            set(
                "thinkingConfig",
                json!({ "thinkingLevel": effort, "includeThoughts": true }),
            );
        }
        Some(Thinking::Budget { tokens }) => {
            set(
                "thinkingConfig",
                json!({ "thinkingBudget": tokens, "includeThoughts": true }),
            );
        }
        None => {}
    }
    if let Some(temperature) = request.temperature {
        set("temperature", json!(temperature));
    }
    if let Some(top_p) = request.top_p {
        set("topP", json!(top_p));
    }
    if !request.stop.is_empty() {
        set("stopSequences", json!(request.stop));
    }
    body["generationConfig"] = Value::Object(generation);
    Ok(body)
}

fn parts(parts: &[Part]) -> Result<Vec<Value>, Fault> {
    let mut wire = Vec::with_capacity(parts.len());
    // A thought's signature stands at the part that follows it.
    let mut pending: Option<&String> = None;
    for part in parts {
        let mut value = match part {
            Part::Text(text) => json!({ "text": text }),
            Part::Image(Image::Base64 { media_type, data }) => {
                json!({ "inlineData": { "mimeType": media_type, "data": data } })
            }
            Part::Image(Image::Url(url)) => json!({ "fileData": { "fileUri": url } }),
            Part::ToolCall {
                id,
                name,
                arguments,
                signature,
            } => {
                let mut call = json!({ "functionCall": { "id": id, "name": name, "args": as_object(arguments) } });
                if let Some(signature) = signature {
                    call["thoughtSignature"] = json!(signature);
                }
                call
            }
            Part::ToolResult {
                id,
                name,
                content,
                is_error,
            } => {
                let key = if *is_error { "error" } else { "result" };
                json!({ "functionResponse": { "id": id, "name": name, "response": { key: content } } })
            }
            Part::Thinking { signature, .. } => {
                pending = signature.as_ref();
                continue;
            }
            Part::RedactedThinking(_) | Part::CachePoint(_) => continue,
        };
        if let Some(signature) = pending.take()
            && value.get("thoughtSignature").is_none()
        {
            value["thoughtSignature"] = json!(signature);
        }
        wire.push(value);
    }
    Ok(wire)
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireReply {
    candidates: Vec<WireCandidate>,
    prompt_feedback: Option<WireFeedback>,
    usage_metadata: Option<WireUsage>,
    model_version: String,
    error: Option<WireError>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireFeedback {
    block_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireCandidate {
    content: WireContent,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireContent {
    parts: Vec<WirePart>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePart {
    text: Option<String>,
    thought: bool,
    thought_signature: Option<String>,
    function_call: Option<WireCall>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCall {
    id: Option<String>,
    name: String,
    args: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_token_count: u64,
    #[serde(deserialize_with = "count")]
    candidates_token_count: u64,
    #[serde(deserialize_with = "count")]
    cached_content_token_count: u64,
    #[serde(deserialize_with = "count")]
    thoughts_token_count: u64,
    #[serde(deserialize_with = "count")]
    tool_use_prompt_token_count: u64,
}

impl WireUsage {
    fn usage(&self) -> Usage {
        let read = self.cached_content_token_count;
        Usage {
            // The prompt's count includes what was cached; the candidates' count leaves the thoughts out.
            input: self
                .prompt_token_count
                .saturating_add(self.tool_use_prompt_token_count)
                .saturating_sub(read),
            output: self
                .candidates_token_count
                .saturating_add(self.thoughts_token_count),
            cache_read: read,
            reasoning: self.thoughts_token_count,
            ..Usage::default()
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    code: Option<u16>,
    message: String,
    status: String,
}

impl WireError {
    fn fault(&self, status: u16) -> Fault {
        let status = self.code.unwrap_or(status);
        let kind = match self.status.as_str() {
            "INVALID_ARGUMENT" if self.message.contains("API key not valid") => {
                ErrorKind::Authentication
            }
            "INVALID_ARGUMENT" if says_too_long(&self.message) => ErrorKind::TooLong,
            "UNAUTHENTICATED" => ErrorKind::Authentication,
            "PERMISSION_DENIED" => ErrorKind::Permission,
            "NOT_FOUND" => ErrorKind::NotFound,
            "RESOURCE_EXHAUSTED" => ErrorKind::RateLimited,
            "UNAVAILABLE" => ErrorKind::Overloaded,
            _ => by_status(status),
        };
        Fault::told(kind, &self.status, &self.message)
    }
}

#[derive(Default)]
struct Decoder {
    answer: Assembly,
    /// The reason to stop, when it has been told; calls may still follow in the same frame only.
    reason: Option<String>,
}

impl Decoder {
    fn take_in(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let wire: WireReply = serde_json::from_slice(bytes)?;
        if let Some(error) = wire.error {
            return Err(error.fault(500));
        }
        if !wire.model_version.is_empty() {
            self.answer.model = wire.model_version;
        }
        if let Some(reason) = wire.prompt_feedback.and_then(|told| told.block_reason) {
            return Err(Fault::told(ErrorKind::ContentRefused, &reason, ""));
        }
        // Only one candidate is asked for.
        if let Some(candidate) = wire.candidates.into_iter().next() {
            for part in candidate.content.parts {
                self.part(part);
            }
            self.reason = candidate.finish_reason.or(self.reason.take());
        }
        if let Some(usage) = wire.usage_metadata {
            self.answer.usage(usage.usage());
        }
        Ok(())
    }

    fn part(&mut self, part: WirePart) {
        if let Some(call) = part.function_call {
            let key = self.answer.calls().to_string();
            // The vendor's older models give no id; names and order are enough for them.
            let id = call.id.unwrap_or_else(|| format!("call_{key}"));
            self.answer
                .call(&key, &id, &call.name, part.thought_signature);
            if call.args.as_object().is_some_and(|args| !args.is_empty()) {
                self.answer.arguments(&key, &call.args.to_string());
            }
            return;
        }
        let text = part.text.unwrap_or_default();
        if part.thought {
            self.answer.thinking(&text);
        } else {
            if let Some(signature) = part.thought_signature {
                self.answer.signature_before_text(&signature);
            }
            self.answer.text(&text);
        }
    }

    fn settle(&mut self) {
        self.answer.stop = self.reason.take().map(|reason| match reason.as_str() {
            "STOP" if self.answer.calls() > 0 => StopReason::ToolUse,
            "STOP" => StopReason::EndTurn,
            "MAX_TOKENS" => StopReason::MaxTokens,
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII"
            | "IMAGE_SAFETY" => StopReason::Refusal,
            _ => StopReason::Other(reason),
        });
    }
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        self.take_in(&frame.data)?;
        // The vendor's streams have no last word: the connection's end is it.
        Ok(false)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }

    fn end(&mut self) -> Result<Reply, Fault> {
        self.settle();
        self.answer.finish().ok_or_else(Fault::cut_off)
    }
}
