//! Trains the model of words from `training/*.jsonl` and writes `src/learned/table.bin`:
//!
//!     cargo run --release -p tinydancer-classifier --features training --example train
//!     ... -- --check                   # says whether the table is the one that the files make
//!     ... -- --score FILE              # how often a labelled file's tier is right, after training without it
//!     ... -- --classify FILE [--texts] # the same by the whole classifier, with the table that it was built with
//!     ... -- --edits FILE [--texts]    # how many requests for an edit are seen, and which are not
//!     ... -- --by-author               # each author's tasks by a model of the others'
//!
//! Multinomial logistic regression with a ridge, by L-BFGS over all rows at once (Nocedal and Wright, Numerical Optimization, 7.2): no random
//! number, no thread, so that the same files make the same bytes.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use tinydancer_classifier::training::{HAND, KNOWN, Places, TEXT, places};
use tinydancer_classifier::{Message, Priority, Role, SourceFile, Task, classify};

const TIERS: usize = 4;
/// The ridge's weight against the mean loss; chosen by tasks of authors that were left out.
const RIDGE: f64 = 3e-5;
/// A hand-made place counts as much as this share of a text of one place.
const HAND_VALUE: f64 = 0.3;
const STEPS: usize = 150;
/// So that no byte of the table is negative.
const RAISED: f64 = 128.0;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default)]
    instruction: String,
    #[serde(alias = "label")]
    tier: u8,
    #[serde(default)]
    code_context: String,
    #[serde(default)]
    files: Vec<File>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    history: Vec<Said>,
    /// A task whose tier is set by hand teaches nothing.
    routing_tier: Option<u8>,
    #[serde(default)]
    is_critical: bool,
}

#[derive(serde::Deserialize)]
struct File {
    #[serde(default)]
    path: String,
    #[serde(default)]
    text: String,
}

#[derive(serde::Deserialize)]
struct Said {
    role: String,
    content: String,
}

struct Example {
    author: String,
    tier: usize,
    /// Column and value, each place once.
    places: Vec<(u32, f64)>,
    /// The bits of its words.
    words: Vec<usize>,
}

impl Row {
    fn task(self) -> Task {
        let mut files: Vec<SourceFile> = self
            .files
            .into_iter()
            .map(|file| source(file.path, file.text))
            .collect();
        if !self.code_context.is_empty() {
            files.push(source(String::new(), self.code_context));
        }
        let history = self.history.into_iter().map(|said| Message {
            role: match said.role.as_str() {
                "assistant" => Role::Assistant,
                "system" => Role::System,
                "tool" => Role::Tool,
                _ => Role::User,
            },
            content: said.content,
        });
        Task {
            instruction: self.instruction,
            files,
            file_count: 0,
            history: history.collect(),
            kind: self.kind,
            domain: String::new(),
            priority: Priority::Normal,
            capabilities: Vec::new(),
            cross_component: false,
            external_apis: false,
            database: false,
            time_sensitive: false,
        }
    }
}

fn source(path: String, text: String) -> SourceFile {
    SourceFile {
        path,
        text,
        module: Some(true),
        dialect: None,
    }
}

fn examples(path: &Path) -> Result<Vec<Example>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let author = stem.split('-').next().unwrap_or_default().to_owned();
    let mut examples = Vec::new();
    for (line, row) in (1..)
        .zip(text.lines())
        .filter(|(_, row)| !row.trim().is_empty())
    {
        let row: Row =
            serde_json::from_str(row).map_err(|e| format!("{}:{line}: {e}", path.display()))?;
        let Some(tier) = usize::from(row.tier).checked_sub(1) else {
            continue;
        };
        if tier >= TIERS || row.routing_tier.is_some() || row.is_critical {
            continue;
        }
        let Some(Places { text, hand, words }) = places(&row.task()) else {
            continue;
        };
        let mut by_place: BTreeMap<u32, f64> = text.into_iter().map(|place| (place, 0.0)).collect();
        let value = 1.0 / (by_place.len().max(1) as f64).sqrt();
        by_place.values_mut().for_each(|own| *own = value);
        for place in hand {
            *by_place.entry(TEXT as u32 + place).or_default() += HAND_VALUE;
        }
        examples.push(Example {
            author: author.clone(),
            tier,
            places: by_place.into_iter().collect(),
            words,
        });
    }
    Ok(examples)
}

/// Weights, tier by tier within a place.
type Weights = Vec<f64>;

