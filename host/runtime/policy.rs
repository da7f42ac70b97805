//! The policy: a resource in a warm instance, rebuilt from its last snapshot and what it learned since when its guest fails.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wasmtime::component::ResourceAny;
use wasmtime::{Engine, Store};

use super::guard::{self, Fault, Guest};
use crate::wit::{
    Classification, Decision, Denial, Feedback, Limits, RouterComponent, RouterComponentPre,
    Settings, SnapshotError,
};

/// What became of the snapshot that a policy was to start from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Restored {
    /// There was none.
    Fresh,
    /// The policy goes on from it.
    FromSnapshot,
    /// The router did not take it, for this reason; the policy has learned nothing yet.
    Refused(SnapshotError),
}

/// A decision rule with what it has learned. Calls queue: one policy is one guest.
pub struct Policy {
    engine: Engine,
    pre: RouterComponentPre<Guest>,
    settings: Settings,
    memory: usize,
    deadline: Duration,
    state: Mutex<State>,
}

struct State {
    /// None after a fault, until the next call rebuilds it.
    guest: Option<Running>,
    /// What a rebuild starts from.
    base: Option<Vec<u8>>,
    /// What was learned since, in order.
    since: Vec<Feedback>,
}

struct Running {
    store: Store<Guest>,
    component: RouterComponent,
    policy: ResourceAny,
}

/// After so many pieces of feedback the base is renewed, so that a rebuild stays within a few milliseconds. Where the guest writes no snapshot, the pieces
/// are kept, and a rebuild takes as long as they are many.
const REBASE_AFTER: usize = 512;

impl Policy {
    pub(super) fn new(
        engine: Engine,
        pre: RouterComponentPre<Guest>,
        settings: Settings,
        snapshot: Option<Vec<u8>>,
        (memory, deadline): (usize, Duration),
    ) -> Result<(Policy, Restored), Fault> {
        let state = State {
            guest: None,
            base: snapshot,
            since: Vec::new(),
        };
        let policy = Policy {
            engine,
            pre,
            settings,
            memory,
            deadline,
            state: Mutex::new(state),
        };
        let mut state = policy.lock();
        let (running, restored) = policy.start(state.base.as_deref())?;
        if let Restored::Refused(_) = restored {
            state.base = None;
        }
        state.guest = Some(running);
        drop(state);
        Ok((policy, restored))
    }

    /// Where a task goes. The outer result is the guest's health, the inner one its answer.
    ///
    /// # Errors
    /// A fault of the guest's; the next call has a rebuilt one.
    pub fn decide(
        &self,
        classification: &Classification,
        limits: &Limits,
    ) -> Result<Result<Decision, Denial>, Fault> {
        let decided = self.with_guest(&mut self.lock(), |running| {
            running
                .component
                .tinydancer_routing_router()
                .policy()
                .call_decide(&mut running.store, running.policy, classification, limits)
        })?;
        if let Ok(decision) = &decided {
            guard::check_decision(decision)?;
        }
        Ok(decided)
    }

    /// Takes in what came of a task.
    ///
    /// # Errors
    /// A fault of the guest's; the policy then goes on without this piece of feedback.
    pub fn learn(&self, feedback: Feedback) -> Result<(), Fault> {
        let mut state = self.lock();
        self.with_guest(&mut state, |running| {
            running
                .component
                .tinydancer_routing_router()
                .policy()
                .call_learn(&mut running.store, running.policy, &feedback)
        })?;
        state.since.push(feedback);
        if state.since.len().is_multiple_of(REBASE_AFTER) {
            match self.take_snapshot(&mut state) {
                Ok(base) => {
                    state.base = Some(base);
                    state.since.clear();
                }
                // All is learned; only a rebuild takes longer.
                Err(fault) => tracing::warn!(
                    reason = fault.code(),
                    "the router wrote no snapshot to be rebuilt from"
                ),
            }
        }
        Ok(())
    }

    /// Goes on as another policy of the same router and settings.
    pub(crate) fn go_on_as(&self, other: Policy) {
        let state = other.state.into_inner();
        *self.lock() = state.unwrap_or_else(PoisonError::into_inner);
    }

    /// What it has learned, in the router's own form.
    ///
    /// # Errors
    /// A fault of the guest's.
    pub fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        self.take_snapshot(&mut self.lock())
    }

    /// How many pieces of feedback it has learned from.
    ///
    /// # Errors
    /// A fault of the guest's.
    pub fn learned(&self) -> Result<u64, Fault> {
        self.with_guest(&mut self.lock(), |running| {
            running
                .component
                .tinydancer_routing_router()
                .policy()
                .call_learned(&mut running.store, running.policy)
        })
    }

    fn take_snapshot(&self, state: &mut State) -> Result<Vec<u8>, Fault> {
        self.with_guest(state, |running| {
            running
                .component
                .tinydancer_routing_router()
                .policy()
                .call_snapshot(&mut running.store, running.policy)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the guest, rebuilding it first if the last call ruined it.
    fn with_guest<T>(
        &self,
        state: &mut State,
        call: impl FnOnce(&mut Running) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let mut running = match state.guest.take() {
            Some(running) => running,
            None => self.rebuild(state)?,
        };
        guard::arm(&mut running.store, self.deadline);
        let answer = call(&mut running).map_err(|e| guard::fault(&running.store, &e))?;
        state.guest = Some(running);
        Ok(answer)
    }

    fn rebuild(&self, state: &State) -> Result<Running, Fault> {
        let (mut running, _) = self.start(state.base.as_deref())?;
        for feedback in &state.since {
            guard::arm(&mut running.store, self.deadline);
            running
                .component
                .tinydancer_routing_router()
                .policy()
                .call_learn(&mut running.store, running.policy, feedback)
                .map_err(|e| guard::fault(&running.store, &e))?;
        }
        Ok(running)
    }

    fn start(&self, snapshot: Option<&[u8]>) -> Result<(Running, Restored), Fault> {
        let mut store = guard::store(&self.engine, self.memory, self.deadline);
        let component = self
            .pre
            .instantiate(&mut store)
            .map_err(|e| guard::fault(&store, &e))?;
        let calls = component.tinydancer_routing_router().policy();
        let restored = match snapshot {
            None => Ok(None),
            Some(bytes) => calls
                .call_restore(&mut store, &self.settings, bytes)
                .map(Some),
        };
        let (policy, restored) = match restored.map_err(|e| guard::fault(&store, &e))? {
            Some(Ok(policy)) => (policy, Restored::FromSnapshot),
            other => {
                let policy = calls
                    .call_constructor(&mut store, &self.settings)
                    .map_err(|e| guard::fault(&store, &e))?;
                (
                    policy,
                    other.map_or(Restored::Fresh, |refused| {
                        refused.map_or_else(Restored::Refused, |_| Restored::Fresh)
                    }),
                )
            }
        };
        Ok((
            Running {
                store,
                component,
                policy,
            },
            restored,
        ))
    }
}
