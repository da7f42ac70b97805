//! The component's skin: a policy behind a cell, because the interface's methods share it.

use std::cell::RefCell;

use crate::wit::{self, exports::tinydancer::routing::router as interface};

struct Router;

struct Policy(RefCell<crate::Policy>);

impl interface::Guest for Router {
    type Policy = Policy;
}

impl interface::GuestPolicy for Policy {
    fn new(settings: interface::Settings) -> Policy {
        Policy(RefCell::new(crate::Policy::new(&settings)))
    }

    fn restore(
        settings: interface::Settings,
        snapshot: Vec<u8>,
    ) -> Result<interface::Policy, interface::SnapshotError> {
        let policy = crate::Policy::restore(&settings, &snapshot)?;
        Ok(interface::Policy::new(Policy(RefCell::new(policy))))
    }

    fn decide(
        &self,
        classification: interface::Classification,
        limits: interface::Limits,
    ) -> Result<interface::Decision, interface::Denial> {
        self.0.borrow().decide(&classification, &limits)
    }

    fn learn(&self, feedback: interface::Feedback) {
        self.0.borrow_mut().learn(&feedback);
    }

    fn learned(&self) -> u64 {
        self.0.borrow().learned()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.borrow().snapshot()
    }
}

wit::export!(Router with_types_in wit);
