//! What a host learns and unlearns: verdicts, the policy as a replay of the log, and how long outcomes are kept.

use jiff::{SignedDuration, Timestamp};

use super::Host;
use crate::choose::{Callable, Candidates};
use crate::config::Config;
use crate::error::Error;
use crate::money::Registry;
use crate::outcome::Outcome;
use crate::runtime::{ComponentError, Fault, Name, Policy, Restored, Runtime};
use crate::store::{self, Correction, Store};
use crate::tier::Tier;
use crate::wit::{Feedback, Settings, TierPrice};

impl Host {
    /// Takes in a verdict on a task that was done before: the stored outcome gets its quality, and later decisions change.
    ///
    /// A later verdict on the same task takes the place of the earlier one, and the same one again changes nothing: the policy is made anew from
    /// the log (other processes that run go on with theirs until they are started again). Where what was learned is no longer the replay of the
    /// log, after compaction or an undoing, the earlier verdict cannot be taken out, and the later one is learned beside it.
    ///
    /// # Errors
    /// No such task, a task that cannot be judged, or a store that cannot be written.
    pub async fn feedback(&self, id: &str, verdict: store::Verdict) -> Result<Outcome, Error> {
        if self.store.is_judged(id).await? {
            let may_rewrite = self.learned_is_the_log().await?;
            let made = self.store.correct_feedback(id, verdict, may_rewrite);
            match made.await? {
                Correction::NotMade => {}
                Correction::Same => return Ok(self.store.outcome(id).await?),
                Correction::Made => {
                    self.learn_anew().await?;
                    return Ok(self.store.outcome(id).await?);
                }
            }
        }
        for piece in self.store.feedback(id, verdict).await? {
            self.take_in(piece);
        }
        Ok(self.store.outcome(id).await?)
    }

    /// Whether the policy that the next start makes is the replay of the whole log: nothing was compacted, and no learning was undone.
    async fn learned_is_the_log(&self) -> Result<bool, Error> {
        if !self.store.feedback_is_whole().await? {
            return Ok(false);
        }
        let Some(base) = self.store.latest_snapshot().await? else {
            return Ok(true);
        };
        let settings = settings_with_stand_ins(&self.config, &self.served);
        let made = self.runtime.policy(settings, Some(base.bytes));
        let (policy, restored) = made.map_err(|fault| self.router_failed(fault))?;
        let learned = policy.learned();
        let learned = learned.map_err(|fault| self.router_failed(fault))?;
        let logged = self.store.feedback_through(base.through_seq).await?;
        // A base that this router does not read is left out at a start.
        Ok(restored != Restored::FromSnapshot || learned == logged)
    }

    async fn learn_anew(&self) -> Result<(), Error> {
        if self.config.router.learn {
            let settings = settings_with_stand_ins(&self.config, &self.served);
            let (policy, _, failed) =
                rebuild_policy(&self.runtime, &self.store, settings, true, COMPACT_AFTER).await?;
            match failed {
                None => self.policy.go_on_as(policy),
                // What is in use has learned more than a replay that was given up. The log is right, and the next start has it.
                Some(failed) => {
                    tracing::warn!(%failed, "what was corrected is learned at the next start")
                }
            }
        }
        Ok(())
    }

    /// Makes sums of the outcomes before a time, with what they taught kept in a base of the policy. Outcomes of the last two days stay, because
    /// their limits may still hold somewhere.
    ///
    /// # Errors
    /// A component that fails, or a store that cannot be written.
    pub async fn compact(&self, before: Timestamp) -> Result<store::Compacted, Error> {
        let kept = self.now().checked_sub(DAYS_KEPT).unwrap_or(Timestamp::MIN);
        let before = before.min(kept);
        if !self.store.has_before(before).await? {
            return Ok(store::Compacted::default());
        }
        if self.config.router.learn {
            // A replay of the log, because the policy in use may have learned in another order.
            let settings = settings_with_stand_ins(&self.config, &self.served);
            let (_, _, failed) =
                rebuild_policy(&self.runtime, &self.store, settings, true, 1).await?;
            if let Some(failed) = failed {
                return Err(failed.into());
            }
        }
        Ok(self.store.compact(before).await?)
    }

