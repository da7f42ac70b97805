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
        // What is above the size goes now and not some time later.
        self.answers.run_pending_tasks().await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Message, OutputSchema, Tool};
    use serde_json::json;

    fn callable(provider: &str) -> Callable {
        let config = crate::Config::default();
        let candidates =
            crate::choose::Candidates::new(&config, crate::money::Registry::embedded());
        Callable {
            provider: provider.to_owned(),
            ..candidates.first(crate::Tier::Small).unwrap()
        }
    }

    fn asked(parts: Vec<Part>) -> Request {
        Request {
            model: "m".into(),
            messages: vec![Message {
                role: Role::User,
                parts,
            }],
            max_output_tokens: 10,
            ..Request::default()
        }
    }

    fn result(id: &str, content: &str, is_error: bool) -> Part {
        Part::ToolResult {
            id: id.into(),
            name: "t".into(),
            content: content.into(),
            is_error,
        }
    }

    fn call(id: &str, arguments: i32, signature: Option<&str>) -> Part {
        Part::ToolCall {
            id: id.into(),
            name: "t".into(),
            arguments: json!(arguments),
            signature: signature.map(str::to_owned),
        }
    }

    fn thought(text: &str, signature: &str) -> Part {
        Part::Thinking {
            text: text.into(),
            signature: Some(signature.into()),
            id: None,
        }
    }

    fn tool(description: &str) -> Tool {
        Tool {
            name: "t".into(),
            description: description.into(),
            parameters: json!({}),
        }
    }

    #[test]
    fn whatever_makes_another_request_makes_another_key() {
        let text = |text: &str| Part::Text(text.into());
        let base = asked(vec![text("hi")]);
        let with = |change: &dyn Fn(&mut Request)| {
            let mut request = base.clone();
            change(&mut request);
            request
        };
        let picture = |data: &str| {
            Part::Image(Image::Base64 {
                media_type: "image/png".into(),
                data: data.into(),
            })
        };
        let requests = [
            base.clone(),
            with(&|one| one.model = "n".into()),
            with(&|one| one.system = Some("s".into())),
            with(&|one| one.system_cache = Some(CacheTtl::Hour)),
            with(&|one| one.max_output_tokens = 11),
            with(&|one| one.temperature = Some(0.0)),
            with(&|one| one.temperature = Some(0.5)),
            with(&|one| one.top_p = Some(0.5)),
            with(&|one| one.stop = vec!["x".into()]),
            with(&|one| one.stop = vec!["x".into(), String::new()]),
            with(&|one| {
                one.thinking = Some(Thinking::Adaptive {
                    effort: "low".into(),
                })
            }),
            with(&|one| {
                one.thinking = Some(Thinking::Adaptive {
                    effort: "high".into(),
                })
            }),
            with(&|one| one.thinking = Some(Thinking::Budget { tokens: 1 })),
            with(&|one| one.tool_choice = ToolChoice::Any),
            with(&|one| one.tool_choice = ToolChoice::None),
            with(&|one| one.tool_choice = ToolChoice::Named("any".into())),
            with(&|one| one.tools = vec![tool("a")]),
            with(&|one| one.tools = vec![tool("b")]),
            with(&|one| one.tools = vec![tool("a"), tool("b")]),
            with(&|one| {
                one.output = Some(OutputSchema {
                    name: "o".into(),
                    schema: json!({ "a": 1 }),
                });
            }),
            with(&|one| {
                one.output = Some(OutputSchema {
                    name: "o".into(),
                    schema: json!({ "a": 2 }),
                });
            }),
            with(&|one| one.messages[0].role = Role::Assistant),
            asked(vec![text("h"), text("i")]),
            asked(vec![text("hi"), text("")]),
            asked(vec![text("hi"), Part::CachePoint(CacheTtl::Hour)]),
            asked(vec![text("hi"), Part::CachePoint(CacheTtl::FiveMinutes)]),
            asked(vec![text("hi"), picture("a")]),
            asked(vec![text("hi"), picture("b")]),
            asked(vec![text("hi"), Part::Image(Image::Url("a".into()))]),
            asked(vec![result("1", "r", false)]),
            asked(vec![result("1", "r", true)]),
            asked(vec![result("2", "r", false)]),
            asked(vec![result("1", "s", false)]),
            asked(vec![call("1", 1, None)]),
            asked(vec![call("1", 2, None)]),
            asked(vec![call("1", 1, Some("s"))]),
            asked(vec![thought("a", "s")]),
            asked(vec![thought("a", "t")]),
            asked(vec![thought("b", "s")]),
            asked(vec![Part::RedactedThinking("a".into())]),
        ];
        let claude = callable("claude");
        let mut keys: Vec<Key> = requests.iter().map(|one| key(&claude, one)).collect();
        assert_eq!(
            keys,
            requests.map(|one| key(&claude, &one)),
            "the same asks the same"
        );
        keys.push(key(&callable("other"), &base));
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
