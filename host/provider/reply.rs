//! What a model answers, whole or as it comes, free of any vendor's form.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::message::Part;
use crate::money::Picodollars;

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// It had said what it had to say.
    EndTurn,
    /// The most tokens were reached: the answer is cut off.
    MaxTokens,
    /// A stop sequence was reached.
    StopSequence,
    /// It wants a tool called.
    ToolUse,
    /// It declined, or the vendor's filter did.
    Refusal,
    /// Something else, in the vendor's word.
    Other(String),
}

/// Tokens that were used, each counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Prompt tokens that were neither read from nor written to a cache.
    pub input: u64,
    /// Answer tokens, reasoning included.
    pub output: u64,
    /// Prompt tokens read from the vendor's cache.
    pub cache_read: u64,
    /// Prompt tokens written to the cache for five minutes.
    pub cache_write_5m: u64,
    /// Prompt tokens written to the cache for an hour.
    pub cache_write_1h: u64,
    /// Those of the answer tokens that were reasoning, where the vendor tells.
    pub reasoning: u64,
    /// What the vendor says it costs, where it does.
    pub vendor_cost: Option<Picodollars>,
    /// The vendor did not tell, and this is an estimate from the texts' lengths.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// A model's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it says, thinks and wants called, in order.
    pub parts: Vec<Part>,
    /// Why it stopped.
    pub stop: StopReason,
    /// What it used; none when the vendor did not tell.
    pub usage: Option<Usage>,
    /// The model that answered, in the vendor's word.
    pub model: String,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

impl Reply {
    /// Its words, without thoughts and tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// A piece of an answer on its way. The last one of an answer that came to its end is [`Event::End`]; an answer that was cut off
/// ends with an error instead.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Words.
    Text(String),
    /// Thoughts, where the vendor shows them.
    Thinking(String),
    /// A tool call begins.
    ToolCall {
        /// Its place among the answer's tool calls, from 0.
        index: usize,
        /// Its id.
        id: String,
        /// The tool.
        name: String,
    },
    /// The next piece of a tool call's arguments.
    ToolArguments {
        /// The call's place.
        index: usize,
        /// A piece of JSON text.
        json: String,
    },
    /// What is used so far, as far as the vendor has told. A later one replaces it.
    Usage(Usage),
    /// The end, with the whole answer.
    End(Box<Reply>),
}

/// An answer that is put together from pieces, whole replies' ones and streams' ones alike.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    parts: Vec<Building>,
    events: Vec<Event>,
    pub(crate) model: String,
    pub(crate) stop: Option<StopReason>,
    usage: Option<Usage>,
}

#[derive(Debug)]
enum Building {
    Done(Part),
    Call {
        key: String,
        index: usize,
        id: String,
        name: String,
        arguments: String,
        signature: Option<String>,
    },
}

