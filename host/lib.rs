//! TinyDancer: a tiered router for LLM work.
//!
//! ```text
//!             classify          decide           execute                      record       learn
//!  Task ──► classifier ──► router's policy ──► tier 0: booster ───────────► outcome ──► policy
//!           (component)      (component)         (component, fresh store)      │           ▲
//!                                              tiers 1-4: reserve ► provider   │           │
//!                                                         ► settle ────────────┤           │
//!                                                                           SQLite ── feedback log
//! ```
//!
//! [`Host::run`] is that sentence. Everything else is either one of its verbs or a face that turns its own form into a [`Task`]
//! and a [`Done`] back into its own form.
//!
//! # Invariants
//! 1. A component imports nothing but types: no clock, no randomness, no file, no network.
//! 2. Components are deterministic: the same input gives the same output, byte for byte, native and wasm alike.
//! 3. Source code to transform is hostile input. Each booster call has a fresh store with a memory limit and a deadline; a trap
//!    is a fallback with its reason, never an error to the user and never a hang.
//! 4. Only `provider` knows HTTP to a vendor, only `store` knows SQL, only `wit` knows generated bindings; no face knows another
//!    face, and no provider another provider.
//! 5. Every paid call is reserved at an upper bound before dispatch and settled after it, atomically and durably. The sum of
//!    what is settled and reserved never passes a limit. Money is integers. A bill above the bound is recorded as an overrun, and
//!    the next call to its model is refused until somebody has accepted that.
//! 6. Every task ends in exactly one recorded outcome, also when the caller hangs up. A paid task's row exists before dispatch.
//!    When the store is down, tier 0 still answers, marked and counted as unrecorded, and paid calls are refused.
//! 7. Prompts, code and keys are neither stored nor logged unless the configuration asks for it.
//! 8. Nothing falls back silently: what was asked, what was done instead and why stand in the outcome and in the reply.

mod adjust;
mod boost;
mod cache;
mod choose;
mod chosen;
pub mod cli;
pub mod config;
mod error;
pub mod eval;
mod execute;
mod explore;
mod factors;
mod fallback;
mod host;
pub mod money;
pub mod outcome;
mod paid;
mod pipeline;
mod place;
mod prompt;
pub mod provider;
mod record;
pub mod runtime;
pub mod store;
mod stream;
mod task;
mod tier;
pub mod wit;

pub use boost::{Attempt, Boosted, Refused, Transformed};
pub use choose::Callable;
pub use config::Config;
pub use error::Error;
pub use execute::Failure;
pub use fallback::Fallback;
pub use host::{Builder, Host};
pub use outcome::{Hop, Outcome, Status};
pub use pipeline::{Answer, Done, Routed};
pub use place::Place;
pub use stream::{Progress, TaskStream};
pub use task::{File, Message, Picture, Priority, Privacy, Role, Task, TaskError};
pub use tier::{NoSuchTier, Tier};
