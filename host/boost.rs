//! Tier 0: which transform, on which texts, and whether what came back answers the task. No model, no money, no storage.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::config::Grants;
use crate::fallback::Fallback;
use crate::place::{Lines, Place};
use crate::runtime::{BoosterError, Runtime};
use crate::task::Task;
use crate::wit::{Classification, Options, Refusal, RefusedSite, SourceFile};

/// One text before and after a transform.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transformed {
    /// The text's path; empty for a snippet.
    pub path: String,
    /// The text as it came.
    pub original_code: String,
    /// The text after the edits.
    pub transformed_code: String,
    /// How many sites were changed.
    pub sites_changed: u32,
    /// The sites that were left alone, in the order of the text.
    pub sites_refused: Vec<Refused>,
}

/// A site that was left alone, in the form that faces show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The transform whose site it is.
    pub transform: String,
    /// Why, as a code.
    pub code: String,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// Where it begins.
    #[serde(flatten)]
    pub place: Place,
    /// The place after its last character.
    #[serde(skip)]
    pub end_place: Place,
    /// Why, in words.
    pub message: String,
    /// The assumption that would lift it.
    pub lifted_by: Option<String>,
}

impl Refused {
    /// The sites of a text, with their places in it.
    pub(crate) fn sites(text: &str, sites: Vec<RefusedSite>) -> Vec<Refused> {
        if sites.is_empty() {
            return Vec::new();
        }
        let lines = Lines::of(text);
        sites
            .into_iter()
            .map(|site| Refused {
                transform: site.transform,
                code: site.code,
                start: site.span.start,
                end: site.span.end,
                place: lines.place(site.span.start),
                end_place: lines.place(site.span.end),
                message: site.message,
                lifted_by: site.lifted_by,
            })
            .collect()
    }
}

/// What a transform did to all the texts of a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Boosted {
    /// The transform's name.
    pub transform: String,
    /// Sites changed / (changed + refused) over all texts, 0 to 1.
    pub confidence: f32,
    /// What was taken as vouched for, because the words ask for the edit and some sites need it; empty where the proof needs nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<String>,
    /// Each text that has a site.
    pub files: Vec<Transformed>,
}

/// A try at tier 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What was done; where tier 0 does not answer, the safe edits so far, if there are any.
    pub boosted: Option<Boosted>,
    /// Why tier 0 does not answer, as a code; none when it does.
    pub reason: Option<&'static str>,
    /// The same in words.
    pub words: Option<String>,
    /// How long it took.
    pub took: Duration,
}

impl Attempt {
    /// The try that was not made: the caller forbids tier 0 and names it at once.
    pub(crate) fn forbidden() -> Attempt {
        Attempt {
            boosted: None,
            reason: Some(Fallback::BoosterForbidden.code()),
            words: Some("`useAgentBooster` is false".to_owned()),
            took: Duration::ZERO,
        }
    }
}

/// Tries tier 0 on a task.
///
/// The transform is the one that the instruction asks for. A task without words takes what the code offers: the first transform
/// in the booster's order of preference that finds something to do in it.
///
/// It answers when at least one site was changed and the share of sites changed reaches `threshold`.
pub(crate) fn boost(
    runtime: &Runtime,
    task: &Task,
    classification: &Classification,
    grants: &Grants,
    threshold: f32,
) -> Attempt {
    let began = Instant::now();
    let mut done = with_granted(runtime, task, classification, grants, &[]);
    if let Ok(Some(first)) = &done {
        let asked = vouched_for(task, classification, first);
        if !asked.is_empty()
            && let Ok(Some(mut again)) = with_granted(runtime, task, classification, grants, &asked)
            && again.confidence > first.confidence
        {
            again.assumed = asked.into_iter().map(str::to_owned).collect();
            done = Ok(Some(again));
        }
    }
    let (boosted, failed) = match done {
        Ok(boosted) => (boosted, None),
        Err(e) => (None, Some(e)),
    };
    let (reason, words) = match (&boosted, failed) {
        (_, Some(e)) => (Some(Fallback::from(&e).code()), Some(e.to_string())),
        (Some(done), None)
            if done.files.iter().any(|file| file.sites_changed > 0)
                && done.confidence >= threshold =>
        {
            (None, None)
        }
        (Some(done), None) if !done.files.is_empty() => (
            Some(Fallback::LowConfidence.code()),
            Some(format!(
                "{} can be shown safe at {:.0} % of its sites, and {:.0} % are asked",
                done.transform,
                done.confidence * 100.0,
                threshold * 100.0
            )),
        ),
        _ => (
            Some(Fallback::NoApplicableTransform.code()),
            Some("no source transform applies to this task's code".to_owned()),
        ),
    };
    Attempt {
        boosted: boosted.filter(|done| !done.files.is_empty()),
        reason,
        words,
        took: began.elapsed(),
    }
}

