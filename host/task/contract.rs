//! A task's way into the contract's form. What the classifier does not read (who asks, tools, limits) is left behind.

use super::{Priority, Role, Task};
use crate::wit;

impl Task {
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
