//! Money that is set aside for a call: what is asked for, why it is refused, and the reservation as its holder has it.

use std::time::{Duration, Instant};

use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};

use super::Error;
use super::lease::Hold;
use super::rows::signed;
use super::writer::Command;
use crate::money::Picodollars;
use crate::outcome::Outcome;
use crate::wit::Feedback;

/// So long what other processes have leased and not used is waited for before a call is refused.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// So long until it is asked again.
pub(super) const STEP: Duration = Duration::from_millis(50);

/// What is asked for before a paid call.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The task's row as it stands.
    pub outcome: Outcome,
    /// The day that the money belongs to.
    pub day: Date,
    /// What the call can cost at most.
    pub bound: Picodollars,
    /// What the day may cost; none for no limit.
    pub limit: Option<Picodollars>,
    /// Further limits, all of which have to reach.
    pub scopes: Vec<ScopeLimit>,
}

/// What is asked for, with every sum that it counts in.
pub(super) struct Asked {
    pub(super) begin: Begin,
    pub(super) holds: Vec<Hold>,
}

impl Begin {
    /// Every sum that the call counts in, the day's first. A scope that is named twice is one, under the lower of its limits.
    pub(super) fn holds(&self) -> Vec<Hold> {
        let day = self.day.to_string();
        let mut holds = vec![Hold {
            key: format!("day {day}"),
            limit: self.limit.map(|limit| signed(limit.get())),
            day: Some(day),
        }];
        for own in &self.scopes {
            let limit = signed(own.limit.get());
            let known = holds.iter_mut().skip(1);
            match known.into_iter().find(|hold| hold.key == own.scope) {
                Some(hold) => hold.limit = hold.limit.map(|lower| lower.min(limit)),
                None => holds.push(Hold {
                    key: own.scope.clone(),
                    limit: Some(limit),
                    day: None,
                }),
            }
        }
        holds
    }
}

/// A limit for something narrower than a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLimit {
    /// What is limited, with its time: `hour 2026-03-01T14+00:00`, `tier 4 on 2026-03-01`. Calls of the same name share the limit.
    pub scope: String,
    /// What it may cost.
    pub limit: Picodollars,
}

/// Where a limit stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitState {
    /// What is limited, with its time: `day 2026-03-01`, or as [`ScopeLimit::scope`].
    pub scope: String,
    /// What it may cost.
    pub limit: Picodollars,
    /// Spent.
    pub settled: Picodollars,
    /// Set aside for calls under way.
    pub reserved: Picodollars,
}

impl LimitState {
    /// From this share on a limit is warned about.
    pub const WARNED_AT: f64 = 0.8;

    /// Whether it is to be warned about.
    #[must_use]
    pub fn is_nearly_used(&self) -> bool {
        self.share() >= LimitState::WARNED_AT
    }

    /// What may still be set aside.
    #[must_use]
    pub fn left(&self) -> Picodollars {
        self.limit
            .saturating_sub(self.settled)
            .saturating_sub(self.reserved)
    }

    /// The share that is spent or set aside; above 1 where a vendor billed more than was set aside.
    #[must_use]
    pub fn share(&self) -> f64 {
        let used = self.settled.saturating_add(self.reserved);
        used.get() as f64 / self.limit.get().max(1) as f64
    }
}

/// Why a paid call may not be made.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// A limit does not reach.
    #[error(
        "the limit of {limit} for {scope} does not reach: {settled} are spent and {reserved} reserved, and the call could cost {wanted}"
    )]
    BudgetSpent {
        /// What is limited.
        scope: String,
        /// The limit.
        limit: Picodollars,
        /// What is spent.
        settled: Picodollars,
        /// What is set aside for calls under way, and for other processes that have not used it yet.
        reserved: Picodollars,
        /// What the call could cost.
        wanted: Picodollars,
    },
    /// The model was billed above its bound before, so that its bounds cannot be relied upon until somebody has looked.
    #[error(
        "{model} of `{provider}` was billed above its bound: {cost} where {bound} was the most that it could cost, by task {task}; check its price, then `tinydancer budget --accept-overruns` lets it be called again"
    )]
    Overrun {
        /// Who billed it.
        provider: String,
        /// For which model.
        model: String,
        /// For which task.
        task: String,
        /// What had been set aside.
        bound: Picodollars,
        /// What was billed.
        cost: Picodollars,
    },
    /// The ledger cannot be written.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Money that is set aside for a call. Dropped without being settled, it is booked as spent in full and the task as cancelled: a call