fn shares(weights: &[f64], example: &Example) -> [f64; TIERS] {
    let mut logits = [0.0; TIERS];
    for (place, value) in &example.places {
        let own = &weights[*place as usize * TIERS..][..TIERS];
        for (logit, weight) in logits.iter_mut().zip(own) {
            *logit += weight * value;
        }
    }
    let most = logits.iter().copied().fold(f64::MIN, f64::max);
    let powers = logits.map(|logit| (logit - most).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// The mean loss with the ridge, and its gradient.
fn loss(weights: &[f64], rows: &[&Example]) -> (f64, Weights) {
    let mut gradient: Weights = weights.iter().map(|weight| weight * RIDGE).collect();
    let mut loss = weights.iter().map(|weight| weight * weight).sum::<f64>() * RIDGE / 2.0;
    let one = 1.0 / rows.len() as f64;
    for row in rows {
        let shares = shares(weights, row);
        loss -= shares[row.tier].max(1e-300).ln() * one;
        for (place, value) in &row.places {
            let own = &mut gradient[*place as usize * TIERS..][..TIERS];
            for (tier, (slope, share)) in own.iter_mut().zip(shares).enumerate() {
                *slope += (share - f64::from(tier == row.tier)) * value * one;
            }
        }
    }
    (loss, gradient)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The weights for these rows.
fn train(rows: &[&Example]) -> Weights {
    let rareness = rareness(rows);
    let scaled: Vec<Example> = rows
        .iter()
        .map(|row| Example {
            author: String::new(),
            tier: row.tier,
            places: row
                .places
                .iter()
                .map(|(place, value)| (*place, value * rareness[*place as usize]))
                .collect(),
            words: Vec::new(),
        })
        .collect();
    let scaled: Vec<&Example> = scaled.iter().collect();
    let mut weights = minimise(&scaled);
    for (own, rareness) in weights.chunks_mut(TIERS).zip(&rareness) {
        own.iter_mut().for_each(|weight| *weight *= rareness);
    }
    weights
}

/// How much more a place counts in the training than one that is everywhere: the less often it stands in the rows, the less the ridge holds its weight
/// down (the inverse document frequency of Sparck Jones, 1972). The weights that come of it are for places that count alike.
fn rareness(rows: &[&Example]) -> Vec<f64> {
    let mut stands = vec![0_u32; TEXT + HAND];
    for (place, _) in rows.iter().flat_map(|row| &row.places) {
        stands[*place as usize] += 1;
    }
    let all = (1 + rows.len()) as f64;
    stands
        .iter()
        .enumerate()
        .map(|(place, stands)| {
            if place < TEXT {
                2.0 * (all / f64::from(1 + stands)).ln() / all.ln()
            } else {
                1.0
            }
        })
        .collect()
}

/// L-BFGS with a step that is halved until the loss falls enough.
fn minimise(rows: &[&Example]) -> Weights {
    const REMEMBERED: usize = 8;
    let mut weights = vec![0.0; (TEXT + HAND) * TIERS];
    let (mut now, mut gradient) = loss(&weights, rows);
    let mut pairs: VecDeque<(Weights, Weights, f64)> = VecDeque::new();
    for _ in 0..STEPS {
        let mut direction = gradient.clone();
        let mut shrunk = Vec::new();
        for (moved, turned, curvature) in pairs.iter().rev() {
            let share = dot(moved, &direction) / curvature;
            for (own, turned) in direction.iter_mut().zip(turned) {
                *own -= share * turned;
            }
            shrunk.push(share);
        }
        if let Some((_, turned, curvature)) = pairs.back() {
            let scale = curvature / dot(turned, turned);
            direction.iter_mut().for_each(|own| *own *= scale);
        }
        for ((moved, turned, curvature), share) in pairs.iter().zip(shrunk.iter().rev()) {
            let back = dot(turned, &direction) / curvature;
            for (own, moved) in direction.iter_mut().zip(moved) {
                *own += moved * (share - back);
            }
        }
        let slope = dot(&gradient, &direction);
        let mut step = 1.0;
        let (next, after, turned) = loop {
            let next: Weights = weights
                .iter()
                .zip(&direction)
                .map(|(own, way)| own - step * way)
                .collect();
            let (after, turned) = loss(&next, rows);
            if after <= now - 1e-4 * step * slope || step < 1e-9 {
                break (next, after, turned);
            }
            step /= 2.0;
        };
        let moved: Weights = next.iter().zip(&weights).map(|(a, b)| a - b).collect();
        let change: Weights = turned.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&moved, &change);
        if curvature > 1e-14 {
            pairs.push_back((moved, change, curvature));
            if pairs.len() > REMEMBERED {
                pairs.pop_front();
            }
        }
        let gained = now - after;
        (weights, now, gradient) = (next, after, turned);
        if gained < 1e-7 {
            break;
        }
    }
    weights
}

/// The table's bytes: the scale of the text's weights and of the hand-made ones, then a byte for each weight, then the bits of the known words. A hand-made place is summed without its value.
fn table(weights: &[f64], rows: &[&Example]) -> Vec<u8> {
    let (text, hand) = weights.split_at(TEXT * TIERS);
    let mut bytes = Vec::new();
    let scaled = |part: &[f64], value: f64| {
        let most = part.iter().fold(0.0_f64, |most, own| most.max(own.abs()));
        let scale = (most / 127.0).max(1e-9);
        let raised: Vec<u8> = part
            .iter()
            .map(|own| ((own / scale).round() + RAISED) as u8)
            .collect();
        ((scale * value) as f32, raised)
    };
    let (text, hand) = (scaled(text, 1.0), scaled(hand, HAND_VALUE));
    bytes.extend(text.0.to_le_bytes());
    bytes.extend(hand.0.to_le_bytes());
    bytes.extend(text.1);
    bytes.extend(hand.1);
    let mut known = vec![0_u8; KNOWN / 8];
    for bit in rows.iter().flat_map(|row| &row.words) {
        known[bit / 8] |= 1 << (bit % 8);
    }
    bytes.extend(known);
    bytes
}

/// What a table's bytes say, as weights.
fn weights_of(bytes: &[u8]) -> Weights {
    let scale = |at: usize| {
        f64::from(f32::from_le_bytes([
            bytes[at],
            bytes[at + 1],
            bytes[at + 2],
            bytes[at + 3],
        ]))
    };
    let (text, hand) = bytes[8..8 + (TEXT + HAND) * TIERS].split_at(TEXT * TIERS);
    let part = |raised: &[u8], scale: f64| -> Weights {
        raised
            .iter()
            .map(|byte| (f64::from(*byte) - RAISED) * scale)
            .collect()
    };
    [part(text, scale(0)), part(hand, scale(4) / HAND_VALUE)].concat()
}

fn best(shares: [f64; TIERS]) -> usize {
    (1..TIERS).fold(0, |best, tier| {
        if shares[tier] >= shares[best] {
            tier
        } else {
            best
        }
    })
}

fn report(name: &str, weights: &[f64], rows: &[&Example]) -> [[usize; TIERS]; TIERS] {
    let mut counts = [[0; TIERS]; TIERS];
    for row in rows {
        counts[row.tier][best(shares(weights, row))] += 1;
    }
    let right: usize = (0..TIERS).map(|tier| counts[tier][tier]).sum();
    let dear = counts[3][0] + counts[3][1];
    println!(
        "{name}: {:.1} % of {} right; tier 4 below 3: {dear} of {}",
        right as f64 / rows.len().max(1) as f64 * 100.0,
        rows.len(),
        counts[3].iter().sum::<usize>()
    );
    counts
}

/// How often the whole classifier is right, with the table that it was built with.
fn classified(path: &Path, texts: bool) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut counts = [[0; TIERS]; TIERS];
    for row in text.lines().filter(|row| !row.trim().is_empty()) {
        let row: Row = serde_json::from_str(row).map_err(|e| e.to_string())?;
        let Some(label) = usize::from(row.tier).checked_sub(1) else {
            continue;
        };
        if row.routing_tier.is_some() || row.is_critical {
            continue;
        }
        let instruction = row.instruction.clone();
        let assessment = classify(&row.task());
        let found = match assessment.classification.complexity {
            0..20 => 0,
            20..45 => 1,
            45..70 => 2,
            _ => 3,
        };
        if texts && found != label {
            let said: Vec<String> = assessment
                .factors
                .iter()
                .map(|own| format!("{}{:+}", own.name, own.points))
                .collect();
            println!(
                "{} | {} | {} | {instruction}",
                label + 1,
                found + 1,
                said.join(" ")
            );
        }
        counts[label][found] += 1;
    }
    let right: usize = (0..TIERS).map(|tier| counts[tier][tier]).sum();
    let all: usize = counts.iter().flatten().sum();
    println!("{right} of {all} right; by label {counts:?}");
    Ok(())
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    instruction: String,
    #[serde(default)]
    code_context: String,
    edit: String,
}

/// How many requests for an edit are seen and how many near misses are taken for one; `texts` prints each that is wrong.
fn requests(path: &Path, texts: bool) -> Result<(), String> {
    const NONE: &str = "none";
    const EDITS: [&str; 3] = ["var-to-const", "func-to-arrow", "remove-console"];
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (mut asked, mut seen, mut near, mut taken) = (0, 0, 0, 0);
    for row in text.lines().filter(|row| !row.trim().is_empty()) {
        let request: Request = serde_json::from_str(row).map_err(|e| e.to_string())?;
        let row = Row {
            instruction: request.instruction.clone(),
            tier: 0,
            code_context: request.code_context,
            files: Vec::new(),
            kind: String::new(),
            history: Vec::new(),
            routing_tier: None,
            is_critical: false,
        };
        let found = classify(&row.task()).classification.transform;
        let found = found
            .as_deref()
            .filter(|name| EDITS.contains(name))
            .unwrap_or(NONE);
        if texts && found != request.edit {
            println!("{} | {found} | {}", request.edit, request.instruction);
        }
        if request.edit == NONE {
            (near, taken) = (near + 1, taken + usize::from(found != NONE));
        } else {
            (asked, seen) = (asked + 1, seen + usize::from(found == request.edit));
            taken += usize::from(found != request.edit && found != NONE);
        }
    }
    println!(
        "{seen} of {asked} requests seen; {taken} taken that are not asked for, of {near} near misses"
    );
    Ok(())
}

fn main() -> Result<(), String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|own| own == "--edits") {
        let file = arguments.get(at + 1).ok_or("--edits takes a file")?;
        return requests(
            Path::new(file),
            arguments.iter().any(|own| own == "--texts"),
        );
    }
    if let Some(at) = arguments.iter().position(|own| own == "--classify") {
        let file = arguments.get(at + 1).ok_or("--classify takes a file")?;
        return classified(
            Path::new(file),
            arguments.iter().any(|own| own == "--texts"),
        );
    }
    let mut files: Vec<PathBuf> = fs::read_dir(here.join("training"))
        .map_err(|e| e.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.push(here.join("../../tests/labelled/tuning.jsonl"));
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        all.extend(examples(file)?);
    }
    let every: Vec<&Example> = all.iter().collect();
    println!("{} tasks of {} files", all.len(), files.len());
    if arguments.iter().any(|own| own == "--by-author") {
        let mut authors: Vec<&str> = all.iter().map(|own| own.author.as_str()).collect();
        authors.dedup();
        let mut sum = [[0; TIERS]; TIERS];
        for author in authors {
            let (own, others): (Vec<&Example>, Vec<&Example>) =
                all.iter().partition(|own| own.author == author);
            let counts = report(author, &train(&others), &own);
            for (sum, counts) in sum.iter_mut().flatten().zip(counts.iter().flatten()) {
                *sum += counts;
            }
        }
        let right: usize = (0..TIERS).map(|tier| sum[tier][tier]).sum();
        println!(
            "together {:.1} %; tier 4 below 3: {}; by label {sum:?}",
            right as f64 / all.len() as f64 * 100.0,
            sum[3][0] + sum[3][1]
        );
        return Ok(());
    }
    let weights = train(&every);
    let bytes = table(&weights, &every);
    let weights = weights_of(&bytes);
    if let Some(at) = arguments.iter().position(|own| own == "--score") {
        let file = arguments.get(at + 1).ok_or("--score takes a file")?;
        let scored = examples(Path::new(file))?;
        let counts = report(file, &weights, &scored.iter().collect::<Vec<_>>());
        println!("by label {counts:?}");
        return Ok(());
    }
    let path = here.join("src/learned/table.bin");
    if arguments.iter().any(|own| own == "--check") {
        let known = fs::read(&path).map_err(|e| e.to_string())?;
        return if known == bytes {
            println!("the table is the one that the files make");
            Ok(())
        } else {
            Err("the table is not the one that the files make: run without --check".into())
        };
    }
    report("what it was trained on", &weights, &every);
    let beside = path.with_extension("new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, &path))
        .map_err(|e| e.to_string())
}