    pub(super) async fn keep_to_retention(&self) -> Result<(), Error> {
        if let Some(days) = self.config.outcomes.keep_days
            && self.store.fault().is_none()
        {
            let kept = SignedDuration::from_hours(24 * i64::from(days));
            let before = self.now().checked_sub(kept).unwrap_or(Timestamp::MIN);
            self.compact(before).await?;
        }
        Ok(())
    }

    /// Undoes learning: the policy is made anew from the feedback up to a place in the log, and kept as the base that the next host starts from.
    /// The log stays whole, so that a later place can be gone to again, and so does what was learned since by hosts that run. Returns how many
    /// pieces of feedback it was made of. A router of another version does not read the base, and learns from the whole log.
    ///
    /// Where compaction has taken old feedback out of the log, what it taught stands in a base alone: then the place cannot lie before it.
    ///
    /// # Errors
    /// The store cannot be read or written, the router fails, or the place lies before what compaction has left.
    pub async fn unlearn(self, through: i64) -> Result<u64, Error> {
        let settings = settings_with_stand_ins(&self.config, &self.served);
        let (base, after) = if self.store.feedback_is_whole().await? {
            (None, 0)
        } else {
            let base = self.store.snapshot_through(through).await?;
            let base = base.ok_or(Error::Compacted(through))?;
            (Some(base.bytes), base.through_seq)
        };
        let has_base = base.is_some();
        let made = self.runtime.policy(settings, base);
        let (policy, restored) = made.map_err(|fault| self.router_failed(fault))?;
        if has_base && restored != Restored::FromSnapshot {
            return Err(Error::Compacted(through));
        }
        let log = self.store.feedback_after(after).await?;
        let last = log.last().map(|(seq, _)| *seq);
        for (_, feedback) in log.into_iter().filter(|(seq, _)| *seq <= through) {
            let taught = policy.learn(feedback);
            taught.map_err(|fault| self.router_failed(fault))?;
        }
        let learned = policy.learned();
        let learned = learned.map_err(|fault| self.router_failed(fault))?;
        if let Some(through_seq) = last {
            let bytes = policy.snapshot();
            let bytes = bytes.map_err(|fault| self.router_failed(fault))?;
            let base = store::Snapshot { bytes, through_seq };
            self.store.save_snapshot(base).await?;
        }
        self.close().await?;
        Ok(learned)
    }

    pub(crate) fn router_failed(&self, fault: Fault) -> Error {
        self.runtime.failed(Name::Router, fault).into()
    }

    /// Gives a piece of feedback, which the store has, to the policy too.
    pub(crate) fn take_in(&self, feedback: Feedback) {
        if !self.config.router.learn {
            return;
        }
        if let Err(fault) = self.policy.learn(feedback) {
            tracing::warn!(
                reason = fault.code(),
                "the policy did not take in a piece of feedback; it is in the log"
            );
        }
    }
}

/// What a policy is made with by configuration and registry.
pub(crate) fn policy_settings(config: &Config) -> Settings {
    let candidates = Candidates::new(config, Registry::embedded());
    settings(config, &Tier::PAID.map(|tier| candidates.first(tier)))
}

/// What the policy is made with.
fn settings(config: &Config, served: &[Result<Callable, String>; 4]) -> Settings {
    let router = &config.router;
    Settings {
        prices: served
            .iter()
            .flatten()
            .map(|callable| TierPrice {
                tier: callable.tier.number(),
                input: callable.prices.base.input.get(),
                output: callable.prices.base.output.get(),
                output_tokens: usual_output(callable.tier).min(callable.max_output_tokens),
            })
            .collect(),
        quality_target: router.quality_target,
        security_confidence: router.security_confidence,
        review_confidence: router.review_confidence,
        review_uncertainty: router.review_uncertainty,
        exploration_share: router.exploration_share,
    }
}

