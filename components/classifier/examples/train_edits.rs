//! Trains the model that weighs left-over words of requests for an edit, and writes `src/edit/weights.bin`:
//!
//!     cargo run --release -p tinydancer-classifier --features training --example train_edits
//!     ... -- --check       # says whether the table is the one that the files make
//!     ... -- --left-out    # each sitting's requests by a model of the others'
//!
//! Logistic regression with a ridge, by accelerated gradient descent over all rows at once (Nesterov 1983, with the constant momentum for a strongly
//! convex loss): no random number, no thread, so that the same files make the same bytes.

use std::fs;
use std::path::Path;

use tinydancer_classifier::training::{EDIT_PLACES, edit_places};
use tinydancer_classifier::{Priority, SourceFile, Task};

/// The ridge's weight against the mean loss; chosen with sittings left out.
const RIDGE: f64 = 1.4e-5;
const STEPS: usize = 3_000;
const RAISED: f64 = 128.0;
const NONE: &str = "none";

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    instruction: String,
    #[serde(default)]
    code_context: String,
    #[serde(default)]
    files: Vec<File>,
    /// The edit that is asked for, or `none`.
    edit: Option<String>,
    /// The tier of a task that is no request.
    #[serde(alias = "label")]
    tier: Option<u8>,
    #[serde(default)]
    sitting: String,
}

#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    text: String,
}

/// A request or near miss, with each edit that it may be about.
struct Row {
    sitting: String,
    edit: String,
    instruction: String,
    /// What the rules alone see.
    seen: String,
    may_be: Vec<(&'static str, Vec<u16>)>,
}

fn task(request: &Request) -> Task {
    let code = Some(&request.code_context).filter(|code| !code.is_empty());
    let files = request.files.iter().map(|file| &file.text).chain(code);
    Task {
        instruction: request.instruction.clone(),
        files: files
            .map(|text| SourceFile {
                path: String::new(),
                text: text.clone(),
                module: Some(true),
                dialect: None,
            })
            .collect(),
        file_count: 0,
        history: Vec::new(),
        kind: String::new(),
        domain: String::new(),
        priority: Priority::Normal,
        capabilities: Vec::new(),
        cross_component: false,
        external_apis: false,
        database: false,
        time_sensitive: false,
    }
}

fn rows(path: &Path) -> Result<Vec<Row>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut rows = Vec::new();
    for row in text.lines().filter(|row| !row.trim().is_empty()) {
        let request: Request =
            serde_json::from_str(row).map_err(|e| format!("{}: {e}", path.display()))?;
        // A task whose edit is not safe on its code is a request too, of a higher tier: only what names no edit is a near miss for sure.
        let edit = match (&request.edit, request.tier) {
            (Some(edit), _) => edit.clone(),
            (None, Some(3..)) => NONE.to_owned(),
            _ => continue,
        };
        let task = task(&request);
        rows.push(Row {
            sitting: request.sitting,
            edit,
            instruction: request.instruction,
            seen: tinydancer_classifier::training::asked_by_rules(&task)
                .unwrap_or(NONE)
                .to_owned(),
            may_be: edit_places(&task),
        });
    }
    Ok(rows)
}

/// The weights of the places, and the weight of any request.
struct Weights {
    places: Vec<f64>,
    any: f64,
}

impl Weights {
    fn of(&self, places: &[u16]) -> f64 {
        let sum: f64 = places.iter().map(|at| self.places[usize::from(*at)]).sum();
        sum / (places.len().max(1) as f64).sqrt() + self.any
    }
}

