//! What the caller says in fields beside the words.

use super::add;
use crate::code::CodeFacts;
use crate::cues::Group;
use crate::text::Word;
use crate::{Factor, Priority, Task};

/// What the caller says in fields, by the points of the system that this one follows. Beside words, a domain weighs half.
pub(super) fn fields(
    task: &Task,
    words: &[Word<'_>],
    act: Option<Group>,
    code: &CodeFacts,
    factors: &mut Vec<Factor>,
    security: &mut bool,
) {
    let files = task
        .file_count
        .max(u32::try_from(task.files.len()).unwrap_or(u32::MAX));
    let light = act == Some(Group::Light);
    add(
        factors,
        "file-count",
        match files {
            0..=5 => 0,
            6..=10 => 10,
            11..=20 => 20,
            _ => 25,
        },
        Vec::new(),
    );
    let domain = match task.domain.as_str() {
        "security-compliance" | "chaos-resilience" | "defect-intelligence" => 30,
        "code-intelligence"
        | "contract-testing"
        | "quality-assessment"
        | "learning-optimization" => 15,
        _ => 0,
    };
    let domain = if light {
        0
    } else if words.is_empty() {
        domain
    } else {
        domain / 3
    };
    add(factors, "domain", domain, vec![task.domain.clone()]);
    const HARD: [&str; 8] = [
        "sast",
        "dast",
        "vulnerability",
        "owasp",
        "chaos-testing",
        "resilience",
        "fault-injection",
        "mutation-testing",
    ];
    let hard: Vec<String> = task
        .capabilities
        .iter()
        .filter(|own| HARD.contains(&own.as_str()))
        .cloned()
        .collect();
    let points = i32::try_from(hard.len().min(2)).unwrap_or(2) * 10;
    *security |= hard.iter().any(|own| HARD[..4].contains(&own.as_str()))
        || words.is_empty()
            && (task.kind.contains("security") || task.domain == "security-compliance");
    add(factors, "capabilities", points, hard);
    add(
        factors,
        "priority",
        match task.priority {
            Priority::Critical => 20,
            Priority::High => 10,
            _ => 0,
        },
        Vec::new(),
    );
    add(
        factors,
        "cross-component",
        if task.cross_component { 20 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "external-apis",
        if task.external_apis { 10 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "database",
        if task.database { 10 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "time-sensitive",
        if task.time_sensitive { 5 } else { 0 },
        Vec::new(),
    );
    let lines = match code.lines {
        0..=200 => 0,
        201..=500 => 10,
        _ => 15,
    };
    add(
        factors,
        "code-length",
        if light { 0 } else { lines },
        Vec::new(),
    );
}
