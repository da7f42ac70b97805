//! The way a task goes: classify, decide, execute, record, learn. [`Host::run`] reads as that sentence.
//!
//! What each step does is elsewhere: the components classify, decide and transform, `execute` carries a tier out, the store
//! records. Nothing here knows HTTP, SQL, or the form in which a face shows the result.

use std::time::Instant;

use jiff::Timestamp;

use crate::boost::{self, Attempt, Boosted};
use crate::choose::Callable;
use crate::chosen;
use crate::execute::{self, Executed, Failure};
use crate::explore;
use crate::factors;
use crate::fallback::Fallback;
use crate::host::Host;
use crate::money::Picodollars;
use crate::outcome::{self, Durations, HashedFeatures, Outcome, Status};
use crate::paid::{self, Listener};
use crate::prompt;
use crate::provider::{Part, StopReason};
use crate::runtime::Fault;
use crate::store::Recorded;
use crate::task::Task;
use crate::tier::Tier;
use crate::wit::{Assessment, Classification, Decision, Denial, Factor, Features, Level, Limits};

/// What a task got for an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Tier 0 changed the code.
    Transformed(Boosted),
    /// A model answered.
    Text {
        /// Its words.
        text: String,
        /// Why it stopped there.
        stop: StopReason,
        /// All that it said, thought and wants called, in order, as a later turn has to hand it back.
        parts: Vec<Part>,
    },
}

/// A task at its end: the row that was recorded, and the answer or what stood in its way.
#[derive(Debug)]
pub struct Done {
    /// The row.
    pub outcome: Outcome,
    /// The answer.
    pub result: Result<Answer, Failure>,
    /// What tier 0 did on the way to another tier: the safe edits so far and the refusals.
    pub attempt: Option<Attempt>,
    /// Why the row is not in the store, if it is not. A paid task's is there as `started` all the same, and the next start books it at its bound.
    pub unrecorded: Option<String>,
}

/// Where a task would go.
#[derive(Clone, Debug)]
pub struct Routed {
    /// What the task is.
    pub classification: Classification,
    /// Why it is as hard as that, the weightiest reason first.
    pub factors: Vec<Factor>,
    /// What was decided, or why not.
    pub decision: Result<Decision, Denial>,
    /// The tier that would do it, after tier 0 was tried on the code.
    pub tier: Option<Tier>,
    /// The model that would do it; none at tier 0.
    pub model: Option<String>,
    /// The models that would be tried after it, in order.
    pub fallbacks: Vec<String>,
    /// What would be reserved before the call.
    pub reserved: Option<Picodollars>,
    /// Why it is another tier than the decided one.
    pub fallback_reason: Option<String>,
    /// What tier 0 would do.
    pub attempt: Option<Attempt>,
    /// Faults of components that the host stood in for.
    pub notes: Vec<String>,
    /// How long classification and decision took.
    pub durations: Durations,
}

/// A task whose end is not recorded yet. Dropped so, its caller has gone away: a row is kept that says that, unless the task has one.
struct Unended<'a> {
    host: &'a Host,
    task: &'a Task,
    id: String,
    arrived: (Instant, Timestamp),
    is_ended: bool,
}

impl<'a> Unended<'a> {
    fn new(host: &'a Host, task: &'a Task, arrived: (Instant, Timestamp)) -> Self {
        let id = task.id.clone();
        Unended {
            host,
            task,
            id: id.unwrap_or_else(new_id),
            arrived,
            is_ended: false,
        }
    }

    fn ended(mut self) {
        self.is_ended = true;
    }
}

impl Drop for Unended<'_> {
    fn drop(&mut self) {
        if self.is_ended {
            return;
        }
        // What was found out so far has gone with the caller: what the task says by itself is kept.
        let mut row = self.host.row(
            self.task,
            self,
            &unclassified(self.task).classification,
            None,
        );
        row.status = Status::Cancelled;
        row.error = Some(outcome::CALLER_GONE.to_owned());
        row.durations.total = nanoseconds(self.arrived.0);
        self.host.store().record_gone(row);
    }
}

/// A task on its way: all that is known before anything is done.
pub(crate) struct Underway {
    pub(crate) classification: Classification,
    pub(crate) factors: Vec<Factor>,
    pub(crate) decision: Result<Decision, Denial>,
    pub(crate) limits: Limits,
    pub(crate) durations: Durations,
    pub(crate) fallback_reason: Option<String>,
    pub(crate) notes: Vec<String>,
    /// The tier that the policy wants, also where it denies the task.
    pub(crate) wanted: Option<Tier>,
    /// The tier that does it in the place of the decided one.
    pub(crate) instead: Option<Tier>,
    /// Why no other tier does it, where it is denied; the notes have it too.
    pub(crate) no_other: Vec<String>,
}

