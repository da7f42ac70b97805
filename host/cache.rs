//! Answers in memory, given again to the same request: exact, within a time and a size. It knows nothing of money; who asks while the same
//! question is under way waits for its answer.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::choose::Callable;
use crate::config::{self, CacheMode};
use crate::provider::{CacheTtl, Image, Part, Reply, Request, Role, Thinking, ToolChoice};

/// What an answer is kept under: a digest of provider, model and everything in the request.
pub(crate) type Key = [u8; 32];

pub(crate) struct Cache {
    mode: CacheMode,
    answers: moka::future::Cache<Key, Arc<Reply>>,
    /// One lock for each question under way. It is forgotten some time after its last use.
    under_way: moka::future::Cache<Key, Arc<Mutex<()>>>,
}

/// The only one who asks this question now.
#[derive(Debug)]
pub(crate) struct Turn {
    key: Key,
    _lock: OwnedMutexGuard<()>,
}

/// What the cache says of a request.
pub(crate) enum Looked {
    /// It is none of the cache's.
    Passed,
    /// This is the answer.
    Found(Arc<Reply>),
    /// Nobody knows: ask, and then [`Cache::keep`] the answer.
    Ask(Turn),
}

impl Cache {
    pub(crate) fn new(config: &config::Cache) -> Cache {
        Cache {
            mode: config.mode,
            answers: moka::future::Cache::builder()
                .max_capacity(config.max_bytes)
                .weigher(|_, reply: &Arc<Reply>| u32::try_from(weight(reply)).unwrap_or(u32::MAX))
                .time_to_live(Duration::from_secs(config.ttl_s.max(1)))
                .build(),
            under_way: moka::future::Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_secs(1_800))
                .build(),
        }
    }

    pub(crate) async fn look(&self, callable: &Callable, request: &Request) -> Looked {
        let serves = match self.mode {
            CacheMode::Off => false,
            CacheMode::Deterministic => request.temperature == Some(0.0),
            CacheMode::All => true,
        };
        if !serves {
            return Looked::Passed;
        }
        let key = key(callable, request);
        if let Some(reply) = self.answers.get(&key).await {
            return Looked::Found(reply);
        }
        let lock = self
            .under_way
            .get_with(key, async { Arc::new(Mutex::new(())) })
            .await;
        let turn = Turn {
            key,
            _lock: lock.lock_owned().await,
        };
        // Whoever had the turn before may have brought the answer.
        match self.answers.get(&key).await {
            Some(reply) => Looked::Found(reply),
            None => Looked::Ask(turn),
        }
    }

    pub(crate) async fn keep(&self, turn: Turn, reply: &Reply) {
        self.answers.insert(turn.key, Arc::new(reply.clone())).await;
    }
}

fn weight(reply: &Reply) -> u64 {
    reply.parts.iter().map(Part::bytes).sum::<u64>() + 256
}

/// Every field goes in behind its length, so that no two requests run into one.
fn key(callable: &Callable, request: &Request) -> Key {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    let Request {
        model,
        system,
        system_cache,
        messages,
        tools,
        tool_choice,
        output,
        max_output_tokens,
        limit_field: _,
        thinking,
        temperature,
        top_p,
        stop,
    } = request;
    add(callable.provider.as_bytes());
    add(model.as_bytes());
    add(system.as_deref().unwrap_or_default().as_bytes());
    add(&[ttl(*system_cache)]);
    add(&max_output_tokens.to_le_bytes());
    add(&temperature.map_or(u32::MAX, f32::to_bits).to_le_bytes());
    add(&top_p.map_or(u32::MAX, f32::to_bits).to_le_bytes());
    match thinking {
        None => add(b"-"),
        Some(Thinking::Adaptive { effort }) => add(effort.as_bytes()),
        Some(Thinking::Budget { tokens }) => add(&tokens.to_le_bytes()),
    }
    match tool_choice {
        ToolChoice::Auto => add(b"auto"),
        ToolChoice::Any => add(b"any"),
        ToolChoice::None => add(b"none"),
        ToolChoice::Named(name) => add(format!("named {name}").as_bytes()),
    }
    match output {
        None => add(b""),
        Some(output) => {
            add(output.name.as_bytes());
            add(output.schema.to_string().as_bytes());
        }
    }
    add(&(tools.len() as u64).to_le_bytes());
    for tool in tools {
        add(tool.name.as_bytes());
        add(tool.description.as_bytes());
        add(tool.parameters.to_string().as_bytes());
    }
    add(&(stop.len() as u64).to_le_bytes());
    stop.iter().for_each(|text| add(text.as_bytes()));
    for message in messages {
        add(if message.role == Role::User {
            b"u"
        } else {
            b"a"
        });
        add(&(message.parts.len() as u64).to_le_bytes());
        for part in &message.parts {
            match part {
                Part::Text(text) => {
                    add(b"t");
                    add(text.as_bytes())
                }
                Part::RedactedThinking(data) => {
                    add(b"r");
                    add(data.as_bytes())
                }
                Part::CachePoint(point) => {
                    add(b"c");
                    add(&[ttl(Some(*point))])
                }
                Part::Image(Image::Url(url)) => {
                    add(b"l");
                    add(url.as_bytes())
                }
                Part::Image(Image::Base64 { media_type, data }) => {
                    add(media_type.as_bytes());
                    {
                        add(b"i");
                        add(data.as_bytes())
                    }
                }
                Part::ToolCall {
                    id,
                    name,
                    arguments,
                    signature,
                } => {
                    add(id.as_bytes());
                    add(name.as_bytes());
                    add(signature.as_deref().unwrap_or_default().as_bytes());
                    {
                        add(b"f");
                        add(arguments.to_string().as_bytes())
                    }
                }
                Part::ToolResult {
                    id,
                    name,
                    content,
                    is_error,
                } => {
                    add(id.as_bytes());
                    add(name.as_bytes());
                    add(&[u8::from(*is_error)]);
                    {
                        add(b"o");
                        add(content.as_bytes())
                    }
                }
                Part::Thinking {
                    text,
                    signature,
                    id,
                } => {
                    add(signature.as_deref().unwrap_or_default().as_bytes());
                    add(id.as_deref().unwrap_or_default().as_bytes());
                    {
                        add(b"k");
                        add(text.as_bytes())
                    }
                }
            };
        }
    }
    digest.finalize().into()
}

fn ttl(ttl: Option<CacheTtl>) -> u8 {
    match ttl {
        None => 0,
        Some(CacheTtl::FiveMinutes) => 1,
        Some(CacheTtl::Hour) => 2,
    }
}
