//! OpenAI's responses form, which Azure speaks too: `POST {base}/responses`. Pure conversions.
//!
//! Source: the API reference at platform.openai.com (responses, streaming events, reasoning). Nothing is kept at the vendor (`store` is
//! false): thoughts come encrypted and are handed back. It knows no hosted tools, files or background runs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::{WireError, url};
use super::error::{ErrorKind, Fault};
use super::message::{Part, Request, Role, Thinking, ToolChoice};
use super::reply::{Assembly, Reply, StopReason, Usage, as_text};
use super::wire::{Decode, Frame, count, finished};

/// The request in this form.
pub(crate) fn to_wire(request: &Request, stream: bool) -> Result<Value, Fault> {
    if !request.stop.is_empty() {
        return Err(Fault::unsupported("stop sequences"));
    }
    let mut input = Vec::new();
    for message in &request.messages {
        items(message.role, &message.parts, &mut input);
    }
    let mut body = json!({
        "model": request.model, "input": input, "max_output_tokens": request.max_output_tokens, "store": false,
    });
    if let Some(system) = &request.system {
        body["instructions"] = json!(system);
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters, "strict": false })
        });
        body["tools"] = tools.collect();
        body["tool_choice"] = match &request.tool_choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::Any => json!("required"),
            ToolChoice::None => json!("none"),
            ToolChoice::Named(name) => json!({ "type": "function", "name": name }),
        };
    }
    if let Some(output) = &request.output {
        body["text"] = json!({ "format": { "type": "json_schema", "name": output.name, "schema": output.schema, "strict": true } });
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["reasoning"] = json!({ "effort": effort, "summary": "auto" });
            body["include"] = json!(["reasoning.encrypted_content"]);
        }
        Some(Thinking::Budget { .. }) => {
            return Err(Fault::unsupported("budget of thinking tokens"));
        }
        None => {}
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(top_p) = request.top_p {
        body["top_p"] = json!(top_p);
    }
    if stream {
        body["stream"] = json!(true);
    }
    Ok(body)
}

