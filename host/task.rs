//! A task as people and programs hand it in: what can be said in one. JSON is camelCase. Nothing here decides anything.

mod contract;
mod json;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use json::TaskError;
pub(crate) use json::{syntax_words, unreadable};

use crate::provider::Tool;
use crate::tier::Tier;

/// How urgent the caller says a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// May wait.
    Low,
    /// The default.
    #[default]
    #[serde(alias = "medium")]
    Normal,
    /// Raises the complexity.
    High,
    /// Raises it more, by at most one tier above what the work needs.
    Critical,
}

/// Who spoke a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    #[serde(alias = "developer")]
    System,
    /// A person, or a program that speaks for one.
    User,
    /// A model.
    Assistant,
    /// A tool.
    Tool,
}

/// One message of the conversation before the task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Who spoke.
    pub role: Role,
    /// What was said.
    pub content: String,
}

/// A source text handed over with a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its path, for the language and for messages; it is not opened.
    #[serde(default)]
    pub path: String,
    /// Its text.
    #[serde(alias = "content")]
    pub text: String,
    /// Whether its top-level names are its own (an ES or CommonJS module); when absent, only its text can show it.
    #[serde(default)]
    pub module: Option<bool>,
}

/// Where a task may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// Never off this machine, not by fallback and not through a local server's cloud models.
    LocalOnly,
}

/// A picture handed over with a task: its bytes, or where they can be fetched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Picture {
    /// Its bytes in base64.
    Bytes {
        /// Such as `image/png`.
        media_type: String,
        /// Base64.
        data: String,
    },
    /// Its address. Not every vendor fetches.
    Address {
        /// The address.
        url: String,
    },
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Picture")
    }
}

/// A piece of work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Task {
    /// The caller's id for it; made up when absent. Unique among all recorded tasks.
    #[serde(deserialize_with = "json::string_or_number")]
    pub id: Option<String>,
    /// What is wanted, in words.
    #[serde(alias = "prompt", alias = "description")]
    pub instruction: String,
    /// Free text such as `generate-tests`. An unknown kind is no error.
    #[serde(alias = "type")]
    pub kind: String,
    /// Free text such as `security-compliance`.
    pub domain: String,
    /// How urgent it is.
    pub priority: Priority,
    /// What the work needs: `sast`, `vulnerability`, `chaos-testing`, ...
    pub capabilities: Vec<String>,
    /// Source texts with their paths.
    pub files: Vec<File>,
    /// A snippet of code; it counts as a module.
    #[serde(alias = "sourceCode")]
    pub code_context: Option<String>,
    /// The conversation before the instruction, oldest first.
    pub history: Vec<Message>,
    /// The tier set by hand. It wins over every other rule; a spent budget refuses the task and never lowers it.
    pub routing_tier: Option<Tier>,
    /// False forbids tier 0; absent allows it.
    pub use_agent_booster: Option<bool>,
    /// The task is critical: what the router decides is tier 2 or more.
    pub is_critical: bool,
    /// How many files the work touches, when more than are handed over.
    pub file_count: u32,
    /// The work crosses the borders of several components.
    pub cross_component: bool,
    /// The work calls services outside.
    pub external_apis: bool,
    /// The work touches a database.
    #[serde(alias = "databaseOperations")]
    pub database: bool,
    /// Somebody waits for it.
    pub time_sensitive: bool,
    /// What a scan or a review is about, such as `src/`; it is not opened, and is told to the model.
    pub target: String,
    /// Static application security testing is part of the work.
    pub sast: bool,
    /// Dynamic application security testing is part of the work.
    pub dast: bool,
    /// Rule books the work is to comply with: `OWASP`, `PCI-DSS`, ...
    pub compliance: Vec<String>,
    /// The kind of tests wanted, such as `unit`; told to the model.
    pub test_type: String,
    /// What the caller vouches for when tier 0 transforms: see `tinydancer transform --list`.
    pub assumptions: Vec<String>,
    /// What does not hold for this task's code, though it is granted by default or by the configuration.
    pub withdrawn: Vec<String>,
    /// The most tokens that an answer may have; the tier's own figure when absent.
    pub max_output_tokens: Option<u32>,
    /// The type of the agent that asks, such as `coder`, for the rules of routing.
    #[serde(alias = "agent")]
    #[serde(rename = "agentType")]
    pub agent: String,
    /// Who asks, such as a team, a service or a key's name: outcomes are told apart by it, and `budget.caller_limits` can limit what it spends.
    pub caller: String,
    /// Where it may go; absent, wherever the settings say.
    pub privacy: Option<Privacy>,
    /// Tools that the model may ask for.
    pub tools: Vec<Tool>,
    /// Pictures.
    pub images: Vec<Picture>,
    /// The JSON schema that the answer is to have.
    pub output_schema: Option<Value>,
    /// 0 for the likeliest words; absent leaves the vendor's default.
    pub temperature: Option<f32>,
}

impl Task {
    /// A task that asks for something in words.
    #[must_use]
    pub fn new(instruction: impl Into<String>) -> Task {
        Task {
            instruction: instruction.into(),
            ..Task::default()
        }
    }

    /// Adds a snippet of code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Task {
        self.code_context = Some(code.into());
        self
    }

    /// Whether any code comes with it.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.code_context
            .as_deref()
            .is_some_and(|code| !code.trim().is_empty())
            || self.files.iter().any(|file| !file.text.trim().is_empty())
    }
}
