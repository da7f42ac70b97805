//! The booster: source transforms that keep a program's behaviour, or leave a place alone and say why.
//!
//! One file for each transform under `transforms`; parsing, edits and the checks afterwards are shared. It does not format, does
//! not read files, knows no project beyond the one text, and never guesses: what cannot be shown safe is refused with a code.

mod assume;
mod common_js;
#[cfg(target_arch = "wasm32")]
mod component;
mod depth;
mod edit;
mod language;
mod outline;
mod parse;
mod passes;
mod reparse;
mod transforms;
mod wit;
mod words;

pub use depth::LIMIT as DEPTH_LIMIT;
pub use wit::exports::tinydancer::routing::booster::{
    AssumptionInfo, CodeInfo, Edit, Opportunity, Options, Position, Refusal, RefusedSite, Span,
    TransformInfo, Transformation,
};
pub use wit::tinydancer::routing::types::{Dialect, SourceFile};

use assume::Granted;
use parse::Reading;
use passes::Passes;
use transforms::{Fate, Site, Transform};

/// The transforms, in the order of preference for a task that carries only code.
#[must_use]
pub fn transforms() -> Vec<TransformInfo> {
    transforms::ALL
        .iter()
        .map(|transform| transform.info())
        .collect()
}

/// What callers can vouch for.
#[must_use]
pub fn assumptions() -> Vec<AssumptionInfo> {
    assume::infos()
}

/// Which transforms find something to do, in one parse, in the order of [`transforms()`].
///
/// # Errors
/// A text that does not parse, nests too deep, is of another language, or an unknown assumption.
pub fn detect(file: &SourceFile, options: &Options) -> Result<Vec<Opportunity>, Refusal> {
    let granted = Granted::by(options)?;
    let allocator = parse::allocator_for(&file.text);
    let parsed = parse::parse(&allocator, &file.text, Reading::of(file, granted)?)?;
    let found = transforms::ALL.iter().map(|transform| {
        let sites = (transform.sites)(&parsed);
        let is_changed = |site: &&Site| matches!(site.fate, Fate::Changed(..));
        let changed = sites.iter().filter(is_changed).count();
        opportunity(transform, count(changed), count(sites.len() - changed))
    });
    Ok(found
        .filter(|found| found.sites_changed + found.sites_refused > 0)
        .collect())
}

/// Does one or several transforms. The result has been parsed again; a text with nothing to do comes back as it was, with
/// confidence 0.
///
/// # Errors
/// As [`detect`], a transform that does not exist, or a result that would not parse.
pub fn transform(
    file: &SourceFile,
    names: &[String],
    options: &Options,
) -> Result<Transformation, Refusal> {
    let known = |name: &str| transforms::ALL.iter().any(|known| known.name == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        return Err(Refusal::UnknownTransform(unknown.clone()));
    }
    let chosen: Vec<&'static Transform> = transforms::ALL
        .iter()
        .copied()
        .filter(|transform| names.iter().any(|name| name == transform.name))
        .collect();
    let reading = Reading::of(file, Granted::by(options)?)?;
    Passes::over(&file.text, &chosen).run(reading)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn opportunity(transform: &Transform, changed: u32, refused: u32) -> Opportunity {
    Opportunity {
        transform: transform.name.to_owned(),
        sites_changed: changed,
        sites_refused: refused,
        confidence: confidence(changed, refused),
    }
}

/// Sites changed / all sites.
fn confidence(changed: u32, refused: u32) -> f32 {
    let sites = u64::from(changed) + u64::from(refused);
    if sites == 0 {
        0.0
    } else {
        (f64::from(changed) / sites as f64) as f32
    }
}