impl Assembly {
    /// What has happened since the last time.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.events.push(Event::Text(text.to_owned()));
        match self.parts.last_mut() {
            Some(Building::Done(Part::Text(said))) => said.push_str(text),
            _ => self.parts.push(Building::Done(Part::Text(text.to_owned()))),
        }
    }

    pub(crate) fn thinking(&mut self, more: &str) {
        if more.is_empty() {
            return;
        }
        self.events.push(Event::Thinking(more.to_owned()));
        match self.parts.last_mut() {
            // A signature ends a thought.
            Some(Building::Done(Part::Thinking {
                text,
                signature: None,
                ..
            })) => text.push_str(more),
            _ => self.thought(more.to_owned(), None, None),
        }
    }

    /// A whole thought, without an event.
    pub(crate) fn thought(&mut self, text: String, signature: Option<String>, id: Option<String>) {
        self.parts.push(Building::Done(Part::Thinking {
            text,
            signature,
            id,
        }));
    }

    /// The signature of the thought that was told last; a thought without words where there is none.
    pub(crate) fn signature(&mut self, more: &str, id: Option<String>) {
        match self.parts.last_mut() {
            Some(Building::Done(Part::Thinking {
                signature, id: own, ..
            })) => {
                signature.get_or_insert_default().push_str(more);
                *own = id.or(own.take());
            }
            _ => self.thought(String::new(), Some(more.to_owned()), id),
        }
    }

    /// The signature of the answer's first thought, or of one without words before everything else.
    pub(crate) fn first_thought_signed(&mut self, signed: String) {
        let known = self.parts.iter_mut().find_map(|part| match part {
            Building::Done(Part::Thinking { signature, .. }) => Some(signature),
            _ => None,
        });
        match known {
            Some(signature) => *signature = Some(signed),
            None => self.parts.insert(
                0,
                Building::Done(Part::Thinking {
                    text: String::new(),
                    signature: Some(signed),
                    id: None,
                }),
            ),
        }
    }

    /// A signature that the vendor put at a text: it belongs to the thought before it, or to one without words where there is none.
    pub(crate) fn signature_before_text(&mut self, signed: &str) {
        let place = match self.parts.last() {
            Some(Building::Done(Part::Text(_))) => self.parts.len() - 1,
            _ => self.parts.len(),
        };
        let before = place
            .checked_sub(1)
            .and_then(|place| self.parts.get_mut(place));
        match before {
            Some(Building::Done(Part::Thinking { signature, .. })) if signature.is_none() => {
                *signature = Some(signed.to_owned());
            }
            _ => self.parts.insert(
                place,
                Building::Done(Part::Thinking {
                    text: String::new(),
                    signature: Some(signed.to_owned()),
                    id: None,
                }),
            ),
        }
    }

    pub(crate) fn redacted(&mut self, data: String) {
        self.parts
            .push(Building::Done(Part::RedactedThinking(data)));
    }

    /// A tool call begins; `key` is the vendor's name for it within this answer.
    pub(crate) fn call(&mut self, key: &str, id: &str, name: &str, signature: Option<String>) {
        let index = self.calls();
        self.events.push(Event::ToolCall {
            index,
            id: id.to_owned(),
            name: name.to_owned(),
        });
        self.parts.push(Building::Call {
            key: key.to_owned(),
            index,
            id: id.to_owned(),
            name: name.to_owned(),
            arguments: String::new(),
            signature,
        });
    }

    /// More of the arguments of the call with this key.
    pub(crate) fn arguments(&mut self, wanted: &str, json: &str) {
        if json.is_empty() {
            return;
        }
        let found = self.parts.iter_mut().rev().find_map(|part| match part {
            Building::Call {
                key,
                index,
                arguments,
                ..
            } if key == wanted => Some((*index, arguments)),
            _ => None,
        });
        if let Some((index, arguments)) = found {
            arguments.push_str(json);
            self.events.push(Event::ToolArguments {
                index,
                json: json.to_owned(),
            });
        }
    }

    /// How much of the arguments of the call with this key is known.
    pub(crate) fn has_arguments(&self, wanted: &str) -> bool {
        self.parts.iter().any(|part| {
            matches!(part, Building::Call { key, arguments, .. } if key == wanted && !arguments.is_empty())
        })
    }

    pub(crate) fn knows_call(&self, wanted: &str) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Building::Call { key, .. } if key == wanted))
    }

    pub(crate) fn calls(&self) -> usize {
        self.parts
            .iter()
            .filter(|part| matches!(part, Building::Call { .. }))
            .count()
    }

    pub(crate) fn usage(&mut self, usage: Usage) {
        self.events.push(Event::Usage(usage.clone()));
        self.usage = Some(usage);
    }

    /// The whole answer; none when it never came to its end.
    pub(crate) fn finish(&mut self) -> Option<Reply> {
        let stop = self.stop.take()?;
        let parts = std::mem::take(&mut self.parts)
            .into_iter()
            .map(|part| match part {
                Building::Done(part) => part,
                Building::Call {
                    id,
                    name,
                    arguments,
                    signature,
                    ..
                } => Part::ToolCall {
                    id,
                    name,
                    arguments: parse(arguments),
                    signature,
                },
            })
            .collect();
        Some(Reply {
            parts,
            stop,
            usage: self.usage.take(),
            model: std::mem::take(&mut self.model),
            attempts: 1,
        })
    }
}

/// Arguments as a value: a call without any has an empty object, and a text that is no JSON stays a text.
fn parse(arguments: String) -> Value {
    if arguments.trim().is_empty() {
        return json!({});
    }
    serde_json::from_str(&arguments).unwrap_or(Value::String(arguments))
}

/// Arguments as the object that vendors want.
pub(crate) fn as_object(arguments: &Value) -> Value {
    match arguments {
        Value::Object(_) => arguments.clone(),
        other => json!({ "arguments": other }),
    }
}

/// Arguments as the text that other vendors want.
pub(crate) fn as_text(arguments: &Value) -> String {
    match arguments {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
