//! A streamed answer on its way from a vendor.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Instant;

use super::Limits;
use super::attempt::Reading;
use crate::provider::error::{Error, ErrorKind, Fault, Stage};
use crate::provider::framing::Framer;
use crate::provider::reply::Event;
use crate::provider::wire::Decode;

/// A streamed answer under way. Dropping it closes the connection. It reads no further than it is asked to: a slow reader slows the vendor.
pub(super) struct Streaming {
    pub(super) name: Cow<'static, str>,
    pub(super) limits: Limits,
    pub(super) framer: Framer,
    pub(super) decoder: Box<dyn Decode>,
    pub(super) reading: Reading,
    pub(super) waiting: VecDeque<Event>,
    pub(super) deadline: Instant,
    /// Told after all that came before it.
    pub(super) fault: Option<Fault>,
    pub(super) ended: bool,
}

impl Streaming {
    /// Takes the next bytes in, or the end of them.
    pub(super) fn take_in(&mut self, chunk: Option<&[u8]>) -> Result<(), Fault> {
        let mut frames = Vec::new();
        let cut = match chunk {
            Some(bytes) => self.framer.push(bytes, &mut frames),
            None => self.framer.end(&mut frames),
        };
        for frame in frames {
            let done = self.decoder.frame(&frame);
            self.waiting.extend(self.decoder.events());
            if done? {
                return self.finish();
            }
        }
        cut?;
        if chunk.is_none() {
            return self.finish();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Fault> {
        let reply = self.decoder.end()?;
        self.waiting.push_back(Event::End(Box::new(reply)));
        self.ended = true;
        Ok(())
    }

    pub(super) async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(event));
            }
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Some(Err(Error {
                    provider: self.name.clone(),
                    kind: fault.kind,
                    vendor_words: fault.words,
                    retry_after: None,
                    attempts: 1,
                    reached: true,
                }));
            }
            if self.ended {
                return None;
            }
            let limit = (Instant::now() + self.limits.between_bytes).min(self.deadline);
            let chunk = tokio::time::timeout_at(limit.into(), self.reading.response.chunk()).await;
            let taken = match chunk {
                Err(_) if limit == self.deadline => {
                    Err(Fault::new(ErrorKind::Timeout(Stage::Whole)))
                }
                Err(_) => Err(Fault::new(ErrorKind::Timeout(Stage::BetweenBytes))),
                Ok(Err(_)) => Err(Fault::cut_off()),
                Ok(Ok(bytes)) => self.take_in(bytes.as_deref()),
            };
            if let Err(fault) = taken {
                self.fault = Some(fault);
            }
        }
    }
}