/// A message's parts as items: text and pictures in messages, calls, results and thoughts beside them, in order.
fn items(role: Role, parts: &[Part], input: &mut Vec<Value>) {
    let (speaker, text_type) = match role {
        Role::User => ("user", "input_text"),
        Role::Assistant => ("assistant", "output_text"),
    };
    let mut content: Vec<Value> = Vec::new();
    let flush = |content: &mut Vec<Value>, input: &mut Vec<Value>| {
        if !content.is_empty() {
            input.push(
                json!({ "type": "message", "role": speaker, "content": std::mem::take(content) }),
            );
        }
    };
    for part in parts {
        let item = match part {
            Part::Text(text) => {
                content.push(json!({ "type": text_type, "text": text }));
                continue;
            }
            Part::Image(image) => {
                content.push(json!({ "type": "input_image", "image_url": url(image) }));
                continue;
            }
            Part::ToolCall {
                id,
                name,
                arguments,
                ..
            } => {
                json!({ "type": "function_call", "call_id": id, "name": name, "arguments": as_text(arguments) })
            }
            Part::ToolResult { id, content, .. } => {
                json!({ "type": "function_call_output", "call_id": id, "output": content })
            }
            Part::Thinking {
                text,
                signature: Some(encrypted),
                id: Some(id),
            } => {
                let summary = if text.is_empty() {
                    json!([])
                } else {
                    json!([{ "type": "summary_text", "text": text }])
                };
                json!({ "type": "reasoning", "id": id, "summary": summary, "encrypted_content": encrypted })
            }
            Part::Thinking { .. } | Part::RedactedThinking(_) | Part::CachePoint(_) => continue,
        };
        flush(&mut content, input);
        input.push(item);
    }
    flush(&mut content, input);
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireResponse {
    model: String,
    status: String,
    output: Vec<WireItem>,
    usage: Option<WireUsage>,
    error: Option<WireError>,
    incomplete_details: Option<WireIncomplete>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireIncomplete {
    reason: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireItem {
    Message {
        #[serde(default)]
        content: Vec<WireContent>,
    },
    FunctionCall {
        call_id: String,
        name: String,
        #[serde(default)]
        arguments: String,
    },
    Reasoning {
        id: Option<String>,
        #[serde(default)]
        summary: Vec<WireSummary>,
        encrypted_content: Option<String>,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireContent {
    OutputText {
        text: String,
    },
    Refusal {
        refusal: String,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct WireSummary {
    #[serde(default)]
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    input_tokens_details: Option<InputDetails>,
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    #[serde(deserialize_with = "count")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    #[serde(deserialize_with = "count")]
    reasoning_tokens: u64,
}

impl WireUsage {
    fn usage(&self) -> Usage {
        let details = self.input_tokens_details.as_ref();
        let read = details.map_or(0, |details| details.cached_tokens);
        let written = details.map_or(0, |details| details.cache_write_tokens);
        Usage {
            input: self
                .input_tokens
                .saturating_sub(read.saturating_add(written)),
            output: self.output_tokens,
            cache_read: read,
            cache_write_5m: written,
            reasoning: self
                .output_tokens_details
                .as_ref()
                .map_or(0, |details| details.reasoning_tokens),
            ..Usage::default()
        }
    }
}

/// An answer from this form.
pub(crate) fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
    let mut wire: WireResponse = serde_json::from_slice(bytes)?;
    let mut decoder = Decoder::default();
    for (place, item) in std::mem::take(&mut wire.output).into_iter().enumerate() {
        decoder.whole(&place.to_string(), item);
    }
    decoder.close(wire)?;
    finished(&mut decoder.answer)
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum WireEvent {
    #[serde(rename = "response.output_item.added")]
    Added { output_index: u64, item: WireItem },
    #[serde(
        rename = "response.output_text.delta",
        alias = "response.refusal.delta"
    )]
    Text { delta: String },
    #[serde(
        rename = "response.reasoning_summary_text.delta",
        alias = "response.reasoning_text.delta"
    )]
    Thinking { delta: String },
    #[serde(rename = "response.function_call_arguments.delta")]
    Arguments { output_index: u64, delta: String },
    #[serde(rename = "response.output_item.done")]
    Done { output_index: u64, item: WireItem },
    #[serde(
        rename = "response.completed",
        alias = "response.incomplete",
        alias = "response.failed"
    )]
    Closed { response: WireResponse },
    #[serde(rename = "error")]
    Error {
        /// Some servers put it in the middle, some into an object.
        error: Option<WireError>,
        code: Option<Value>,
        message: Option<String>,
    },
    #[serde(other)]
    Unknown,
}

/// Makes sense of a stream's frames.
#[derive(Default)]
pub(crate) struct Decoder {
    answer: Assembly,
    refused: bool,
}

impl Decoder {
    /// An item that comes whole.
    fn whole(&mut self, key: &str, item: WireItem) {
        match item {
            WireItem::Message { content } => {
                for part in content {
                    match part {
                        WireContent::OutputText { text } => self.answer.text(&text),
                        WireContent::Refusal { refusal } => {
                            self.refused = true;
                            self.answer.text(&refusal);
                        }
                        WireContent::Unknown => {}
                    }
                }
            }
            WireItem::FunctionCall {
                call_id,
                name,
                arguments,
            } => {
                self.answer.call(key, &call_id, &name, None);
                self.answer.arguments(key, &arguments);
            }
            WireItem::Reasoning {
                id,
                summary,
                encrypted_content,
            } => {
                self.answer.thought(String::new(), None, id.clone());
                for piece in summary {
                    self.answer.thinking(&piece.text);
                }
                if let Some(encrypted) = encrypted_content {
                    self.answer.signature(&encrypted, id);
                }
            }
            WireItem::Unknown => {}
        }
    }

    fn close(&mut self, wire: WireResponse) -> Result<(), Fault> {
        if let Some(usage) = &wire.usage {
            self.answer.usage(usage.usage());
        }
        if let Some(error) = wire.error {
            return Err(error.fault(500));
        }
        let reason = wire.incomplete_details.map(|details| details.reason);
        self.answer.model = wire.model;
        self.answer.stop = Some(match (wire.status.as_str(), reason.as_deref()) {
            ("failed" | "cancelled", _) => return Err(Fault::new(ErrorKind::Vendor(500))),
            (_, Some("max_output_tokens")) => StopReason::MaxTokens,
            (_, Some("content_filter")) => StopReason::Refusal,
            (_, Some(other)) => StopReason::Other(other.to_owned()),
            ("completed", None) if self.refused => StopReason::Refusal,
            ("completed", None) if self.answer.calls() > 0 => StopReason::ToolUse,
            ("completed", None) => StopReason::EndTurn,
            _ => return Err(Fault::new(ErrorKind::Protocol)),
        });
        Ok(())
    }
}

impl Decode for Decoder {
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault> {
        if frame.data == b"[DONE]" {
            return Ok(true);
        }
        match serde_json::from_slice(&frame.data)? {
            WireEvent::Added { output_index, item } => match item {
                WireItem::FunctionCall { call_id, name, .. } => {
                    self.answer
                        .call(&output_index.to_string(), &call_id, &name, None);
                }
                WireItem::Reasoning { id, .. } => self.answer.thought(String::new(), None, id),
                WireItem::Message { .. } | WireItem::Unknown => {}
            },
            WireEvent::Text { delta } => {
                self.refused |= frame.event == "response.refusal.delta";
                self.answer.text(&delta);
            }
            WireEvent::Thinking { delta } => self.answer.thinking(&delta),
            WireEvent::Arguments {
                output_index,
                delta,
            } => self.answer.arguments(&output_index.to_string(), &delta),
            WireEvent::Done { output_index, item } => {
                let key = output_index.to_string();
                match item {
                    // A server that tells the arguments only at the end.
                    WireItem::FunctionCall {
                        call_id,
                        name,
                        arguments,
                    } => {
                        if !self.answer.knows_call(&key) {
                            self.answer.call(&key, &call_id, &name, None);
                        }
                        if !self.answer.has_arguments(&key) {
                            self.answer.arguments(&key, &arguments);
                        }
                    }
                    WireItem::Reasoning {
                        id,
                        encrypted_content: Some(encrypted),
                        ..
                    } => self.answer.signature(&encrypted, id),
                    _ => {}
                }
            }
            WireEvent::Closed { response } => {
                self.close(response)?;
                return Ok(true);
            }
            WireEvent::Error {
                error,
                code,
                message,
            } => {
                let error = error.unwrap_or_else(|| WireError::of(code, message));
                return Err(error.fault(500));
            }
            WireEvent::Unknown => {}
        }
        Ok(false)
    }

    fn assembly(&mut self) -> &mut Assembly {
        &mut self.answer
    }
}
