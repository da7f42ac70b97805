//! What became of one text, and of all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::show;
use super::super::walk::Replaced;
use crate::boost::Refused;
use crate::place::{Lines, Place};
use crate::wit::{Opportunity, SourceFile, Transformation};

/// What became of one text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) path: String,
    /// The names that were asked for, joined by commas.
    pub(super) transform: String,
    pub(super) changed: bool,
    pub(super) sites_changed: u32,
    pub(super) confidence: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) by_transform: Vec<Share>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<Refused>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) edits: Vec<ShownEdit>,
    pub(super) written: bool,
    /// What the writing did besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<String>,
    /// The text that was written over is in no place of git's, though the file lies in a repository.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) untracked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// What the error is about; not part of the report.
    #[serde(skip)]
    pub(super) subject: Subject,
    /// Before and after, for a diff or for printing; not part of the report.
    #[serde(skip)]
    pub(super) texts: Option<(String, String)>,
}

/// What a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Subject {
    /// A text whose turn came.
    #[default]
    Text,
    /// A folder that cannot be read.
    Folder,
    /// A file whose turn did not come, because the command was stopped.
    LeftAtStop,
}

/// One transform's share in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Share {
    pub(super) transform: String,
    pub(super) sites_changed: u32,
    pub(super) sites_refused: u32,
    pub(super) confidence: f32,
}

impl From<Opportunity> for Share {
    fn from(own: Opportunity) -> Share {
        Share {
            transform: own.transform,
            sites_changed: own.sites_changed,
            sites_refused: own.sites_refused,
            confidence: own.confidence,
        }
    }
}

/// An edit on the original text: bytes, and the same as people count.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownEdit {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
    pub(super) replacement: String,
}

impl Report {
    /// A text that could not be read or transformed.
    pub(super) fn failed(path: &str, names: &[String], words: String) -> Report {
        Report {
            path: path.to_owned(),
            transform: names.join(","),
            changed: false,
            sites_changed: 0,
            confidence: 0.0,
            by_transform: Vec::new(),
            refused: Vec::new(),
            edits: Vec::new(),
            written: false,
            warning: None,
            untracked: false,
            error: Some(words),
            subject: Subject::Text,
            texts: None,
        }
    }

    /// A folder that cannot be read.
    pub(super) fn unread_folder(path: &str, names: &[String], words: String) -> Report {
        Report {
            subject: Subject::Folder,
            ..Report::failed(path, names, words)
        }
    }

    /// A file whose turn did not come.
    pub(super) fn left_at_stop(path: &str, names: &[String]) -> Report {
        let words = "interrupted before its turn; left as it was: run the command again".to_owned();
        Report {
            subject: Subject::LeftAtStop,
            ..Report::failed(path, names, words)
        }
    }

    /// A text that was transformed, or had nothing to transform.
    pub(super) fn done(file: SourceFile, names: &[String], done: Transformation) -> Report {
        let lines = Lines::of(&file.text);
        let edits = done
            .edits
            .into_iter()
            .map(|edit| {
                let Place {
                    line: start_line,
                    column: start_column,
                } = lines.place(edit.span.start);
                let Place {
                    line: end_line,
                    column: end_column,
                } = lines.place(edit.span.end);
                ShownEdit {
                    start: edit.span.start,
                    end: edit.span.end,
                    start_line,
                    start_column,
                    end_line,
                    end_column,
                    replacement: edit.replacement,
                }
            })
            .collect();
        Report {
            transform: names.join(","),
            changed: done.sites_changed > 0,
            sites_changed: done.sites_changed,
            confidence: done.confidence,
            by_transform: done.by_transform.into_iter().map(Share::from).collect(),
            refused: Refused::sites(&file.text, done.sites_refused),
            edits,
            written: false,
            warning: None,
            untracked: false,
            error: None,
            subject: Subject::Text,
            path: file.path,
            texts: Some((file.text, done.text)),
        }
    }

    /// The new text is in the file's place.
    pub(super) fn take_written(&mut self, replaced: &Replaced, untracked: bool) {
        self.written = true;
        self.untracked = untracked;
        let others = replaced.other_names;
        let links = (others > 0).then(|| {
            format!(
                "the file had {} by a hard link, which keep{} the old text: write what is meant under each name",
                show::count(others, "other name"),
                show::plural(others, "s", "")
            )
        });
        let bits = (replaced.bits_lost > 0).then(|| {
            format!(
                "the file had mode bits that you may not give it ({:o}): let its owner set them again (`chmod`)",
                replaced.bits_lost
            )
        });
        let warnings: Vec<String> = links.into_iter().chain(bits).collect();
        self.warning = (!warnings.is_empty()).then(|| warnings.join("; "));
    }

    /// What people call it.
    pub(super) fn name(&self) -> &str {
        if self.path.is_empty() {
            "standard input"
        } else {
            &self.path
        }
    }
}

/// All the texts together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) files: u32,
    pub(super) changed: u32,
    pub(super) failed: u32,
    /// Folders that cannot be read; they are no files.
    pub(super) folders: u32,
    pub(super) sites_changed: u32,
    pub(super) sites_refused: u32,
    /// Sites left alone by transform and code, the commonest first.
    pub(super) codes: Vec<CodeCount>,
}

/// How often a code came.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeCount {
    pub(super) transform: String,
    pub(super) code: String,
    pub(super) count: u32,
    /// Assumptions that would lift some of these sites, with how many.
    pub(super) lifted_by: BTreeMap<String, u32>,
}

impl Summary {
    pub(super) fn of(reports: &[Report]) -> Summary {
        let mut summary = Summary::default();
        let mut codes: BTreeMap<(&str, &str), CodeCount> = BTreeMap::new();
        for report in reports {
            if report.subject == Subject::Folder {
                summary.folders += 1;
                continue;
            }
            summary.files += 1;
            summary.changed += u32::from(report.changed);
            summary.failed += u32::from(report.error.is_some());
            summary.sites_changed += report.sites_changed;
            for site in &report.refused {
                summary.sites_refused += 1;
                let count = codes
                    .entry((&site.transform, &site.code))
                    .or_insert_with(|| CodeCount {
                        transform: site.transform.clone(),
                        code: site.code.clone(),
                        count: 0,
                        lifted_by: BTreeMap::new(),
                    });
                count.count += 1;
                if let Some(name) = &site.lifted_by {
                    *count.lifted_by.entry(name.clone()).or_default() += 1;
                }
            }
        }
        summary.codes = codes.into_values().collect();
        summary
            .codes
            .sort_by_key(|own| std::cmp::Reverse(own.count));
        summary
    }
}
