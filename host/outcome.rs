//! What came of a task: the row that is recorded, exactly one for each task. Plain data; the store writes it, the faces show it.
//!
//! It holds no prompt, no code and no key unless the configuration asks for prompts: a task is remembered by its hashed features.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Picodollars;
use crate::provider::Usage;
use crate::tier::Tier;

/// What an outcome says whose caller went away.
pub(crate) const CALLER_GONE: &str = "the caller went away before the answer";

/// How a task ended. Every task ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Dispatched and not yet ended; what a crash leaves behind until it is recovered.
    Started,
    /// An answer came back.
    Success,
    /// It was tried and failed; `error` says why.
    Failure,
    /// The caller went away before the end.
    Cancelled,
    /// The budget did not reach; no model was called.
    RefusedByBudget,
}

impl Status {
    /// Its name in the store and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Started => "started",
            Status::Success => "success",
            Status::Failure => "failure",
            Status::Cancelled => "cancelled",
            Status::RefusedByBudget => "refused-by-budget",
        }
    }
}

impl Status {
    /// The status of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Status> {
        [
            Status::Started,
            Status::Success,
            Status::Failure,
            Status::Cancelled,
            Status::RefusedByBudget,
        ]
        .into_iter()
        .find(|status| status.name() == name)
    }
}

/// How long each stage took, in nanoseconds; 0 for a stage that was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Durations {
    /// The classifier.
    pub classify: u64,
    /// The policy.
    pub decide: u64,
    /// The booster: detection and transform.
    pub transform: u64,
    /// The provider, from dispatch to the last byte, retries included.
    pub provider: u64,
    /// From the task's arrival to its end.
    pub total: u64,
}

/// What the learner may be told again: the task as hashed features, without its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HashedFeatures {
    /// Places, ascending.
    pub indices: Vec<u32>,
    /// The value at each place.
    pub values: Vec<f32>,
}

/// One try at one provider's model on a task's way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hop {
    /// The tier.
    pub tier: u8,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// What stood in its way; none where it answered.
    pub error: Option<String>,
    /// What it cost, or is booked for it.
    pub cost: Picodollars,
    /// How often it was tried.
    pub attempts: u32,
    /// How long it took, in nanoseconds.
    pub duration: u64,
}

/// One task's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The task's id: the caller's, or a UUID of version 7 made for it. Unique in the store.
    pub id: String,
    /// When the task arrived.
    pub started_at: Timestamp,
    /// How it ended.
    pub status: Status,
    /// Its kind as classified; empty when not known.
    pub kind: String,
    /// Its domain as classified; empty when not known.
    pub domain: String,
    /// Who asked, as the task says; empty where it does not.
    #[serde(default)]
    pub caller: String,
    /// Complexity 0 to 100 as classified.
    pub complexity: u8,
    /// The tier the caller set by hand.
    pub tier_asked: Option<Tier>,
    /// The tier the policy decided on, also where it cannot be called or the budget does not reach to it; none where nothing was decided.
    pub tier_decided: Option<Tier>,
    /// The tier that did it, or was tried last; none when nothing was tried.
    pub tier_done: Option<Tier>,
    /// The model that was called.
    pub model: Option<String>,
    /// The provider that was called.
    pub provider: Option<String>,
    /// Every provider's model that was tried, in order; the last one is `model`. Of two that were asked beside each other the one that answered
    /// comes last.
    #[serde(default)]
    pub hops: Vec<Hop>,
    /// The answer was given before and came from memory: no model was called for it, and it is paid for no second time.
    #[serde(default)]
    pub cached: bool,
    /// How good the result was, 0 to 1, as far as is known: a later feedback replaces it.
    pub quality: Option<f32>,
    /// What it cost.
    pub cost: Picodollars,
    /// What the same tokens would have cost at tier 2's model: the measure of what was saved. At tier 0 the tokens are estimated from the
    /// texts' lengths.
    pub baseline: Picodollars,
    /// The tokens that were billed; none when no model was called or the vendor did not tell.
    pub usage: Option<Usage>,
    /// How long each stage took.
    pub durations: Durations,
    /// How sure the policy was, 0 to 1.
    pub confidence: f32,
    /// With what probability the decided tier was chosen.
    pub propensity: f32,
    /// Why this tier, in words.
    pub reasons: Vec<String>,
    /// Why another tier or model did it than was asked or decided, as the code of a [`Fallback`](crate::Fallback).
    pub fallback_reason: Option<String>,
    /// The source transform that was done or tried.
    pub transform: Option<String>,
    /// Why it failed, in words free of prompt text and keys.
    pub error: Option<String>,
    /// The task as the learner sees it; empty where the configuration forbids keeping it.
    pub features: HashedFeatures,
    /// The instruction, only where the configuration asks for it.
    pub prompt: Option<String>,
}