impl Host {
    /// Does a task and records what came of it. It always comes back with an outcome, whatever went wrong. What a model's answer cost is
    /// committed behind the answer; [`Host::close`] waits for it, and so does whatever reads the store.
    pub async fn run(&self, task: Task) -> Done {
        self.run_telling(task, None).await
    }

    /// The same; a model's answer is told as it comes.
    pub(crate) async fn run_telling(&self, mut task: Task, listener: Listener<'_>) -> Done {
        let arrived = (Instant::now(), self.now());
        // The decision may draw from it.
        task.id.get_or_insert_with(new_id);
        let unended = Unended::new(self, &task, arrived);
        let classified = self.classify(&task);
        let underway = self.decide(&task, classified).await;
        let row = self.begin_row(&task, &unended, &underway);
        let executed = execute::execute(self, &task, underway, row, (listener, arrived.0)).await;
        let done = self.record(executed).await;
        unended.ended();
        self.learn(&done);
        done
    }

    /// The smallest call to one model, to see that it answers: reserved, settled and recorded as any, and not learned from.
    pub(crate) async fn probe(&self, callable: &Callable) -> Done {
        let arrived = (Instant::now(), self.now());
        let task = probe_task(callable);
        let unended = Unended::new(self, &task, arrived);
        let classified = self.classify(&task);
        let underway = self.decide(&task, classified).await;
        let row = self.begin_row(&task, &unended, &underway);
        let (outcome, result, settled) = paid::probe(self, &task, callable, row, arrived.0).await;
        let done = self
            .record(Executed {
                outcome,
                result,
                attempt: None,
                settled,
            })
            .await;
        unended.ended();
        done
    }

    /// What [`Host::probe`] can cost at most.
    pub(crate) fn probe_bound(&self, callable: &Callable) -> Picodollars {
        paid::bound(callable, &paid::asked(&probe_task(callable), callable).0)
    }

    /// Decides where a task would go, and tries tier 0 on its code where that is the decision. Calls no model, spends nothing
    /// and records nothing.
    pub async fn route(&self, task: &Task) -> Routed {
        let classified = self.classify(task);
        let underway = self.decide(task, classified).await;
        execute::foresee(self, task, underway)
    }

    /// The classifier's word; where its guest failed, an empty classification that leads to the default tier.
    fn classify(&self, task: &Task) -> (Assessment, Option<Fault>, u64) {
        let began = Instant::now();
        let contract = task.to_contract();
        let (assessment, fault) = match self.runtime().classify(&contract) {
            Ok(found) => (found, None),
            Err(fault) => (unclassified(task), Some(fault)),
        };
        (assessment, fault, nanoseconds(began))
    }

    /// The policy's word; where its guest failed, the tier that the classification's level names.
    async fn decide(
        &self,
        task: &Task,
        (assessment, fault, classify): (Assessment, Option<Fault>, u64),
    ) -> Underway {
        let Assessment {
            classification,
            factors,
        } = assessment;
        self.warn_of_uncallable();
        let router = &self.config().router;
        let limits = Limits {
            manual_tier: task.routing_tier.map(Tier::number),
            critical: task.is_critical,
            allow_booster: boost::is_possible(self.transforms(), task, &classification),
            available: self.callable().map(Tier::number).collect(),
            budget: self.budget_left().await.map(Picodollars::get),
            may_downgrade: self.may_downgrade() && self.config().fallback.enabled,
            exploration: (router.exploration_share > 0.0)
                .then(|| explore::draw(router.exploration_seed, task.id.as_deref())),
        };
        let mut notes = Vec::new();
        let mut fallback_reason = None;
        if let Some(reason) = self.store().fault() {
            notes.push(format!(
                "what was learned is not known, and nothing is recorded: {reason}"
            ));
        }
        if let Some(fault) = fault {
            notes.push(format!(
                "classifier: {fault}; taken as a task of which nothing is known"
            ));
            fallback_reason = Some(fault.code().to_owned());
        }
        let began = Instant::now();
        // A tier that was set by hand, or that stands in for the router's, has nothing to do with them.
        let mut is_explained = limits.manual_tier.is_none();
        let chosen = match chosen::choose(self, &classification, &limits) {
            Ok(chosen) => chosen,
            Err(fault) => {
                is_explained = false;
                notes.push(chosen::stood_in_for(&fault));
                fallback_reason = Some(fault.code().to_owned());
                chosen::by_level(self, &classification, &limits, &fault)
            }
        };
        if let Some(code) = chosen.code {
            fallback_reason.get_or_insert_with(|| code.code().to_owned());
        }
        notes.extend(chosen.no_other.iter().cloned());
        let mut decision = chosen.decision;
        let reasons = match &mut decision {
            Ok(decision) if decision.tier > 0 => Some(&mut decision.reasons),
            Ok(_) => None,
            Err(_) if chosen.why_wanted.is_empty() => None,
            Err(_) => {
                notes.extend(chosen.why_wanted);
                Some(&mut notes)
            }
        };
        if let Some(reasons) = reasons.filter(|_| is_explained) {
            reasons.extend(factors::why_so_hard(&factors));
        }
        let durations = Durations {
            classify,
            decide: nanoseconds(began),
            ..Durations::default()
        };
        if let Ok(decision) = &decision {
            tracing::info!(
                tier = decision.tier,
                confidence = decision.confidence,
                complexity = classification.complexity,
                "decided"
            );
        }
        Underway {
            classification,
            factors,
            decision,
            limits,
            durations,
            fallback_reason,
            notes,
            wanted: chosen.wanted,
            instead: chosen.instead,
            no_other: chosen.no_other,
        }
    }