/// What the words that ask for a transform vouch for, where sites were refused for want of it: who asks that console calls go gives up what making their
/// arguments does, and who asks for arrow functions has functions in mind that only get called. A model that is asked for the same looks no closer. What may
/// change what the program does elsewhere (a variable that is read too early, an error that is no longer reported) is not taken for granted, and what the
/// task withdraws stays withdrawn.
fn vouched_for(task: &Task, classification: &Classification, first: &Boosted) -> Vec<&'static str> {
    let asked: &[&str] = match classification.transform.as_deref() {
        _ if task.instruction.trim().is_empty() => &[],
        Some("remove-console") => &["getters-are-pure", "conversions-are-pure"],
        Some("func-to-arrow") => &["familiar-methods", "plain-calls"],
        _ => &[],
    };
    let is_wanted = first
        .files
        .iter()
        .flat_map(|file| &file.sites_refused)
        .filter_map(|site| site.lifted_by.as_deref())
        .any(|name| asked.contains(&name));
    asked
        .iter()
        .copied()
        .filter(|name| is_wanted && !task.withdrawn.iter().any(|own| own == name))
        .collect()
}

/// What the chosen transform does under the task's assumptions and those that `asked` adds; what is withdrawn stays withdrawn. None where no transform is
/// chosen.
fn with_granted(
    runtime: &Runtime,
    task: &Task,
    classification: &Classification,
    grants: &Grants,
    asked: &[&str],
) -> Result<Option<Boosted>, BoosterError> {
    let sources: Vec<(SourceFile, Options)> = task
        .sources()
        .into_iter()
        .filter(|file| !file.text.trim().is_empty())
        .map(|file| {
            let mut options = grants.options(&file.path, &task.assumptions, &task.withdrawn);
            for name in asked {
                let stands = |names: &[String]| names.iter().any(|own| own == name);
                if !stands(&options.withdrawn) && !stands(&options.assumptions) {
                    options.assumptions.push((*name).to_owned());
                }
            }
            (file, options)
        })
        .collect();
    chosen(runtime, task, classification, &sources)?
        .map(|name| transform_all(runtime, &sources, &name))
        .transpose()
}

/// Whether tier 0 may be decided on: the caller does not forbid it, there is code, and the booster has what is asked for.
pub(crate) fn is_possible(
    transforms: &[String],
    task: &Task,
    classification: &Classification,
) -> bool {
    task.use_agent_booster != Some(false)
        && task.has_code()
        && match &classification.transform {
            Some(asked) => transforms.contains(asked),
            None => classification.bare_code,
        }
}

fn chosen(
    runtime: &Runtime,
    task: &Task,
    classification: &Classification,
    sources: &[(SourceFile, Options)],
) -> Result<Option<String>, BoosterError> {
    if let Some(asked) = &classification.transform {
        return Ok(Some(asked.clone()));
    }
    // Words that ask for something else, or a kind whose work is not an edit of this code, are not answered by an edit.
    let only_code = task.instruction.trim().is_empty() && task.kind.is_empty();
    if !classification.bare_code && !only_code {
        return Ok(None);
    }
    let mut found = Vec::new();
    for (source, options) in sources {
        found.extend(runtime.detect(source, options)?);
    }
    let order = runtime.transforms()?;
    Ok(order.into_iter().map(|info| info.name).find(|name| {
        found
            .iter()
            .any(|offer| offer.transform == *name && offer.sites_changed > 0)
    }))
}

fn transform_all(
    runtime: &Runtime,
    sources: &[(SourceFile, Options)],
    name: &str,
) -> Result<Boosted, BoosterError> {
    let (mut changed, mut refused) = (0_u64, 0_u64);
    let mut files = Vec::new();
    for (source, options) in sources {
        let done = match runtime.transform(source, std::slice::from_ref(&name.to_owned()), options)
        {
            Ok(done) => done,
            // A transform that does not exist applies to nothing.
            Err(BoosterError::Refused(Refusal::UnknownTransform(_))) => continue,
            // Among several texts there may be some that are not code of this kind: they are not what was asked about.
            Err(BoosterError::Refused(Refusal::UnsupportedLanguage(_))) if sources.len() > 1 => {
                continue;
            }
            Err(e) => return Err(e),
        };
        changed += u64::from(done.sites_changed);
        refused += done.sites_refused.len() as u64;
        if done.sites_changed > 0 || !done.sites_refused.is_empty() {
            files.push(Transformed {
                path: source.path.clone(),
                original_code: source.text.clone(),
                transformed_code: done.text,
                sites_changed: done.sites_changed,
                sites_refused: Refused::sites(&source.text, done.sites_refused),
            });
        }
    }
    let sites = changed + refused;
    let confidence = if sites == 0 {
        0.0
    } else {
        changed as f32 / sites as f32
    };
    Ok(Boosted {
        transform: name.to_owned(),
        confidence,
        assumed: Vec::new(),
        files,
    })
}
