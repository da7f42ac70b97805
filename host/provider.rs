//! Calls to models, free of any vendor's form: a request, a reply or its pieces, what was used, what can go wrong.
//!
//! One trait. A module for each vendor knows its form, as pure functions (`wire`); `http` sends, waits, tries again and knows keys;
//! `choose` says who serves a task, `guarded` holds breakers and limits. Money and outcomes are others' business.

mod azure;
mod bedrock;
pub mod board;
pub mod breaker;
mod chat;
mod claude;
mod error;
mod framing;
mod gemini;
pub mod guarded;
mod http;
mod message;
mod ollama;
mod openai;
mod openrouter;
mod reply;
mod responses;
mod secret;
mod sigv4;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;

pub use error::{Error, ErrorKind, Stage};
pub use http::SetupError;
pub use message::{
    CacheTtl, IMAGE_TOKENS, Image, LimitField, Message, OutputSchema, Part, Request, Role,
    Thinking, Tool, ToolChoice,
};
pub use reply::{Event, Reply, StopReason, Usage};
pub use secret::SecretError;

use crate::config;

/// A call under way.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A streamed answer. It ends after [`Event::End`] or after an error. Dropping it closes the connection to the vendor; nothing is read
/// from the vendor before it is asked for.
pub type Events = Pin<Box<dyn Stream<Item = Result<Event, Error>> + Send>>;

/// Somebody who serves models.
pub trait Provider: Send + Sync {
    /// Its name, as outcomes and configuration have it: `claude`.
    fn name(&self) -> &str;

    /// Its address, without what may be secret in it.
    fn endpoint(&self) -> String {
        String::new()
    }

    /// It is on this machine. That a model behind it is too is for the model to say.
    fn is_local(&self) -> bool {
        false
    }

    /// Whether somebody is there: costs nothing, needs no key and sends none.
    fn reach(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Asks a model. Dropping the future closes the connection to the vendor.
    fn call<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Error>>;

    /// Asks a model for an answer in pieces. It comes back with the answer's first content: what fails before may have been tried again.
    fn stream<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Events, Error>>;
}

/// The vendors whose forms are known.
pub const VENDORS: [&str; 7] = [
    "claude",
    "openai",
    "ollama",
    "openrouter",
    "gemini",
    "azure",
    "bedrock",
];

/// Sets a provider up from its settings. Nothing is sent.
///
/// `env` looks up a variable: `&|name| std::env::var(name).ok()`.
///
/// # Errors
/// No key, a setting that is missing, or an address that is none or that would show the key to the network.
pub fn from_config(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn Provider>, SetupError> {
    let vendor = config.kind.as_deref().unwrap_or(name);
    let served = match vendor {
        "claude" => claude::set_up(name, config, env),
        "openai" => openai::set_up(name, config, env),
        "ollama" => ollama::set_up(name, config, env),
        "openrouter" => openrouter::set_up(name, config, env),
        "gemini" => gemini::set_up(name, config, env),
        "azure" => azure::set_up(name, config, env),
        "bedrock" => bedrock::set_up(name, config, env),
        other => Err(SetupError::Setting {
            provider: name.to_owned(),
            reason: format!(
                "there is no vendor `{other}`: set kind to one of {}",
                VENDORS.join(", ")
            ),
        }),
    }?;
    Ok(Arc::new(served))
}

/// What a vendor's settings are where nothing is set.
struct Usual {
    base_url: &'static str,
    base_url_env: &'static str,
    key_env: &'static str,
}

impl Usual {
    fn base(&self, config: &config::Provider, env: &dyn Fn(&str) -> Option<String>) -> String {
        // The vendor's own variable is about the vendor's own entry, not about another server of the same form.
        let from_env = || {
            config
                .kind
                .is_none()
                .then(|| env(self.base_url_env).filter(|url| !url.is_empty()))
                .flatten()
        };
        config
            .base_url
            .clone()
            .or_else(from_env)
            .unwrap_or_else(|| self.base_url.to_owned())
    }

    fn secret(
        &self,
        name: &str,
        config: &config::Provider,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<secret::Secret, SecretError> {
        secret::Source {
            provider: name,
            variable: config.api_key_env.as_deref().unwrap_or(self.key_env),
            file: config.api_key_file.as_ref(),
            command: config.api_key_command.as_deref(),
        }
        .find(env)
    }
}