    /// The task's row as it stands before anything is done.
    fn begin_row(&self, task: &Task, unended: &Unended<'_>, underway: &Underway) -> Outcome {
        Outcome {
            durations: underway.durations,
            fallback_reason: underway.fallback_reason.clone(),
            tier_decided: underway.wanted,
            ..self.row(
                task,
                unended,
                &underway.classification,
                underway.decision.as_ref().ok(),
            )
        }
    }

    fn row(
        &self,
        task: &Task,
        unended: &Unended<'_>,
        classification: &Classification,
        decided: Option<&Decision>,
    ) -> Outcome {
        let kept = &self.config().outcomes;
        Outcome {
            id: unended.id.clone(),
            started_at: unended.arrived.1,
            status: Status::Started,
            kind: classification.kind.clone(),
            domain: classification.domain.clone(),
            caller: task.caller.clone(),
            complexity: classification.complexity,
            tier_asked: task.routing_tier,
            tier_decided: decided.and_then(|decision| Tier::try_from(decision.tier).ok()),
            tier_done: None,
            model: None,
            provider: None,
            hops: Vec::new(),
            cached: false,
            quality: None,
            cost: Picodollars::default(),
            baseline: Picodollars::default(),
            usage: None,
            durations: Durations::default(),
            confidence: decided.map_or(0.0, |decision| decision.confidence),
            propensity: decided.map_or(1.0, |decision| decision.propensity),
            reasons: decided.map_or_else(Vec::new, |decision| decision.reasons.clone()),
            fallback_reason: None,
            transform: None,
            error: None,
            features: if kept.store_features {
                hashed(&classification.features)
            } else {
                HashedFeatures::default()
            },
            prompt: kept.store_prompts.then(|| task.instruction.clone()),
        }
    }

    /// Writes the row of a task that reserved nothing; a paid task's row was settled together with its money.
    async fn record(&self, executed: Executed) -> Done {
        let Executed {
            outcome,
            result,
            attempt,
            settled,
        } = executed;
        let reason = outcome.fallback_reason.as_deref();
        debug_assert!(
            reason.is_none_or(|code| Fallback::from_code(code).is_some()),
            "{reason:?} is none of the codes"
        );
        let unrecorded = if settled {
            None
        } else {
            match self.store().record(outcome.clone(), None).await {
                Recorded::Queued => None,
                Recorded::Unrecorded(reason) => Some(reason),
            }
        };
        let unrecorded = match unrecorded {
            None if self.confirms_records() => {
                let written = self.store().flush().await;
                written.err().map(|e| e.to_string())
            }
            known => known,
        };
        Done {
            outcome,
            result,
            attempt,
            unrecorded,
        }
    }

    /// Tells the policy what the end of a paid task says by itself, as it was written beside the task's row.
    fn learn(&self, done: &Done) {
        if let Some(feedback) = execute::automatic_feedback(self.config(), &done.outcome) {
            self.take_in(feedback);
        }
    }
}

fn probe_task(callable: &Callable) -> Task {
    let mut task = Task::new("Answer with one word: ok");
    task.kind = "doctor".to_owned();
    task.routing_tier = Some(callable.tier);
    // No vendor takes fewer.
    task.max_output_tokens = Some(16);
    task
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// What is known of a task when no classifier could read it: what its fields say. Complexity 30 is the middle of the range that
/// the default tier serves.
fn unclassified(task: &Task) -> Assessment {
    let classification = Classification {
        kind: task.kind.clone(),
        domain: task.domain.clone(),
        complexity: 30,
        level: Level::Moderate,
        security: false,
        transform: None,
        bare_code: false,
        language: String::new(),
        input_tokens: u32::try_from(prompt::bytes(task) / 4).unwrap_or(u32::MAX),
        features: Features {
            indices: Vec::new(),
            values: Vec::new(),
        },
    };
    Assessment {
        classification,
        factors: Vec::new(),
    }
}

pub(crate) fn hashed(features: &Features) -> HashedFeatures {
    HashedFeatures {
        indices: features.indices.clone(),
        values: features.values.clone(),
    }
}
