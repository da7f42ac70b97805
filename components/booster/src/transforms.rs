//! The transforms, listed once, and what they share.

mod func_to_arrow;
mod names;
mod remove_console;
mod var_to_const;

use crate::assume::Assumption;
use crate::parse::Parsed;
use crate::{CodeInfo, Edit, Span, TransformInfo};

/// A place that a transform's name promises to change.
pub(crate) struct Site {
    /// Where it is.
    pub(crate) span: Span,
    /// What becomes of it.
    pub(crate) fate: Fate,
}

/// What becomes of a site.
pub(crate) enum Fate {
    /// It is changed by an edit, and further ones behind it. Each lies within the site.
    Changed(Edit, Vec<Edit>),
    /// It is left alone.
    Refused(Hazard),
}

/// A refusal code.
#[derive(Debug)]
pub(crate) struct Code {
    /// Its name, in snake case.
    pub(crate) code: &'static str,
    /// What it means and what would go wrong, in a sentence without a full stop.
    pub(crate) summary: &'static str,
    /// The assumptions that lift it, each in some of its cases.
    pub(crate) lifted_by: &'static [Assumption],
}

impl Code {
    /// A code that nothing lifts.
    const fn new(code: &'static str, summary: &'static str) -> Code {
        Code {
            code,
            summary,
            lifted_by: &[],
        }
    }

    /// The same, lifted by assumptions.
    const fn lifted_by(self, assumptions: &'static [Assumption]) -> Code {
        Code {
            lifted_by: assumptions,
            ..self
        }
    }
}

/// Why a site is left alone.
#[derive(Clone)]
pub(crate) struct Hazard {
    pub(crate) code: &'static Code,
    /// Why, in words about this site.
    pub(crate) message: String,
    /// The assumption that would lift it here; one of the code's.
    pub(crate) lifted_by: Option<Assumption>,
}

impl Hazard {
    /// A hazard that nothing lifts.
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Hazard {
        Hazard {
            code,
            message: message.into(),
            lifted_by: None,
        }
    }

    /// The same, lifted by an assumption, which must be one of its code's.
    pub(crate) fn lifted_by(self, assumption: Assumption) -> Hazard {
        Hazard {
            lifted_by: Some(assumption),
            ..self
        }
    }
}

/// A transform.
pub(crate) struct Transform {
    pub(crate) name: &'static str,
    summary: &'static str,
    extensions: &'static [&'static str],
    pub(crate) codes: &'static [&'static Code],
    /// Finds every site, each once. It reads the tree and never changes it, so that the order of sites cannot matter.
    pub(crate) sites: fn(&Parsed<'_>) -> Vec<Site>,
    /// Whether edits of its sites may take away what kept other sites of its own from being changed, where that can be: then there may be more
    /// to do.
    pub(crate) frees: Option<fn(&Parsed<'_>, &[Edit]) -> bool>,
}

/// The extensions of files that hold JavaScript or TypeScript.
const SCRIPTS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// Every transform, in the order of preference for a task that carries only code: the most harmless first.
pub(crate) static ALL: [&Transform; 3] = [
    &var_to_const::TRANSFORM,
    &func_to_arrow::TRANSFORM,
    &remove_console::TRANSFORM,
];

impl Transform {
    pub(crate) fn info(&self) -> TransformInfo {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        TransformInfo {
            name: self.name.to_owned(),
            summary: self.summary.to_owned(),
            extensions: owned(self.extensions),
            codes: self
                .codes
                .iter()
                .map(|code| CodeInfo {
                    code: code.code.to_owned(),
                    summary: code.summary.to_owned(),
                    lifted_by: code
                        .lifted_by
                        .iter()
                        .map(|by| by.name().to_owned())
                        .collect(),
                })
                .collect(),
        }
    }
}
