//! A task out of JSON, with what is wrong with one that is none.
//!
//! Reading is strict about types and lenient about keys: an unknown key is told as a warning, because other programs' task
//! lines carry notes of their own. Whether the task can be done is not looked at.

use serde::{Deserialize as _, Deserializer};
use serde_json::{Map, Value};

use super::Task;

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
}

/// Ids are text; a number is taken as its digits, as many programs count their lines.
pub(super) fn string_or_number<'de, D: Deserializer<'de>>(
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
    use crate::tier::Tier;

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