/// that nobody waits for any more is paid all the same.
#[derive(Debug)]
pub struct Reservation {
    id: String,
    bound: Picodollars,
    may_be_made: bool,
    commands: Option<mpsc::UnboundedSender<Command>>,
}

impl Reservation {
    pub(super) fn new(
        id: String,
        bound: Picodollars,
        commands: mpsc::UnboundedSender<Command>,
    ) -> Self {
        Reservation {
            id,
            bound,
            may_be_made: false,
            commands: Some(commands),
        }
    }

    /// What was set aside.
    #[must_use]
    pub fn bound(&self) -> Picodollars {
        self.bound
    }

    /// Lets go of it without booking it, and says whose it was.
    pub(super) fn forget(mut self) -> String {
        self.commands = None;
        std::mem::take(&mut self.id)
    }

    /// It has come to whoever asked for it, who may make the call from now on.
    pub(super) fn handed_out(mut self) -> Self {
        self.may_be_made = true;
        self
    }

    /// Sets another sum aside instead, for the next try of the same task: `bound` is what is spent so far and what the try can cost at
    /// most, the outcome its row as it now stands. Durable on return. The money stays with the day that the first try began on.
    /// Where a limit does not reach, what was set aside before stays so.
    ///
    /// # Errors
    /// A limit does not reach, the model is held back for an overrun, or the file cannot be written.
    pub async fn extend(&mut self, to: Begin) -> Result<(), BeginError> {
        let commands = self.commands.as_ref().ok_or(Error::Closed)?;
        let until = Instant::now() + PATIENCE;
        let (bound, mut to) = (to.bound, Box::new(to));
        loop {
            let (reply, answer) = oneshot::channel();
            let id = self.id.clone();
            commands
                .send(Command::Extend { id, to, reply })
                .map_err(|_| Error::Closed)?;
            let refused = match answer.await.map_err(|_| Error::Closed)? {
                Ok(()) => {
                    self.bound = bound;
                    return Ok(());
                }
                Err(refused) => refused,
            };
            let Some(again) = refused.again.filter(|_| Instant::now() < until) else {
                return Err(refused.why);
            };
            to = again;
            tokio::time::sleep(STEP).await;
        }
    }

    /// Books what the call cost, with the task's row at its end and what is learned from it. It is handed over before this returns, and
    /// cannot be called back; the future ends when it is committed.
    ///
    /// # Errors
    /// The file cannot be written. The row then stays `started`, and recovery books the bound.
    pub fn settle(
        mut self,
        outcome: Outcome,
        cost: Picodollars,
        feedback: Option<Feedback>,
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        let (reply, answer) = oneshot::channel();
        let handed = self.commands.take().is_some_and(|commands| {
            commands
                .send(Command::Settle {
                    id: std::mem::take(&mut self.id),
                    outcome: Box::new(outcome),
                    cost,
                    feedback,
                    reply,
                })
                .is_ok()
        });
        async move {
            if !handed {
                return Err(Error::Closed);
            }
            answer.await.map_err(|_| Error::Closed)?
        }
    }
}

impl Reservation {
    /// Gives it up as dropping does, with what is known of the task until then: its hops, reasons and durations.
    pub fn abandon(mut self, known: Outcome) {
        self.give_up(Some(Box::new(known)));
    }

    fn give_up(&mut self, known: Option<Box<Outcome>>) {
        if let Some(commands) = self.commands.take() {
            // Where the writer has gone, the row stays `started` and the next process's recovery books it.
            let _ = commands.send(Command::Abandon {
                id: std::mem::take(&mut self.id),
                was_made: self.may_be_made,
                known,
            });
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.give_up(None);
    }
}
