//! Runs the components: one engine, a pre-linked instance of each, limits on every call.
//!
//! The booster reads hostile source text, so each call has a fresh store. The classifier and the policy are warm, each in a
//! store of its own, because a trap ruins its whole store. Whatever a guest does, the caller gets an answer or a [`Fault`]
//! within the deadline: there is no panic and no hang on this path.
//!
//! This module knows nothing of tiers' models, money, providers or storage.

mod components;
mod engine;
mod error;
mod guard;
mod measurement;
mod policy;
mod pool;
mod spares;

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};

pub use components::{Available, ComponentError, Name};
pub use error::BoosterError;
pub use guard::Fault;
pub use measurement::WarmBooster;
pub use policy::{Policy, Restored};

use crate::wit::{
    Assessment, AssumptionInfo, BoosterComponent, BoosterComponentPre, ClassifierComponent,
    ClassifierComponentPre, Opportunity, Options, RouterComponentPre, Settings, SourceFile, Task,
    TransformInfo, Transformation,
};
use components::Loader;
use guard::{Guest, Permits, Ticker};
use spares::{Maker, Spares};

/// What guests may use, and which component files replace the embedded ones.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// How long one booster call may take. Default 2 s: a megabyte of source takes some 50 ms.
    pub booster_deadline: Duration,
    /// How long one classifier or policy call may take. Default 250 ms; usual are 10 µs.
    pub decision_deadline: Duration,
    /// The linear memory that one guest may have, in bytes. Default 256 MiB: a syntax tree takes up to a hundred times its text.
    pub memory: usize,
    /// The longest source text that the booster is given, in bytes. Default 2 MiB: larger files are generated ones.
    pub max_input: usize,
    /// A component file that takes the embedded classifier's place.
    pub classifier: Option<PathBuf>,
    /// A component file that takes the embedded router's place.
    pub router: Option<PathBuf>,
    /// A component file that takes the embedded booster's place.
    pub booster: Option<PathBuf>,
    /// Whether a thread makes the booster's next instance behind each answer. Default no: who transforms text after text, without a pause,
    /// only gets in the thread's way. A [`Host`](crate::Host) does.
    pub spares: bool,
    /// A private folder for compiled forms of such files; without one they are compiled at each start.
    pub cache: Option<PathBuf>,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        RuntimeConfig {
            booster_deadline: Duration::from_secs(2),
            decision_deadline: Duration::from_millis(250),
            memory: 256 << 20,
            max_input: 2 << 20,
            classifier: None,
            router: None,
            booster: None,
            spares: false,
            cache: None,
        }
    }
}

/// The components, ready to be called. Each is loaded at its first use, or by [`Runtime::load_all`].
pub struct Runtime {
    engine: Engine,
    linker: Linker<Guest>,
    loader: Loader,
    config: RuntimeConfig,
    pooled: bool,
    permits: Permits,
    classifier: OnceLock<ClassifierComponentPre<Guest>>,
    router: OnceLock<RouterComponentPre<Guest>>,
    booster: OnceLock<BoosterComponentPre<Guest>>,
    spares: OnceLock<Spares>,
    warm_classifier: Mutex<Option<(Store<Guest>, ClassifierComponent)>>,
    _ticker: Ticker,
}

/// Above this linear memory, in bytes, a warm classifier is replaced by a fresh one: memory never shrinks by itself.
const WARM_MARK: usize = 32 << 20;

