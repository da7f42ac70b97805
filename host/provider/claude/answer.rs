//! An answer out of the vendor's form, whole or event by event. What an error means is said beside the vendor's set-up.

use serde::Deserialize;
use serde_json::Value;

use super::WireError;
use crate::provider::error::Fault;
use crate::provider::reply::{Assembly, Reply, StopReason, Usage};
use crate::provider::wire::{Decode, Frame, count, finished};

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
pub(super) fn from_wire(bytes: &[u8]) -> Result<Reply, Fault> {
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
pub(super) struct Decoder {
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
