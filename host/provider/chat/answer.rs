//! An answer out of the chat form, whole or frame by frame. An error within an answer is handed on to `refusal`, which knows what it means.

use serde::Deserialize;
use serde_json::Value;

use super::WireError;
use crate::money::Picodollars;
use crate::provider::error::{ErrorKind, Fault};
use crate::provider::reply::{Assembly, Reply, StopReason, Usage};
use crate::provider::wire::{Decode, Frame, count, finished};

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
