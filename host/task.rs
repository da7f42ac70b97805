//! A task as people and programs hand it in, and its way into the contract's form. JSON is camelCase.
//!
//! Reading is strict about types and lenient about keys: an unknown key is told as a warning, because other programs' task
//! lines carry notes of their own. Nothing here decides anything.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::provider::Tool;
use crate::tier::Tier;
use crate::wit;

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
    #[serde(deserialize_with = "string_or_number")]
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

/// Every key that [`Task`] reads, with its other spellings.
const KEYS: [&str; 38] = [
    "id",
    "caller",
    "instruction",
    "prompt",
    "description",
    "kind",
    "type",
    "domain",
    "priority",
    "capabilities",
    "files",
    "codeContext",
    "sourceCode",
    "history",
    "routingTier",
    "useAgentBooster",
    "isCritical",
    "fileCount",
    "crossComponent",
    "externalApis",
    "database",
    "databaseOperations",
    "timeSensitive",
    "target",
    "sast",
    "dast",
    "compliance",
    "testType",
    "assumptions",
    "withdrawn",
    "maxOutputTokens",
    "agentType",
    "agent",
    "privacy",
    "tools",
    "images",
    "outputSchema",
    "temperature",
];

/// A text that is no task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// It is no JSON, or nests deeper or has larger numbers than are read.
    #[error("this {}", unreadable(reason, &format!("line {line}, column {column}")))]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// It is JSON, and no object.
    #[error("a task is a JSON object such as {{\"instruction\": \"...\"}}, and this is {0}")]
    NotAnObject(&'static str),
    /// A field has a value that it cannot have.
    #[error("`{field}`: {reason}")]
    Field {
        /// The path to the field, such as `files[0].text`.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// There is nothing in it to do.
    #[error(
        "the task is empty: give it an `instruction`, code (`codeContext` or `files`) or a `kind`"
    )]
    Empty,
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

    /// Reads a task from JSON, with warnings about keys that no task has. The original plan's form, with the fields in a
    /// `payload` of their own, is read too; a field outside the payload wins.
    ///
    /// # Errors
    /// Text that is no JSON, no object, has a field of a wrong type, or asks for nothing.
    pub fn from_json(text: &str) -> Result<(Task, Vec<String>), TaskError> {
        let value = serde_json::from_str(text).map_err(|e| TaskError::Syntax {
            line: e.line(),
            column: e.column(),
            reason: syntax_words(&e),
        })?;
        Task::from_value(value)
    }

    /// The same, from a value that has been parsed before.
    ///
    /// # Errors
    /// As [`Task::from_json`].
    pub fn from_value(value: Value) -> Result<(Task, Vec<String>), TaskError> {
        let mut fields = match value {
            Value::Object(fields) => fields,
            other => return Err(TaskError::NotAnObject(json_type(&other))),
        };
        if let Some(Value::Object(payload)) = fields.remove("payload") {
            for (key, value) in payload {
                fields.entry(key).or_insert(value);
            }
        }
        fields.retain(|_, value| !value.is_null());
        let warnings = unknown_keys(&fields);
        let task: Task = serde_path_to_error::deserialize(Value::Object(fields)).map_err(|e| {
            TaskError::Field {
                field: e.path().to_string(),
                reason: e.into_inner().to_string(),
            }
        })?;
        if task.instruction.trim().is_empty()
            && task.kind.is_empty()
            && !task.has_code()
            && task.history.is_empty()
        {
            return Err(TaskError::Empty);
        }
        Ok((task, warnings))
    }

    /// Whether any code comes with it.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.code_context
            .as_deref()
            .is_some_and(|code| !code.trim().is_empty())
            || self.files.iter().any(|file| !file.text.trim().is_empty())
    }

    /// The source texts in the contract's form: the snippet first, then the files.
    #[must_use]
    pub fn sources(&self) -> Vec<wit::SourceFile> {
        let snippet = self.code_context.iter().map(|code| wit::SourceFile {
            path: String::new(),
            text: code.clone(),
            // A snippet stands for itself: no other script sees its top-level names.
            module: Some(true),
            dialect: None,
        });
        let files = self.files.iter().map(|file| wit::SourceFile {
            path: file.path.clone(),
            text: file.text.clone(),
            module: file.module,
            dialect: None,
        });
        snippet.chain(files).collect()
    }

    /// The task in the contract's form, which is what the classifier reads.
    #[must_use]
    pub fn to_contract(&self) -> wit::Task {
        let mut capabilities: Vec<String> =
            self.capabilities.iter().map(|c| c.to_lowercase()).collect();
        capabilities.extend(self.sast.then(|| "sast".to_owned()));
        capabilities.extend(self.dast.then(|| "dast".to_owned()));
        capabilities.extend(self.compliance.iter().map(|rules| rules.to_lowercase()));
        wit::Task {
            instruction: self.instruction.clone(),
            files: self.sources(),
            file_count: self.file_count,
            history: self
                .history
                .iter()
                .map(|message| wit::Message {
                    role: message.role.into(),
                    content: message.content.clone(),
                })
                .collect(),
            kind: self.kind.clone(),
            domain: self.domain.clone(),
            priority: match self.priority {
                Priority::Low => wit::Priority::Low,
                Priority::Normal => wit::Priority::Normal,
                Priority::High => wit::Priority::High,
                Priority::Critical => wit::Priority::Critical,
            },
            capabilities,
            cross_component: self.cross_component,
            external_apis: self.external_apis,
            database: self.database,
            time_sensitive: self.time_sensitive,
        }
    }
}

