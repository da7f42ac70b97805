//! What a model is asked: a task's words, its code and what it is about, as one request. Pure: the call is the provider's.

use std::fmt::Write as _;

use crate::choose::Callable;
use crate::provider::{Image, Message, OutputSchema, Part, Request, Role};
use crate::task::{self, Picture, Task};

/// Tokens that a vendor adds around a request: roles, separators, its own framing. Generous, because it is part of a bound.
const OVERHEAD_TOKENS: u64 = 1_024;

/// Tokens that a vendor adds around each tool. Generous, too.
const OVERHEAD_PER_TOOL: u64 = 128;

/// The request for a task at a tier. What the model does not take is not in it yet to be left out: see `choose::clamp`.
pub(crate) fn request(task: &Task, callable: &Callable) -> Request {
    let system: Vec<&str> = task
        .history
        .iter()
        .filter(|m| m.role == task::Role::System)
        .map(|m| m.content.as_str())
        .collect();
    let mut messages: Vec<Message> = Vec::new();
    for message in task
        .history
        .iter()
        .filter(|m| m.role != task::Role::System && !m.content.trim().is_empty())
    {
        let role = if message.role == task::Role::Assistant {
            Role::Assistant
        } else {
            Role::User
        };
        messages.push(Message::text(role, message.content.clone()));
    }
    let words = words(task);
    let mut parts: Vec<Part> = task.images.iter().map(image).collect();
    if !words.is_empty() {
        parts.push(Part::Text(words));
    }
    if !parts.is_empty() {
        messages.push(Message {
            role: Role::User,
            parts,
        });
    }
    Request {
        model: callable.vendor_model.clone(),
        system: (!system.is_empty()).then(|| system.join("\n\n")),
        messages,
        tools: task.tools.clone(),
        output: task.output_schema.clone().map(|schema| OutputSchema {
            name: "answer".to_owned(),
            schema,
        }),
        max_output_tokens: task
            .max_output_tokens
            .unwrap_or(callable.max_output_tokens)
            .max(1),
        limit_field: callable.limit_field(),
        thinking: callable.thinking.clone(),
        temperature: task.temperature,
        ..Request::default()
    }
}

fn image(picture: &Picture) -> Part {
    Part::Image(match picture {
        Picture::Bytes { media_type, data } => Image::Base64 {
            media_type: media_type.clone(),
            data: data.clone(),
        },
        Picture::Address { url } => Image::Url(url.clone()),
    })
}

/// Tokens that a vendor adds around this request.
pub(crate) fn overhead(request: &Request) -> u64 {
    OVERHEAD_TOKENS + OVERHEAD_PER_TOOL * request.tools.len() as u64
}

/// How many bytes the request's texts have; no token is shorter than a byte.
pub(crate) fn bytes(task: &Task) -> u64 {
    let history: usize = task
        .history
        .iter()
        .map(|message| message.content.len())
        .sum();
    (history + words(task).len()) as u64
}

/// The task itself in words: instruction first, then what it is about, then the code, each text fenced under its path.
fn words(task: &Task) -> String {
    let mut words = task.instruction.trim().to_owned();
    if words.is_empty() && !task.kind.is_empty() {
        words = format!("Task: {}", task.kind.replace(['-', '_'], " "));
    }
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            if !words.is_empty() {
                words.push('\n');
            }
            // Writing to a String does not fail.
            let _ = write!(words, "{name}: {value}");
        }
    };
    line("Target", &task.target);
    line("Kind of tests", &task.test_type);
    line("Required capabilities", &task.capabilities.join(", "));
    line("Static analysis (SAST)", if task.sast { "yes" } else { "" });
    line(
        "Dynamic analysis (DAST)",
        if task.dast { "yes" } else { "" },
    );
    line("Compliance", &task.compliance.join(", "));
    for source in task
        .sources()
        .iter()
        .filter(|source| !source.text.trim().is_empty())
    {
        let fence = fence_for(&source.text);
        let _ = write!(
            words,
            "\n\n{fence}{}{}\n{}\n{fence}",
            if source.path.is_empty() { "" } else { " " },
            source.path,
            source.text
        );
    }
    words
}

/// A fence that does not occur in the text it encloses.
fn fence_for(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