impl Runtime {
    /// Sets up the engine. Components named by path are read and checked here, so that a broken one is refused at start.
    ///
    /// # Errors
    /// A component file that cannot be read, is no component, or does not fit the contract.
    pub fn new(config: RuntimeConfig) -> Result<Runtime, ComponentError> {
        // Instances alive at once: a booster call on every core and as many on the blocking pool, beside the two warm guests
        // with a successor each and the booster's spares. One more call waits for a permit, because an exhausted pool is an error and
        // not a queue.
        let cores = std::thread::available_parallelism().map_or(4, std::num::NonZero::get);
        let calls = u32::try_from(cores.saturating_mul(2))
            .unwrap_or(u32::MAX)
            .clamp(4, 256);
        let (engine, pooled) = pool::start_engine(calls + 4 + spares::INSTANCES, config.memory)?;
        let runtime = Runtime {
            linker: Linker::new(&engine),
            loader: Loader::new(&config),
            pooled,
            permits: Permits::new(calls),
            classifier: OnceLock::new(),
            router: OnceLock::new(),
            booster: OnceLock::new(),
            spares: OnceLock::new(),
            warm_classifier: Mutex::new(None),
            _ticker: Ticker::start(&engine)?,
            engine,
            config,
        };
        for name in Name::ALL {
            if runtime.loader.is_replaced(name) {
                runtime.load(name)?;
            }
        }
        Ok(runtime)
    }

    /// Loads every component now instead of at its first use.
    ///
    /// # Errors
    /// As [`Runtime::new`], for the embedded ones too.
    pub fn load_all(&self) -> Result<(), ComponentError> {
        Name::ALL.into_iter().try_for_each(|name| self.load(name))
    }

    fn load(&self, name: Name) -> Result<(), ComponentError> {
        match name {
            Name::Classifier => self.classifier_pre().map(drop),
            Name::Router => self.router_pre().map(drop),
            Name::Booster => self.booster_pre().map(drop),
        }
    }

    /// The components in use, for people: where each comes from, its size, checksum and WIT.
    ///
    /// # Errors
    /// A component file that has become unreadable since the start.
    pub fn components(&self) -> Result<Vec<Available>, ComponentError> {
        Name::ALL
            .into_iter()
            .map(|name| self.loader.describe(name))
            .collect()
    }

    /// What a fault comes to where the host cannot go on without the component: its name, where it is from and what to do stand beside it.
    #[must_use]
    pub fn failed(&self, name: Name, fault: Fault) -> ComponentError {
        self.loader.failed(name, fault)
    }