impl From<Role> for wit::Role {
    fn from(role: Role) -> wit::Role {
        match role {
            Role::System => wit::Role::System,
            Role::User => wit::Role::User,
            Role::Assistant => wit::Role::Assistant,
            Role::Tool => wit::Role::Tool,
        }
    }
}

/// Ids are text; a number is taken as its digits, as many programs count their lines.
fn string_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => {
            Err(serde::de::Error::custom("an id is not empty"))
        }
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => Err(serde::de::Error::custom(format!(
            "an id is a string or a number, and this is {}",
            json_type(&other)
        ))),
    }
}

fn unknown_keys(fields: &Map<String, Value>) -> Vec<String> {
    fields
        .keys()
        .filter(|key| !KEYS.contains(&key.as_str()))
        .map(|key| format!("no task has a field `{key}`: it was ignored"))
        .collect()
}

/// serde_json repeats the place at the end of its words; it has fields of its own here.
pub(crate) fn syntax_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or(&words).to_owned()
}

/// What is wrong with a text that the parser does not take, of which not all is no JSON, and where.
pub(crate) fn unreadable(reason: &str, place: &str) -> String {
    match reason {
        "recursion limit exceeded" => {
            format!("nests deeper than 127 levels ({place}): no task needs as many, so flatten it")
        }
        "number out of range" => {
            format!("has a number that is out of range ({place}): write it as a string")
        }
        reason => format!("is not JSON ({place}): {reason}"),
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_a_task_writes_is_a_key_that_it_knows() {
        let Value::Object(written) = serde_json::to_value(Task::default()).unwrap() else {
            panic!("an object")
        };
        for key in written.keys() {
            assert!(KEYS.contains(&key.as_str()), "{key}");
        }
    }

    #[test]
    fn reads_the_original_plans_form_with_a_payload() {
        let (task, warnings) = Task::from_json(
            r#"{"type":"generate-tests","payload":{"sourceCode":"var x = 1;","routingTier":0}}"#,
        )
        .unwrap();
        assert_eq!(task.kind, "generate-tests");
        assert_eq!(task.code_context.as_deref(), Some("var x = 1;"));
        assert_eq!(task.routing_tier, Some(Tier::Booster));
        assert!(warnings.is_empty());
    }

    #[test]
    fn bad_tasks_say_where_and_what() {
        for (text, expected) in [
            ("{\"instruction\": ", "line 1, column 16"),
            ("[1]", "an array"),
            (
                r#"{"instruction":"x","routingTier":7}"#,
                "`routingTier`: there is no tier 7",
            ),
            (
                r#"{"instruction":"x","files":[{"path":"a.js"}]}"#,
                "files[0]",
            ),
            (
                r#"{"instruction":"x","priority":"urgent"}"#,
                "`priority`: unknown variant `urgent`",
            ),
            ("{}", "the task is empty"),
        ] {
            let error = Task::from_json(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn unknown_keys_are_told_and_ignored() {
        let (_, warnings) = Task::from_json(r#"{"instruction":"x","routingteir":4}"#).unwrap();
        assert_eq!(
            warnings,
            ["no task has a field `routingteir`: it was ignored"]
        );
    }
}