/// The same with the price of this release's own model for a tier whose configured one cannot be called: no task goes there, and what would have
/// gone there can be told.
pub(super) fn settings_with_stand_ins(
    config: &Config,
    served: &[Result<Callable, String>; 4],
) -> Settings {
    if served.iter().all(Result::is_ok) {
        return settings(config, served);
    }
    let pinned = Candidates::new(&Config::default(), Registry::embedded());
    let served = std::array::from_fn(|place| match &served[place] {
        Ok(callable) => Ok(callable.clone()),
        Err(_) => pinned.first(Tier::PAID[place]),
    });
    settings(config, &served)
}

/// How many tokens an answer usually has, thinking included: a round figure for an expectation, never for a bound.
fn usual_output(tier: Tier) -> u32 {
    match tier {
        Tier::Booster => 0,
        Tier::Small => 500,
        Tier::Middle => 1_500,
        Tier::Thinking => 4_000,
        Tier::Strong => 5_000,
    }
}

/// Outcomes so young are never compacted: wherever a day begins, its limits are over then.
const DAYS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// So much feedback is replayed at a start before a new base snapshot is written.
pub(super) const COMPACT_AFTER: usize = 1_000;

/// So many pieces in a row that cannot be learned end a replay: each may take its whole deadline.
const GIVE_UP_AFTER: u32 = 8;

/// The policy is the replay of the feedback log over the last base snapshot. A base that this router does not take is left out,
/// and the whole log is replayed. A new base is written where so many pieces were replayed; none is where the router did not learn them all,
/// because what stands before a base is not replayed again and may be compacted. The reason for that comes with the policy.
pub(super) async fn rebuild_policy(
    runtime: &Runtime,
    store: &Store,
    settings: Settings,
    learn: bool,
    base_after: usize,
) -> Result<(Policy, Restored, Option<ComponentError>), Error> {
    let failed = |fault| runtime.failed(Name::Router, fault);
    if !learn {
        let (policy, restored) = runtime.policy(settings, None).map_err(failed)?;
        return Ok((policy, restored, None));
    }
    let base = store.latest_snapshot().await?;
    let (bytes, base_seq) = base.map_or((None, 0), |base| (Some(base.bytes), base.through_seq));
    let (policy, restored) = runtime.policy(settings, bytes).map_err(failed)?;
    let after = if restored == Restored::FromSnapshot {
        base_seq
    } else {
        0
    };
    let log = store.feedback_after(after).await?;
    let through_seq = log.last().map(|(seq, _)| *seq);
    let pieces = log.len();
    let replayed = replay(&policy, log.into_iter().map(|(_, feedback)| feedback));
    let Some(through_seq) = through_seq.filter(|_| pieces >= base_after) else {
        return Ok((policy, restored, replayed.err().map(failed)));
    };
    let bytes = replayed.and_then(|()| {
        policy.snapshot().inspect_err(|fault| {
            tracing::warn!(reason = fault.code(), "the router wrote no snapshot")
        })
    });
    match bytes {
        Ok(bytes) => {
            let base = store::Snapshot { bytes, through_seq };
            store.save_snapshot(base).await?;
            Ok((policy, restored, None))
        }
        Err(fault) => Ok((policy, restored, Some(failed(fault)))),
    }
}

/// Learns the log, and says so where not all of it could be learned.
fn replay(policy: &Policy, log: impl ExactSizeIterator<Item = Feedback>) -> Result<(), Fault> {
    let pieces = log.len();
    let (mut learned, mut in_a_row) = (0, 0);
    let mut failed = Ok(());
    for feedback in log {
        match policy.learn(feedback) {
            Ok(()) => (learned, in_a_row) = (learned + 1, 0),
            Err(fault) => {
                in_a_row += 1;
                failed = Err(fault);
            }
        }
        if in_a_row == GIVE_UP_AFTER {
            break;
        }
    }
    if let Err(fault) = &failed {
        tracing::warn!(
            reason = fault.code(),
            "the router learned {learned} of {pieces} pieces of feedback; all are in the log"
        );
    }
    failed
}
