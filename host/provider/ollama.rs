//! Ollama: `POST {base}/api/chat`. Pure conversions.
//!
//! Source: docs/api.md of github.com/ollama/ollama. A model whose name ends in `cloud` runs at Ollama's own servers, although the
//! address is this machine's.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::{Image, Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_object};
use super::wire::{Decode, Frame, Outgoing, Wire};
use super::{Usual, config};

const USUAL: Usual = Usual {
    base_url: "http://127.0.0.1:11434",
    base_url_env: "OLLAMA_HOST",
    key_env: "OLLAMA_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = match USUAL.secret(name, config, env) {
        Ok(secret) => Auth::Header {
            name: "authorization",
            prefix: "Bearer ",
            secret,
        },
        Err(super::SecretError::Missing { .. }) => Auth::None,
        Err(e) => return Err(e.into()),
    };
    let base = USUAL.base(config, env);
    // OLLAMA_HOST is often a bare host and port, and 0.0.0.0 where it is the server's own.
    let base = if base.contains("://") {
        base
    } else {
        format!("http://{base}")
    };
    let base = base.replace("//0.0.0.0", "//127.0.0.1");
    Served::new(name.to_owned(), Box::new(Ollama), &base, auth, config)
}

struct Ollama;

impl Wire for Ollama {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        Ok(Outgoing {
            path: "/api/chat".to_owned(),
            headers: Vec::new(),
            body: to_wire(request, stream)?.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        let mut decoder = Decoder::default();
        if !decoder.take_in(body)? {
            return Err(Fault::new(ErrorKind::Protocol));
        }
        decoder.end()
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Wire {
            error: Value,
        }
        let Ok(wire) = serde_json::from_slice::<Wire>(body) else {
            return Fault::new(by_status(status));
        };
        let message = wire
            .error
            .as_str()
            .or_else(|| wire.error.get("message").and_then(Value::as_str))
            .unwrap_or_default();
        let kind = if status == 400 && says_too_long(message) {
            ErrorKind::TooLong
        } else {
            by_status(status)
        };
        Fault::told(kind, "", message)
    }
}

fn to_wire(request: &Request, stream: bool) -> Result<Value, Fault> {
    if matches!(request.tool_choice, ToolChoice::Any | ToolChoice::Named(_))
        && !request.tools.is_empty()
    {
        return Err(Fault::unsupported("demand that a tool be called"));
    }
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(json!({ "role": "system", "content": system }));
    }
    for message in &request.messages {
        said(message.role, &message.parts, &mut messages)?;
    }
    let mut options = Map::new();
    options.insert("num_predict".to_owned(), json!(request.max_output_tokens));
    if let Some(temperature) = request.temperature {
        options.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(top_p) = request.top_p {
        options.insert("top_p".to_owned(), json!(top_p));
    }
    if !request.stop.is_empty() {
        options.insert("stop".to_owned(), json!(request.stop));
    }
    let mut body = json!({ "model": request.model, "messages": messages, "stream": stream, "options": options });
    if !request.tools.is_empty() && request.tool_choice != ToolChoice::None {
        let tools = request.tools.iter().map(|tool| {
            json!({ "type": "function", "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters } })
        });
        body["tools"] = tools.collect();
    }
    if let Some(output) = &request.output {
        body["format"] = output.schema.clone();
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            // Models with levels know three of them, and take them as words; for the others thinking is on.
            body["think"] = match effort.as_str() {
                level @ ("low" | "medium" | "high") => json!(level),
                "xhigh" | "max" => json!("high"),
                _ => json!(true),
            };
        }
        Some(Thinking::Budget { .. }) => body["think"] = json!(true),
        None => {}
    }
    Ok(body)
}

fn said(role: Role, parts: &[Part], messages: &mut Vec<Value>) -> Result<(), Fault> {
    let (mut text, mut thinking) = (String::new(), String::new());
    let (mut images, mut calls) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Image(Image::Base64 { data, .. }) => images.push(json!(data)),
            Part::Image(Image::Url(_)) => return Err(Fault::unsupported("picture by its address")),
            Part::ToolCall {
                name, arguments, ..
            } => {
                calls.push(
                    json!({ "function": { "name": name, "arguments": as_object(arguments) } }),
                );
            }
            Part::ToolResult { name, content, .. } => {
                messages.push(json!({ "role": "tool", "tool_name": name, "content": content }));
            }
            Part::Thinking { text, .. } => thinking.push_str(text),
            Part::RedactedThinking(_) | Part::CachePoint(_) => {}
        }
    }
    if text.is_empty() && images.is_empty() && calls.is_empty() {
        return Ok(());
    }
    let mut message =
        json!({ "role": if role == Role::User { "user" } else { "assistant" }, "content": text });
    if !images.is_empty() {
        message["images"] = json!(images);
    }
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    if !thinking.is_empty() {
        message["thinking"] = json!(thinking);
    }
    messages.push(message);
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireReply {
    model: String,
    message: WireMessage,
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    content: String,
    thinking: Option<String>,
    tool_calls: Option<Vec<WireCall>>,
}

#[derive(Deserialize)]
struct WireCall {
    id: Option<String>,
    function: WireFunction,
}

#[derive(Deserialize)]
struct WireFunction {
    name: String,
    #[serde(default)]
    arguments: Value,
}

#[derive(Default)]
struct Decoder {
    answer: Assembly,
}

impl Decoder {
    fn take_in(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let wire: WireReply = serde_json::from_slice(bytes)?;
        if let Some(message) = wire.error {
            return Err(Fault::told(ErrorKind::Vendor(500), "", &message));
        }
        if self.answer.model.is_empty() {
            self.answer.model = wire.model;
        }
        if let Some(thought) = wire.message.thinking {
            self.answer.thinking(&thought);
        }
        self.answer.text(&wire.message.content);
        for call in wire.message.tool_calls.into_iter().flatten() {
            // Calls come whole, and older servers give them no id.
            let key = self.answer.calls().to_string();
            let id = call.id.unwrap_or_else(|| format!("call_{key}"));
            self.answer.call(&key, &id, &call.function.name, None);
            let arguments = call.function.arguments;
            let empty = arguments.as_object().is_some_and(Map::is_empty) || arguments.is_null();
            if !empty {
                self.answer
                    .arguments(&key, &super::reply::as_text(&arguments));
            }
        }
        if !wire.done {
            return Ok(false);
        }
        self.answer.stop = Some(match wire.done_reason.as_deref() {
            _ if self.answer.calls() > 0 => StopReason::ToolUse,
            None | Some("stop") => StopReason::EndTurn,
            Some("length") => StopReason::MaxTokens,
            Some(other) => StopReason::Other(other.to_owned()),
        });
        if wire.prompt_eval_count.is_some() || wire.eval_count.is_some() {
            self.answer.usage(Usage {
                // Absent where the prompt was in the server's memory.
                input: wire.prompt_eval_count.unwrap_or(0),
                output: wire.eval_count.unwrap_or(0),
                ..Usage::default()
            });
        }
        Ok(true)
    }
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        self.take_in(&frame.data)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }
}
