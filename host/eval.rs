//! How good decisions are, measured through the components that serve: on prompts with the outcome of a weak and a strong model, and on tasks
//! that people labelled with a tier. Pure calculation beside the components' calls; files and output are the face's.
//!
//! What was not observed is estimated only where exploration was logged ([`replay`]).

pub mod bootstrap;
pub mod metric;
pub mod offpolicy;
pub mod online;
pub mod plot;
pub mod replay;
pub mod tiers;

use std::time::Instant;

use serde::Deserialize;

use crate::runtime::{Fault, Policy, Runtime};
use crate::task::Task;
use crate::wit::{Classification, Feedback, Limits};

/// A prompt and how two models did on it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pair {
    /// What was asked.
    pub prompt: String,
    /// Quality of the cheap model's answer, 0 to 1.
    pub weak: f32,
    /// Quality of the dear model's answer, 0 to 1.
    pub strong: f32,
    /// The kind of task: what was learned acts only for kinds whose outcomes confirmed it.
    #[serde(default)]
    pub kind: Option<String>,
}

/// The kind of prompts that name none: they count as one kind.
pub const UNNAMED: &str = "evaluated";

/// Which tiers stand for the two models.
#[derive(Clone, Copy, Debug)]
pub struct Tiers {
    /// The cheap one, 1 to 3.
    pub weak: u8,
    /// The dear one, above it, to 4.
    pub strong: u8,
}

/// Why prompts could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A component failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The policy decided nothing.
    #[error("the policy denies the task: give tiers {0} and {1} a model with a known price")]
    Denied(u8, u8),
}

/// What the policy expects of each prompt.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    /// Expected quality of the strong tier less that of the weak one.
    pub gains: Vec<f64>,
    /// Nanoseconds of each decision: classification and choice.
    pub nanoseconds: Vec<u64>,
}

fn classify(runtime: &Runtime, pair: &Pair) -> Result<Classification, Fault> {
    let task = Task {
        kind: pair.kind.clone().unwrap_or_else(|| UNNAMED.to_owned()),
        ..Task::new(pair.prompt.clone())
    };
    let assessment = runtime.classify(&task.to_contract())?;
    Ok(assessment.classification)
}

fn limits(tiers: Tiers) -> Limits {
    Limits {
        allow_booster: false,
        available: vec![tiers.weak, tiers.strong],
        ..Limits::default()
    }
}

/// Tells the policy what both tiers made of each prompt, in order, by its ordinary `learn`.
///
/// # Errors
/// A fault of a component's.
pub fn learn(
    runtime: &Runtime,
    policy: &Policy,
    tiers: Tiers,
    pairs: &[Pair],
) -> Result<(), EvalError> {
    for pair in pairs {
        let known = classify(runtime, pair)?;
        for (tier, quality) in [(tiers.weak, pair.weak), (tiers.strong, pair.strong)] {
            policy.learn(Feedback {
                kind: known.kind.clone(),
                complexity: known.complexity,
                features: known.features.clone(),
                tier,
                quality,
                weight: 1.0,
            })?;
        }
    }
    Ok(())
}

/// Scores each prompt by the policy's ordinary `decide`.
///
/// # Errors
/// A fault of a component's, or tiers that cannot be called.
pub fn score(
    runtime: &Runtime,
    policy: &Policy,
    tiers: Tiers,
    pairs: &[Pair],
) -> Result<Scored, EvalError> {
    let limits = limits(tiers);
    let mut scored = Scored::default();
    for pair in pairs {
        let began = Instant::now();
        let known = classify(runtime, pair)?;
        let decision = policy
            .decide(&known, &limits)?
            .map_err(|_| EvalError::Denied(tiers.weak, tiers.strong))?;
        let took = began.elapsed().as_nanos();
        let expected = |tier: u8| {
            decision
                .estimates
                .iter()
                .find(|estimate| estimate.tier == tier)
                .map_or(0.0, |estimate| f64::from(estimate.quality))
        };
        scored
            .gains
            .push(expected(tiers.strong) - expected(tiers.weak));
        scored
            .nanoseconds
            .push(u64::try_from(took).unwrap_or(u64::MAX));
    }
    Ok(scored)
}
