//! What keeps a guest within its limits, and what is made of one that leaves them.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, Trap, UpdateDeadline};

use super::ComponentError;
use crate::wit::{Classification, Decision};

/// Why a guest gave no answer. None of them is the caller's fault, and none reaches a user as an error: the task goes on at
/// another tier, with [`Fault::code`] as the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The guest trapped: it panicked, overflowed its stack, or read outside its memory.
    #[error("the component stopped itself: {0}")]
    Trap(String),
    /// The guest did not end in time.
    #[error(
        "the component did not answer within its deadline: `runtime.booster_deadline_ms` (for classifier and router `runtime.decision_deadline_ms`) in the configuration raises it"
    )]
    Deadline,
    /// The guest asked for more memory than it may have.
    #[error(
        "the component asked for more memory than the limit: `runtime.memory` in the configuration, in bytes, raises it"
    )]
    OutOfMemory,
    /// The guest answered, outside of what the contract allows.
    #[error("the component broke its contract: {0}")]
    Contract(String),
    /// The component could not be loaded.
    #[error("the component could not be loaded: {0}")]
    Load(ComponentError),
}

impl Fault {
    /// The reason as a code, as it stands in outcomes and replies.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Trap(_) => "guest-trap",
            Fault::Deadline => "guest-deadline",
            Fault::OutOfMemory => "guest-oom",
            Fault::Contract(_) => "guest-contract",
            Fault::Load(_) => "guest-load",
        }
    }
}

impl From<ComponentError> for Fault {
    fn from(error: ComponentError) -> Self {
        Fault::Load(error)
    }
}

/// What the host keeps beside a running guest.
pub(crate) struct Guest {
    limit: usize,
    memory: usize,
    denied: bool,
    /// Half of the deadline, in ticks of the engine.
    half: u64,
    /// How many halves are over.
    halves: u32,
    /// What the thread had used of a processor when the first half was over.
    used: Option<Duration>,
}

impl Guest {
    /// A half of the deadline is over.
    fn half_is_over(&mut self) -> UpdateDeadline {
        self.halves += 1;
        let now = processor_time();
        if self.halves == 1 {
            self.used = now;
            return UpdateDeadline::Continue(self.half);
        }
        let used = now
            .zip(self.used)
            .map(|(now, then)| now.saturating_sub(then));
        let half = TICK.saturating_mul(u32::try_from(self.half).unwrap_or(u32::MAX));
        if is_starved(self.halves, used, half) {
            UpdateDeadline::Continue(self.half)
        } else {
            UpdateDeadline::Interrupt
        }
    }

    /// How large its linear memory has become, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }
}

impl ResourceLimiter for Guest {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The guest sees a failed growth and then gives up by a trap of its own making; the flag tells that trap from others.
        let granted = desired <= self.limit;
        if granted {
            self.memory = desired;
        } else {
            self.denied = true;
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE)
    }
}

/// Entries that a table may have. The booster's table of indirect calls has 132.
pub(super) const TABLE: usize = 20_000;

/// Whether a guest whose deadline is over has hardly had a processor since the first half of it: on a machine with too much to do that is
/// no fault of the guest's. `used` is what it had of one since, where the system tells. After ten deadlines it is over anyway.
fn is_starved(halves: u32, used: Option<Duration>, half: Duration) -> bool {
    halves < 20 && used.is_some_and(|used| used < half / 2)
}

/// What the calling thread has used of a processor; none where the system does not tell.
fn processor_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the pointer is to a live value of the type that the call writes.
        let done = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        let seconds = u64::try_from(time.tv_sec).ok()?;
        let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
        (done == 0).then(|| Duration::new(seconds, nanoseconds))
    }
    #[cfg(not(unix))]
    None
}

/// A store for one guest, within its limits.
pub(super) fn store(engine: &Engine, memory: usize, deadline: Duration) -> Store<Guest> {
    let guest = Guest {
        limit: memory,
        memory: 0,
        denied: false,
        half: 0,
        halves: 0,
        used: None,
    };
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| guest);
    store.epoch_deadline_callback(|mut store| Ok(store.data_mut().half_is_over()));
    arm(&mut store, deadline);
    store
}