    /// Whether instances come from a pool. They do not where the machine cannot reserve the address space for it; calls then
    /// take some 50 µs longer.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.pooled
    }

    /// The limits and replacements it was made with.
    #[must_use]
    pub fn config(&self) -> &RuntimeConfig {
        &self.config
    }

    /// Says what a task is, by the warm classifier.
    ///
    /// # Errors
    /// The guest trapped, ran out of memory or time, or broke the contract. The next call has a fresh guest.
    pub fn classify(&self, task: &Task) -> Result<Assessment, Fault> {
        let mut slot = self
            .warm_classifier
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Taken out for the call: whatever goes wrong in between, what is left behind is an empty slot and not a ruined store.
        let (mut store, guest) = match slot.take() {
            Some(warm) => warm,
            None => {
                let pre = self.classifier_pre()?;
                let mut store = guard::store(
                    &self.engine,
                    self.config.memory,
                    self.config.decision_deadline,
                );
                let guest = pre
                    .instantiate(&mut store)
                    .map_err(|e| guard::fault(&store, &e))?;
                (store, guest)
            }
        };
        guard::arm(&mut store, self.config.decision_deadline);
        let assessment = guest
            .tinydancer_routing_classifier()
            .call_classify(&mut store, task)
            .map_err(|e| guard::fault(&store, &e))?;
        if store.data().memory() <= WARM_MARK {
            *slot = Some((store, guest));
        }
        guard::check_classification(&assessment.classification)?;
        Ok(assessment)
    }

    /// A policy in a store of its own, which goes on from a snapshot if there is one.
    ///
    /// # Errors
    /// As [`Runtime::classify`].
    pub fn policy(
        &self,
        settings: Settings,
        snapshot: Option<Vec<u8>>,
    ) -> Result<(Policy, Restored), Fault> {
        Policy::new(
            self.engine.clone(),
            self.router_pre()?.clone(),
            settings,
            snapshot,
            (self.config.memory, self.config.decision_deadline),
        )
    }

    /// The transforms that there are, in the order of preference for a task that carries only code.
    ///
    /// # Errors
    /// As [`Runtime::classify`].
    pub fn transforms(&self) -> Result<Vec<TransformInfo>, Fault> {
        self.with_booster(|guest, store| guest.tinydancer_routing_booster().call_transforms(store))
    }

    /// What callers can vouch for.
    ///
    /// # Errors
    /// As [`Runtime::classify`].
    pub fn assumptions(&self) -> Result<Vec<AssumptionInfo>, Fault> {
        self.with_booster(|guest, store| guest.tinydancer_routing_booster().call_assumptions(store))
    }

    /// Which transforms find something to do.
    ///
    /// # Errors
    /// A text that is too long or that the booster refuses, or a fault of the guest's.
    pub fn detect(
        &self,
        file: &SourceFile,
        options: &Options,
    ) -> Result<Vec<Opportunity>, BoosterError> {
        self.check_size(file)?;
        self.with_booster(|guest, store| {
            guest
                .tinydancer_routing_booster()
                .call_detect(store, file, options)
        })?
        .map_err(BoosterError::Refused)
    }

    /// Does one or several transforms, in a fresh instance.
    ///
    /// # Errors
    /// A text that is too long or that the booster refuses, or a fault of the guest's.
    pub fn transform(
        &self,
        file: &SourceFile,
        names: &[String],
        options: &Options,
    ) -> Result<Transformation, BoosterError> {
        self.check_size(file)?;
        self.with_booster(|guest, store| {
            guest
                .tinydancer_routing_booster()
                .call_transform(store, file, names, options)
        })?
        .map_err(BoosterError::Refused)
    }

    fn check_size(&self, file: &SourceFile) -> Result<(), BoosterError> {
        let (bytes, limit) = (file.text.len(), self.config.max_input);
        if bytes > limit {
            Err(BoosterError::TooLarge { bytes, limit })
        } else {
            Ok(())
        }
    }

    fn with_booster<T>(
        &self,
        call: impl FnOnce(&BoosterComponent, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        let spares = self.spares()?;
        let _permit = self.permits.take();
        let (mut store, guest) = spares.take()?;
        let answer = call(&guest, &mut store).map_err(|e| guard::fault(&store, &e));
        spares.give_back(store);
        answer
    }

    /// The booster's fresh instances. Two threads that come at once both start a keeper, and one of the two ends at once.
    fn spares(&self) -> Result<&Spares, Fault> {
        if let Some(spares) = self.spares.get() {
            return Ok(spares);
        }
        let maker = Maker {
            engine: self.engine.clone(),
            pre: self.booster_pre()?.clone(),
            memory: self.config.memory,
            deadline: self.config.booster_deadline,
        };
        Ok(self
            .spares
            .get_or_init(|| Spares::new(maker, self.config.spares)))
    }

    fn classifier_pre(&self) -> Result<&ClassifierComponentPre<Guest>, ComponentError> {
        self.prepared(
            &self.classifier,
            Name::Classifier,
            ClassifierComponentPre::new,
        )
    }

    fn router_pre(&self) -> Result<&RouterComponentPre<Guest>, ComponentError> {
        self.prepared(&self.router, Name::Router, RouterComponentPre::new)
    }

    fn booster_pre(&self) -> Result<&BoosterComponentPre<Guest>, ComponentError> {
        self.prepared(&self.booster, Name::Booster, BoosterComponentPre::new)
    }

    /// The pre-linked form of a component, loaded at the first call. Two threads that come at once both load it, and one of the
    /// two results is dropped: cheaper than a lock on every call.
    fn prepared<'a, T>(
        &self,
        cell: &'a OnceLock<T>,
        name: Name,
        pre: impl FnOnce(InstancePre<Guest>) -> wasmtime::Result<T>,
    ) -> Result<&'a T, ComponentError> {
        if let Some(ready) = cell.get() {
            return Ok(ready);
        }
        let component: Component = self.loader.load(name, &self.engine)?;
        let ready = self
            .linker
            .instantiate_pre(&component)
            .and_then(pre)
            .map_err(|e| self.loader.misfit(name, &e))?;
        Ok(cell.get_or_init(|| ready))
    }
}
