//! What a model is asked, free of any vendor's form.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who speaks a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person, or the program that speaks for one; tools' results too.
    User,
    /// The model.
    Assistant,
}

/// How long a vendor is asked to keep a prompt's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheTtl {
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    Hour,
}

/// A picture.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Image {
    /// Its bytes in base64 with their media type, such as `image/png`.
    Base64 {
        /// The media type.
        media_type: String,
        /// The bytes.
        data: String,
    },
    /// Where it can be fetched. Not every vendor fetches.
    Url(String),
}

/// A piece of a message.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Words.
    Text(String),
    /// A picture.
    Image(Image),
    /// The model's wish to have a tool called.
    ToolCall {
        /// The call's id, which the result repeats.
        id: String,
        /// The tool.
        name: String,
        /// Its arguments, an object; a text where the model wrote no JSON.
        arguments: Value,
        /// What the vendor signed its thought with, to be handed back unchanged.
        signature: Option<String>,
    },
    /// What a tool gave back.
    ToolResult {
        /// The id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// What it gave back.
        content: String,
        /// It failed.
        is_error: bool,
    },
    /// What the model thought, with the vendor's signature. Handed back unchanged, or the vendor refuses the conversation.
    Thinking {
        /// The words, or their summary; may be empty.
        text: String,
        /// The vendor's signature, or its encrypted form.
        signature: Option<String>,
        /// The vendor's id of the thought, where it has one.
        id: Option<String>,
    },
    /// A thought that the vendor shows only in encrypted form.
    RedactedThinking(String),
    /// Up to here the vendor may keep the prompt. Vendors that do so by themselves are not told.
    CachePoint(CacheTtl),
}

impl std::fmt::Debug for Part {
    /// The kind and the size: the content is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Part::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Part::Image(_) => f.write_str("Image"),
            Part::ToolCall { name, .. } => write!(f, "ToolCall({name})"),
            Part::ToolResult { name, content, .. } => {
                write!(f, "ToolResult({name}, {} bytes)", content.len())
            }
            Part::Thinking { text, .. } => write!(f, "Thinking({} bytes)", text.len()),
            Part::RedactedThinking(_) => f.write_str("RedactedThinking"),
            Part::CachePoint(ttl) => write!(f, "CachePoint({ttl:?})"),
        }
    }
}

impl Part {
    /// How many bytes of it a model reads. No token is shorter than a byte; a picture counts as [`IMAGE_TOKENS`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let bytes = match self {
            Part::Text(text) | Part::RedactedThinking(text) => text.len(),
            Part::Image(_) => return IMAGE_TOKENS,
            Part::ToolCall {
                id,
                name,
                arguments,
                signature,
            } => {
                id.len()
                    + name.len()
                    + arguments.to_string().len()
                    + signature.as_ref().map_or(0, String::len)
            }
            Part::ToolResult {
                id, name, content, ..
            } => id.len() + name.len() + content.len(),
            Part::Thinking {
                text, signature, ..
            } => text.len() + signature.as_ref().map_or(0, String::len),
            Part::CachePoint(_) => 0,
        };
        bytes as u64
    }
}

/// What a picture counts for in a bound. The dearest documented picture is below it: about 4,784 tokens at Claude's largest size,
/// 6,240 in OpenAI's `high` detail on small models' scale.
pub const IMAGE_TOKENS: u64 = 8_192;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Message {
        Message {
            role,
            parts: vec![Part::Text(text.into())],
        }
    }
}

/// A tool that the model may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does, in words.
    #[serde(default)]
    pub description: String,
    /// The JSON schema of its arguments, an object.
    #[serde(alias = "inputSchema")]
    pub parameters: Value,
}

/// Which tool the model is to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it sees fit.
    #[default]
    Auto,
    /// One at least.
    Any,
    /// None.
    None,
    /// This one.
    Named(String),
}

/// The form that an answer is to have.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSchema {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// The JSON schema.
    pub schema: Value,
}

/// A wish to think, in the form that the model takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// As much as the model finds right, at an effort: `low`, `medium`, `high`, `xhigh`, `max`.
    Adaptive {
        /// The effort.
        effort: String,
    },
    /// Up to so many tokens.
    Budget {
        /// The tokens, of those that the answer may have.
        tokens: u32,
    },
}

/// The name of the field in which the chat completions form limits an answer, which differs by the model behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitField {
    /// `max_completion_tokens`: every model of OpenAI's since the reasoning ones.
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`: the models before.
    MaxTokens,
}

/// What a model is asked.
#[derive(Clone, Default)]
pub struct Request {
    /// The model's id at its vendor; at Azure the deployment's name.
    pub model: String,
    /// Standing instructions.
    pub system: Option<String>,
    /// How long the vendor may keep tools and standing instructions.
    pub system_cache: Option<CacheTtl>,
    /// The conversation, oldest first; the last message is the person's.
    pub messages: Vec<Message>,
    /// The tools.
    pub tools: Vec<Tool>,
    /// Which tool is wanted; without tools it is not sent.
    pub tool_choice: ToolChoice,
    /// The form of the answer; none for free text.
    pub output: Option<OutputSchema>,
    /// The most tokens that the answer may have, thinking included.
    pub max_output_tokens: u32,
    /// Where `max_output_tokens` goes in the chat completions form.
    pub limit_field: LimitField,
    /// How it is to think; none sends no such setting.
    pub thinking: Option<Thinking>,
    /// 0 for the likeliest words; none leaves the vendor's default.
    pub temperature: Option<f32>,
    /// The share of likely words that are drawn from.
    pub top_p: Option<f32>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("model", &self.model)
            .field("messages", &self.messages)
            .field("tools", &self.tools.len())
            .field("max_output_tokens", &self.max_output_tokens)
            .field("thinking", &self.thinking)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// How many bytes a model reads, for a bound on its tokens.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let tools: usize = self
            .tools
            .iter()
            .map(|tool| {
                tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
            })
            .sum();
        let output = self
            .output
            .as_ref()
            .map_or(0, |output| output.schema.to_string().len());
        let system = self.system.as_ref().map_or(0, String::len);
        let parts = self
            .messages
            .iter()
            .flat_map(|message| &message.parts)
            .map(Part::bytes);
        (tools + output + system) as u64 + parts.sum::<u64>()
    }

    /// Whether pictures come with it.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.messages
            .iter()
            .flat_map(|message| &message.parts)
            .any(|part| matches!(part, Part::Image(_)))
    }
}
