//! Fresh instances of the booster, made ahead of the calls that use them up.
//!
//! Every call has an instance that no call had before. Making one, and above all putting back the memory of one that was used, takes
//! tens of microseconds that nobody needs to wait for: a thread of its own does both behind the answers. Where it does not
//! keep up, a call makes its own instance and drops it, as if there were no such thread.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, Store};

use super::guard::{self, Guest};
use crate::wit::{BoosterComponent, BoosterComponentPre};

/// How many instances wait for a call.
const READY: usize = 2;
/// How many used ones wait for the thread.
const USED: usize = 2;

/// The instances of the pool that are in no call's hands: those that wait, on either side, and the one that the thread has.
pub(super) const INSTANCES: u32 = (READY + USED + 1) as u32;

/// An instance and its store.
pub(super) type Instance = (Store<Guest>, BoosterComponent);

/// What makes instances: an engine, a component and the limits of every call.
pub(super) struct Maker {
    pub(super) engine: Engine,
    pub(super) pre: BoosterComponentPre<Guest>,
    pub(super) memory: usize,
    pub(super) deadline: Duration,
}

impl Maker {
    /// Makes an instance now.
    pub(super) fn make(&self) -> Result<Instance, guard::Fault> {
        let mut store = guard::store(&self.engine, self.memory, self.deadline);
        let guest = self
            .pre
            .instantiate(&mut store)
            .map_err(|e| guard::fault(&store, &e))?;
        Ok((store, guest))
    }
}

/// Instances that wait for a call, and the way back for used ones.
pub(super) struct Spares {
    maker: Arc<Maker>,
    ready: Arc<Mutex<Vec<Instance>>>,
    used: Option<SyncSender<Store<Guest>>>,
}

impl Spares {
    /// Starts the thread, if it is wanted. Without one, each call makes its own instance.
    pub(super) fn new(maker: Maker, wanted: bool) -> Spares {
        let maker = Arc::new(maker);
        let ready = Arc::new(Mutex::new(Vec::with_capacity(READY)));
        if !wanted {
            return Spares {
                maker,
                ready,
                used: None,
            };
        }
        let (used, returned) = sync_channel(USED);
        let (own, own_ready) = (Arc::clone(&maker), Arc::clone(&ready));
        let started = thread::Builder::new()
            .name("tinydancer-spares".into())
            .stack_size(256 << 10)
            .spawn(move || keep(&own, &own_ready, &returned));
        Spares {
            maker,
            ready,
            used: started.is_ok().then_some(used),
        }
    }

    /// An instance that no call had before.
    pub(super) fn take(&self) -> Result<Instance, guard::Fault> {
        let ready = self
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match ready {
            Some(mut instance) => {
                guard::arm(&mut instance.0, self.maker.deadline);
                Ok(instance)
            }
            None => self.maker.make(),
        }
    }

    /// Takes back a store that is done with; it is dropped, here where the thread has enough to do.
    pub(super) fn give_back(&self, used: Store<Guest>) {
        if let Some(thread) = &self.used {
            // Both ways that it can fail hand the store back, and drop it.
            let _ = thread.try_send(used);
        }
    }
}

/// Drops what is used and makes what is missing, until nobody can give anything back any more.
fn keep(maker: &Maker, ready: &Mutex<Vec<Instance>>, returned: &Receiver<Store<Guest>>) {
    while let Ok(used) = returned.recv() {
        drop(used);
        let lock = || ready.lock().unwrap_or_else(PoisonError::into_inner);
        while lock().len() < READY {
            // A component that does not start says so to the call that needs it.
            let Ok(instance) = maker.make() else { break };
            lock().push(instance);
        }
    }
}
