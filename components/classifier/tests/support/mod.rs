//! Tasks that say nothing but what a test gives them.

use tinydancer_classifier::{Classification, Priority, SourceFile, Task};

pub(crate) fn task(instruction: &str) -> Task {
    Task {
        instruction: instruction.into(),
        files: vec![],
        file_count: 0,
        history: vec![],
        kind: String::new(),
        domain: String::new(),
        priority: Priority::Normal,
        capabilities: vec![],
        cross_component: false,
        external_apis: false,
        database: false,
        time_sensitive: false,
    }
}

/// What a task is, without the reasons.
pub(crate) fn classify(task: &Task) -> Classification {
    tinydancer_classifier::classify(task).classification
}

pub(crate) fn with_code(mut task: Task, code: &str) -> Task {
    task.files.push(SourceFile {
        path: String::new(),
        text: code.into(),
        module: Some(true),
        dialect: None,
    });
    task
}
