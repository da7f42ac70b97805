//! The router: which tier does a task, and how what came of earlier ones changes that.
//!
//! A prior says from the complexity alone how good each tier's answer would be. A learner corrects it per tier, and acts only for kinds of
//! task where its corrections have been the better forecast so far. The cheapest tier that is expected to be good enough is taken.
//! It reads no text, knows no model and no price beyond the settings, and draws no random number.

#[cfg(target_arch = "wasm32")]
mod component;
// Linked for its allocator.
use tinydancer_memory as _;
mod decide;
mod explore;
mod learner;
mod limits;
mod prior;
mod snapshot;
mod wit;
mod words;

pub use decide::Policy;
pub use wit::exports::tinydancer::routing::router::{Denial, Settings, SnapshotError};
pub use wit::tinydancer::routing::types::{
    Classification, Decision, Estimate, Features, Feedback, Level, Limits, TierPrice,
};