/// Starts the deadline anew. A warm store needs it before every call, or it would inherit what the last call left over.
pub(super) fn arm(store: &mut Store<Guest>, deadline: Duration) {
    let ticks = (deadline / 2).as_nanos().div_ceil(TICK.as_nanos()) + 1;
    let half = u64::try_from(ticks).unwrap_or(u64::MAX / 4);
    let guest = store.data_mut();
    (guest.half, guest.halves) = (half, 0);
    store.set_epoch_deadline(half);
}

/// What an error of wasmtime's means. Its words are wasmtime's own and hold nothing of the guest's data.
pub(super) fn fault(store: &Store<Guest>, error: &wasmtime::Error) -> Fault {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Fault::Deadline,
        _ if store.data().denied => Fault::OutOfMemory,
        Some(trap) => Fault::Trap(trap.to_string()),
        None => Fault::Trap(error.root_cause().to_string()),
    }
}

/// Ranges that the contract states in words and WIT's types do not hold.
pub(super) fn check_classification(found: &Classification) -> Result<(), Fault> {
    let features = &found.features;
    // Looked at to the end, as there are no branches then.
    let pairs = features.indices.windows(2);
    let ascending = pairs.fold(true, |all, pair| all & (pair[0] < pair[1]));
    if found.complexity > 100 {
        Err(Fault::Contract(format!(
            "complexity {} is above 100",
            found.complexity
        )))
    } else if features.indices.len() != features.values.len() || !ascending {
        Err(Fault::Contract(
            "the features' indices do not ascend, or do not pair with the values".into(),
        ))
    } else {
        Ok(())
    }
}

/// The same for a decision.
pub(super) fn check_decision(made: &Decision) -> Result<(), Fault> {
    let share = |name: &str, value: f32| {
        if (0.0..=1.0).contains(&value) {
            Ok(())
        } else {
            Err(Fault::Contract(format!(
                "{name} {value} is not within 0 and 1"
            )))
        }
    };
    if made.tier > 4 {
        return Err(Fault::Contract(format!("there is no tier {}", made.tier)));
    }
    share("confidence", made.confidence)?;
    share("uncertainty", made.uncertainty)?;
    share("propensity", made.propensity)
}

/// The grain of deadlines.
const TICK: Duration = Duration::from_millis(5);

/// Advances the engine's epoch for as long as the engine lives.
pub(super) struct Ticker;

impl Ticker {
    /// Starts the thread. It holds the engine weakly and ends by itself once the engine is gone.
    ///
    /// # Errors
    /// The system starts no further thread: without it deadlines would never come.
    pub(super) fn start(engine: &Engine) -> Result<Ticker, ComponentError> {
        let engine = engine.weak();
        let spawned = thread::Builder::new()
            .name("tinydancer-epoch".into())
            .stack_size(64 << 10)
            .spawn(move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    thread::sleep(TICK);
                }
            });
        spawned.map_err(|e| {
            ComponentError::Engine(format!("no thread starts for the deadlines: {e}"))
        })?;
        Ok(Ticker)
    }
}

/// As many permits as the pool has room for; taking one waits for it.
pub(super) struct Permits {
    free: Mutex<u32>,
    returned: Condvar,
}

/// A place in the pool, given back when dropped.
pub(super) struct Permit<'a>(&'a Permits);

impl Permits {
    pub(super) fn new(count: u32) -> Permits {
        Permits {
            free: Mutex::new(count),
            returned: Condvar::new(),
        }
    }

    pub(super) fn take(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .returned
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_longer_only_for_a_guest_that_hardly_had_a_processor() {
        let half = Duration::from_millis(100);
        let used = |milliseconds| Some(Duration::from_millis(milliseconds));
        assert!(is_starved(2, used(3), half));
        assert!(!is_starved(2, used(97), half));
        assert!(!is_starved(5, used(50), half));
        assert!(!is_starved(20, used(3), half), "never without an end");
        assert!(!is_starved(2, None, half), "where nobody can tell");
    }

    #[cfg(unix)]
    #[test]
    fn a_thread_that_works_uses_a_processor_and_one_that_sleeps_does_not() {
        let before = processor_time().expect("the system tells");
        thread::sleep(Duration::from_millis(60));
        let slept = processor_time().expect("the system tells") - before;
        let mut value = 1_u64;
        while processor_time().expect("the system tells") - before
            < slept + Duration::from_millis(5)
        {
            value = std::hint::black_box(value.wrapping_mul(3));
        }
        assert!(slept < Duration::from_millis(60));
    }
}
