//! Ctrl-C while files are written: the ones at hand are finished, the rest are left alone, and nothing lies beside any of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::until_stopped;

/// Becomes true with the first SIGINT or SIGTERM; a second one ends the process at once. Where no signal can be waited for, they end it at
/// once as usual.
pub(super) fn on_signal() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&stopped);
    let wait = move || -> Option<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .ok()?;
        runtime.block_on(async {
            until_stopped(std::future::pending::<()>()).await;
            own.store(true, Ordering::Relaxed);
            until_stopped(std::future::pending::<()>()).await;
        });
        std::process::exit(130)
    };
    let waiting = std::thread::Builder::new()
        .name("tinydancer-signals".into())
        .stack_size(256 << 10)
        .spawn(wait);
    drop(waiting);
    stopped
}
