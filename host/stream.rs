//! A task whose answer comes in pieces: [`Host::stream`]. The task runs on the executor's threads; a reader that is slow holds the vendor
//! back, and one that goes away ends the call, which is then settled at what has come so far.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc;

use crate::host::Host;
use crate::pipeline::Done;
use crate::provider::Event;
use crate::task::Task;

/// What a streamed task tells.
#[derive(Debug)]
pub enum Progress {
    /// A piece of a model's answer.
    Event(Event),
    /// The end: the recorded outcome and the whole answer, or what stood in its way. Always the last.
    Done(Box<Done>),
}

/// A streamed task. It ends after [`Progress::Done`].
#[derive(Debug)]
pub struct TaskStream {
    progress: mpsc::Receiver<Progress>,
}

/// So many pieces wait for the reader before the vendor is held back.
const WAITING: usize = 16;

impl Host {
    /// Does a task as [`Host::run`] does, and tells the model's answer as it comes. Has to be called within a tokio runtime.
    #[must_use]
    pub fn stream(self: &Arc<Self>, task: Task) -> TaskStream {
        let (sender, progress) = mpsc::channel(WAITING);
        let host = Arc::clone(self);
        tokio::spawn(async move {
            let done = host.run_telling(task, Some(&sender)).await;
            // Whoever has gone away does not hear the end; it is recorded.
            let _ = sender.send(Progress::Done(Box::new(done))).await;
        });
        TaskStream { progress }
    }
}

impl TaskStream {
    /// The next piece; none after the end.
    pub async fn next(&mut self) -> Option<Progress> {
        self.progress.recv().await
    }
}

impl Stream for TaskStream {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Progress>> {
        self.progress.poll_recv(context)
    }
}
