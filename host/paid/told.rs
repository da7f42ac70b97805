//! An answer on its way to who listens: whole ones told as if they came in pieces, streamed ones as they come, and what one that was cut off
//! has used.

use futures_util::StreamExt as _;

use super::Listener;
use super::attempt::Tried;
use super::race::Asked;
use crate::prompt;
use crate::provider::{self, Event, Events, Part, Reply, Request, Usage};
use crate::stream::Progress;

/// Tells a whole answer as if it had come in pieces. Whoever has gone away does not hear it; the answer is there and paid for.
pub(super) async fn tell(reply: &Reply, listener: Listener<'_>) {
    let Some(listener) = listener else {
        return;
    };
    let mut calls = 0;
    for part in &reply.parts {
        let events = match part {
            Part::Text(text) => vec![Event::Text(text.clone())],
            Part::Thinking { text, .. } => vec![Event::Thinking(text.clone())],
            Part::ToolCall {
                id,
                name,
                arguments,
                ..
            } => {
                let index = calls;
                calls += 1;
                vec![
                    Event::ToolCall {
                        index,
                        id: id.clone(),
                        name: name.clone(),
                    },
                    Event::ToolArguments {
                        index,
                        json: arguments.to_string(),
                    },
                ]
            }
            _ => Vec::new(),
        };
        for event in events {
            let _ = listener.send(Progress::Event(event)).await;
        }
    }
    let end = Event::End(Box::new(reply.clone()));
    let _ = listener.send(Progress::Event(end)).await;
}

/// Hears an answer in pieces to its end and tells them.
pub(super) async fn read(asked: &Asked<'_>, mut events: Events, listener: Listener<'_>) -> Tried {
    let broken = |error, known: Option<Usage>, bytes| Tried::Broken {
        error,
        usage: Some(estimate(&asked.request, known, bytes)),
    };
    let Some(listener) = listener else {
        // Pieces are asked for only where somebody listens.
        return broken(None, None, 0);
    };
    let (mut known, mut bytes) = (None, 0);
    loop {
        let event = tokio::select! {
            biased;
            () = listener.closed() => return broken(None, known, bytes),
            event = events.next() => event,
        };
        let event = match event {
            Some(Ok(event)) => event,
            Some(Err(error)) => return broken(Some(error), known, bytes),
            None => {
                let error = provider::Error {
                    provider: asked.provider.name().to_owned().into(),
                    kind: provider::ErrorKind::Protocol,
                    vendor_words: None,
                    retry_after: None,
                    attempts: 1,
                    reached: true,
                };
                return broken(Some(error), known, bytes);
            }
        };
        match &event {
            Event::Text(text) | Event::Thinking(text) => bytes += text.len() as u64,
            Event::ToolArguments { json, .. } => bytes += json.len() as u64,
            Event::Usage(usage) => known = Some(usage.clone()),
            Event::End(reply) => {
                let reply = (**reply).clone();
                let _ = listener.send(Progress::Event(event)).await;
                return Tried::Answered(reply);
            }
            Event::ToolCall { .. } => {}
        }
        if listener.send(Progress::Event(event)).await.is_err() {
            return broken(None, known, bytes);
        }
    }
}

/// What an answer that was cut off has used, counted high: the vendor's own word on the prompt where there is one, every byte of it a
/// token where not, and every byte of what came of the answer a token. What a model thought unseen is not in it.
pub(super) fn estimate(request: &Request, known: Option<Usage>, bytes: u64) -> Usage {
    let mut usage = known.unwrap_or_else(|| Usage {
        input: request.bytes().saturating_add(prompt::overhead(request)),
        ..Usage::default()
    });
    usage.output = usage.output.max(bytes);
    usage.estimated = true;
    usage
}