fn train(rows: &[&Row]) -> Weights {
    let examples: Vec<(&[u16], f64)> = rows
        .iter()
        .flat_map(|row| {
            let is = |name: &str| if name == row.edit { 1.0 } else { 0.0 };
            row.may_be
                .iter()
                .map(move |(name, places)| (places.as_slice(), is(name)))
        })
        .collect();
    // A row of places has the length 1, with the weight of any request the square 2; the logistic loss bends by a quarter at most.
    let step = 1.0 / (0.5 + RIDGE);
    let root = (RIDGE * step).sqrt();
    let momentum = (1.0 - root) / (1.0 + root);
    let new = || Weights {
        places: vec![0.0; EDIT_PLACES],
        any: 0.0,
    };
    let (mut now, mut ahead) = (new(), new());
    for _ in 0..STEPS {
        let mut slope = new();
        for (places, label) in &examples {
            let wrong = 1.0 / (1.0 + (-ahead.of(places)).exp()) - label;
            let share = wrong / (places.len().max(1) as f64).sqrt() / examples.len() as f64;
            for place in *places {
                slope.places[usize::from(*place)] += share;
            }
            slope.any += wrong / examples.len() as f64;
        }
        let moved = |now: &mut f64, ahead: &mut f64, slope: f64| {
            let next = *ahead - step * (slope + RIDGE * *ahead);
            *ahead = next + momentum * (next - *now);
            *now = next;
        };
        for ((now, ahead), slope) in now
            .places
            .iter_mut()
            .zip(&mut ahead.places)
            .zip(&slope.places)
        {
            moved(now, ahead, *slope);
        }
        moved(&mut now.any, &mut ahead.any, slope.any);
    }
    now
}

fn table(weights: &Weights) -> Vec<u8> {
    let most = weights
        .places
        .iter()
        .fold(0.0_f64, |most, own| most.max(own.abs()));
    let scale = (most / 127.0).max(1e-9);
    let mut bytes = Vec::new();
    bytes.extend((scale as f32).to_le_bytes());
    bytes.extend((weights.any as f32).to_le_bytes());
    bytes.extend(
        weights
            .places
            .iter()
            .map(|own| ((own / scale).round() + RAISED) as u8),
    );
    bytes
}

/// Each sitting by a model of the others, at several weights asked for: the share of requests seen and of near misses taken, by the rules and the model.
fn left_out(rows: &[Row], texts: bool) {
    let mut sittings: Vec<&str> = rows.iter().map(|row| row.sitting.as_str()).collect();
    sittings.sort_unstable();
    sittings.dedup();
    for sitting in sittings.into_iter().filter(|own| !own.is_empty()) {
        let (own, others): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| row.sitting == sitting);
        let weights = train(&others);
        let asked = own.iter().filter(|row| row.edit != NONE).count();
        for (ruled, least) in [
            (-99.0, f64::INFINITY),
            (1.0, f64::INFINITY),
            (1.0, 3.0),
            (1.0, 2.5),
            (1.0, 2.0),
            (1.0, 1.0),
        ] {
            let (mut seen, mut taken) = (0, 0);
            for row in &own {
                let weighed = row
                    .may_be
                    .iter()
                    .map(|(name, places)| (weights.of(places), *name))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                let found = match weighed {
                    _ if row.seen != NONE && row.may_be.is_empty() => row.seen.as_str(),
                    Some((weight, _)) if row.seen != NONE && weight > ruled => row.seen.as_str(),
                    Some((weight, name)) if weight > least => name,
                    _ => NONE,
                };
                seen += usize::from(row.edit != NONE && found == row.edit);
                taken += usize::from(row.edit == NONE && found != NONE);
                if texts && least == 2.0 && found != row.edit {
                    let weight = weighed.map_or(-99.0, |(weight, _)| weight);
                    println!("{} | {found} | {weight:.2} | {}", row.edit, row.instruction);
                }
            }
            let near = own.len() - asked;
            println!(
                "{sitting} {ruled}/{least}: {:.1} % of {asked} seen, {:.1} % of {near} near misses taken",
                seen as f64 / asked as f64 * 100.0,
                taken as f64 / near as f64 * 100.0
            );
        }
    }
}

fn main() -> Result<(), String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_asked = |name: &str| arguments.iter().any(|own| own == name);
    let mut files: Vec<_> = fs::read_dir(here.join("training"))
        .map_err(|e| e.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.push(here.join("../../tests/labelled/edits-tuning.jsonl"));
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        all.extend(rows(file)?);
    }
    if is_asked("--left-out") {
        left_out(&all, is_asked("--texts"));
        return Ok(());
    }
    let bytes = table(&train(&all.iter().collect::<Vec<_>>()));
    let path = here.join("src/edit/weights.bin");
    if is_asked("--check") {
        let known = fs::read(&path).map_err(|e| e.to_string())?;
        return if known == bytes {
            println!("the table is the one that the files make");
            Ok(())
        } else {
            Err("the table is not the one that the files make: run without --check".into())
        };
    }
    fs::write(path, bytes).map_err(|e| e.to_string())
}
