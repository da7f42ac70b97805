//! Why the host cannot be used at all. A task that goes wrong is no such error: it ends in an outcome.

/// What can go wrong outside of a task: settings, components, the store. Each says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A component cannot be used.
    #[error(transparent)]
    Component(#[from] crate::runtime::ComponentError),
    /// Learning cannot be undone so far: the feedback before it is no longer in the log.
    #[error(
        "what was learned cannot be undone to number {0}: older feedback was compacted, and no base that this release reads stands before it; `tinydancer policy` lists the numbers that there are"
    )]
    Compacted(i64),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}
