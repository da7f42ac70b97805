//! Work on many files at once. It knows nothing of what the work is.

use std::io::IsTerminal as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `work` on every file, on all cores, with a progress bar where there is something to wait for. Results stay in order. Work that
/// waits for the disk has more threads: what many of them want made durable, a file system does at once.
pub(super) fn in_parallel<T: Send>(
    files: &[PathBuf],
    waits: bool,
    work: impl Fn(&Path) -> T + Sync,
) -> Vec<T> {
    const BAR_FROM: usize = 50;
    const WAITING: usize = 32;
    let bar = (files.len() >= BAR_FROM && std::io::stderr().is_terminal())
        .then(|| indicatif::ProgressBar::new(files.len() as u64));
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if waits { cores.max(WAITING) } else { cores }.min(files.len());
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else {
                return own;
            };
            own.push((at, work(file)));
            if let Some(bar) = &bar {
                bar.inc(1);
            }
        }
    };
    let mut results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(one_after_another))
            .collect();
        let mut results = Vec::with_capacity(files.len());
        for worker in workers {
            match worker.join() {
                Ok(own) => results.extend(own),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
