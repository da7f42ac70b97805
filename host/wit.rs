//! The generated bindings of the contract, one world for each component, over one set of shared types.
//!
//! The only place with generated code, and the only module that may name it; the rest of the host uses what is re-exported.

use crate::tier::Tier;

/// The classifier's world; it also holds the shared types.
mod classifier_world {
    #![allow(
        missing_docs,
        clippy::allow_attributes,
        reason = "generated; the WIT package documents every item"
    )]
    wasmtime::component::bindgen!({ path: "wit", world: "classifier-component", additional_derives: [PartialEq] });
}

/// The router's world.
mod router_world {
    #![allow(
        missing_docs,
        clippy::allow_attributes,
        reason = "generated; the WIT package documents every item"
    )]
    wasmtime::component::bindgen!({
        path: "wit",
        world: "router-component",
        additional_derives: [PartialEq],
        with: { "tinydancer:routing/types": super::classifier_world::tinydancer::routing::types },
    });
}

/// The booster's world.
mod booster_world {
    #![allow(
        missing_docs,
        clippy::allow_attributes,
        reason = "generated; the WIT package documents every item"
    )]
    wasmtime::component::bindgen!({
        path: "wit",
        world: "booster-component",
        additional_derives: [PartialEq],
        with: { "tinydancer:routing/types": super::classifier_world::tinydancer::routing::types },
    });
}

pub use booster_world::exports::tinydancer::routing::booster::{
    AssumptionInfo, CodeInfo, Edit, Opportunity, Options, Position, Refusal, RefusedSite, Span,
    TransformInfo, Transformation,
};
pub(crate) use booster_world::{BoosterComponent, BoosterComponentPre};
pub use classifier_world::tinydancer::routing::types::{
    Assessment, Classification, Decision, Dialect, Estimate, Factor, Features, Feedback, Level,
    Limits, Message, Priority, Role, SourceFile, Task, TierPrice,
};
pub(crate) use classifier_world::{ClassifierComponent, ClassifierComponentPre};
pub use router_world::exports::tinydancer::routing::router::{Denial, Settings, SnapshotError};
pub(crate) use router_world::{RouterComponent, RouterComponentPre};

impl Default for Limits {
    /// The same as the router's own: every tier can be taken, and nothing limits what is spent; nothing is explored.
    fn default() -> Limits {
        Limits {
            manual_tier: None,
            critical: false,
            allow_booster: true,
            available: Tier::PAID.map(Tier::number).to_vec(),
            budget: None,
            may_downgrade: true,
            exploration: None,
        }
    }
}
