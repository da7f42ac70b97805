//! The transforms, listed once, and what they share.

mod var_to_const;

use crate::parse::Parsed;
use crate::{CodeInfo, Edit, RefusedSite, TransformInfo};

/// A place that a transform's name promises to change.
pub(crate) enum Site {
    /// It is changed by these edits.
    Changed(Vec<Edit>),
    /// It is left alone.
    Refused(RefusedSite),
}

/// A refusal code, what it means, and the assumption that lifts it.
pub(crate) type Code = (&'static str, &'static str, Option<&'static str>);

/// A transform.
pub(crate) struct Transform {
    pub(crate) name: &'static str,
    summary: &'static str,
    extensions: &'static [&'static str],
    codes: &'static [Code],
    /// Finds every site. It reads the tree and never changes it, so that the order of sites cannot matter.
    pub(crate) sites: fn(&Parsed<'_>) -> Vec<Site>,
}

/// Every transform, in the order of preference for a task that carries only code: the most harmless first.
pub(crate) const ALL: [Transform; 1] = [var_to_const::TRANSFORM];

impl Transform {
    pub(crate) fn info(&self) -> TransformInfo {
        TransformInfo {
            name: self.name.to_owned(),
            summary: self.summary.to_owned(),
            extensions: self
                .extensions
                .iter()
                .map(|&extension| extension.to_owned())
                .collect(),
            codes: self
                .codes
                .iter()
                .map(|&(code, summary, lifted_by)| CodeInfo {
                    code: code.to_owned(),
                    summary: summary.to_owned(),
                    lifted_by: lifted_by.map(str::to_owned),
                })
                .collect(),
        }
    }
}
