//! An answer out of Converse's form, whole or event by event, with the exceptions that come within a stream. What a status means is said beside
//! the set-up.

use serde::Deserialize;
use serde_json::Value;

use crate::provider::error::{ErrorKind, Fault, says_too_long};
use crate::provider::reply::{Assembly, Reply, StopReason, Usage};
use crate::provider::wire::{Decode, Frame, count, finished};

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

pub(super) fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
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
pub(super) struct Decoder {
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
