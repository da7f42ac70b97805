//! What measurements call: instances whose cost is looked at by itself. No task goes this way.

use std::time::Duration;

use wasmtime::Store;

use super::guard::{self, Guest, Permit};
use super::{BoosterError, Fault, Name, Runtime};
use crate::wit::{BoosterComponent, Options, SourceFile, Transformation};

/// One instance of the booster for measurements: see [`Runtime::warm_booster`].
pub struct WarmBooster<'a> {
    store: Store<Guest>,
    guest: BoosterComponent,
    deadline: Duration,
    _permit: Permit<'a>,
}

impl WarmBooster<'_> {
    /// Does one or several transforms in this instance.
    ///
    /// # Errors
    /// A text that the booster refuses, or a fault of the guest's, which ruins the instance.
    pub fn transform(
        &mut self,
        file: &SourceFile,
        names: &[String],
        options: &Options,
    ) -> Result<Transformation, BoosterError> {
        guard::arm(&mut self.store, self.deadline);
        self.guest
            .tinydancer_routing_booster()
            .call_transform(&mut self.store, file, names, options)
            .map_err(|e| guard::fault(&self.store, &e))?
            .map_err(BoosterError::Refused)
    }
}

impl Runtime {
    /// An instance of the booster that is called again and again, to measure what a fresh one costs beside it. No task goes through it:
    /// source text is hostile, and what one text does to a memory must not meet the next one.
    ///
    /// # Errors
    /// The component cannot be loaded or started.
    pub fn warm_booster(&self) -> Result<WarmBooster<'_>, Fault> {
        let permit = self.permits.take();
        let mut store = guard::store(
            &self.engine,
            self.config.memory,
            self.config.booster_deadline,
        );
        let guest = self
            .booster_pre()?
            .instantiate(&mut store)
            .map_err(|e| guard::fault(&store, &e))?;
        Ok(WarmBooster {
            store,
            guest,
            deadline: self.config.booster_deadline,
            _permit: permit,
        })
    }

    /// Makes an instance of a component and drops it: what a fresh call costs before its work begins.
    ///
    /// # Errors
    /// The component cannot be loaded or started.
    pub fn instantiate(&self, name: Name) -> Result<(), Fault> {
        let _permit = self.permits.take();
        let mut store = guard::store(
            &self.engine,
            self.config.memory,
            self.config.decision_deadline,
        );
        let made = match name {
            Name::Classifier => self.classifier_pre()?.instantiate(&mut store).map(drop),
            Name::Router => self.router_pre()?.instantiate(&mut store).map(drop),
            Name::Booster => self.booster_pre()?.instantiate(&mut store).map(drop),
        };
        made.map_err(|e| guard::fault(&store, &e))
    }
}
