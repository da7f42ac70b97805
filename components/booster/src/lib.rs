//! The booster: source transforms that keep a program's behaviour, or leave a place alone and say why.
//!
//! One file for each transform under `transforms`; parsing, edits and the checks afterwards are shared. It does not format, does
//! not read files, knows no project beyond the one text, and never guesses: what cannot be shown safe is refused with a code.

#[cfg(target_arch = "wasm32")]
mod component;
mod depth;
mod edit;
mod parse;
mod transforms;
mod wit;

pub use depth::LIMIT as DEPTH_LIMIT;
pub use wit::exports::tinydancer::routing::booster::{
    CodeInfo, Edit, Opportunity, Options, Position, Refusal, RefusedSite, Span, TransformInfo,
    Transformation,
};
pub use wit::tinydancer::routing::types::{Dialect, SourceFile};

use oxc_allocator::Allocator;
use transforms::{Site, Transform};

/// What the caller can vouch for, by name.
const ASSUMPTIONS: [&str; 1] = ["module"];

/// The transforms, in the order of preference for a task that carries only code.
#[must_use]
pub fn transforms() -> Vec<TransformInfo> {
    transforms::ALL.iter().map(Transform::info).collect()
}

/// Which transforms find something to do, in one parse, in the order of [`transforms()`].
///
/// # Errors
/// A text that does not parse, nests too deep, is of another language, or an unknown assumption.
pub fn detect(file: &SourceFile, options: &Options) -> Result<Vec<Opportunity>, Refusal> {
    let granted = granted(options)?;
    let allocator = allocator_for(&file.text);
    let parsed = parse::parse(&allocator, file, granted)?;
    Ok(transforms::ALL
        .iter()
        .filter_map(|transform| {
            let sites = (transform.sites)(&parsed);
            let (changed, refused) = counts(&sites);
            (changed + refused > 0).then(|| Opportunity {
                transform: transform.name.to_owned(),
                sites_changed: changed,
                sites_refused: refused,
                confidence: confidence(changed, refused),
            })
        })
        .collect())
}

/// Does one transform. The result has been parsed again; a text with nothing to do comes back as it was, with confidence 0.
///
/// # Errors
/// As [`detect`], a transform that does not exist, or a result that would not parse.
pub fn transform(
    file: &SourceFile,
    name: &str,
    options: &Options,
) -> Result<Transformation, Refusal> {
    let transform = transforms::ALL
        .iter()
        .find(|known| known.name == name)
        .ok_or_else(|| Refusal::UnknownTransform(name.to_owned()))?;
    let granted = granted(options)?;
    let allocator = allocator_for(&file.text);
    let (sites, source_type) = {
        let parsed = parse::parse(&allocator, file, granted)?;
        ((transform.sites)(&parsed), parsed.source_type)
    };
    let (changed, refused) = counts(&sites);
    let mut edits = Vec::with_capacity(changed as usize);
    let mut sites_refused = Vec::with_capacity(refused as usize);
    for site in sites {
        match site {
            Site::Changed(mut own) => edits.append(&mut own),
            Site::Refused(site) => sites_refused.push(site),
        }
    }
    let text = edit::apply(&file.text, &mut edits).map_err(Refusal::Internal)?;
    if !edits.is_empty() {
        parse::check(&text, source_type)?;
    }
    sites_refused.sort_by_key(|site| (site.span.start, site.span.end));
    Ok(Transformation {
        text,
        edits,
        sites_changed: changed,
        sites_refused,
        confidence: confidence(changed, refused),
    })
}

/// What the caller vouches for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Granted {
    /// Each text's top-level names are its own.
    pub(crate) module: bool,
}

fn granted(options: &Options) -> Result<Granted, Refusal> {
    let unknown = options
        .assumptions
        .iter()
        .find(|name| !ASSUMPTIONS.contains(&name.as_str()));
    match unknown {
        Some(name) => Err(Refusal::UnknownAssumption(name.clone())),
        None => Ok(Granted {
            module: options.assumptions.iter().any(|name| name == "module"),
        }),
    }
}

/// A syntax tree with its analysis takes some twenty times its text; one chunk of that size saves growing in steps.
fn allocator_for(text: &str) -> Allocator {
    Allocator::with_capacity(text.len().saturating_mul(16).clamp(4 << 10, 32 << 20))
}

fn counts(sites: &[Site]) -> (u32, u32) {
    let changed = sites
        .iter()
        .filter(|site| matches!(site, Site::Changed(_)))
        .count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(changed), number(sites.len() - changed))
}

fn confidence(changed: u32, refused: u32) -> f32 {
    let sites = u64::from(changed) + u64::from(refused);
    if sites == 0 {
        0.0
    } else {
        (f64::from(changed) / sites as f64) as f32
    }
}
