//! OpenRouter: chat completions with its own reasoning, cache marks and cost: `POST {base}/v1/chat/completions`.

use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::Request;
use super::reply::Reply;
use super::wire::{Decode, Outgoing, Wire};
use super::{Usual, chat, config, error::Fault};

const USUAL: Usual = Usual {
    base_url: "https://openrouter.ai/api",
    base_url_env: "OPENROUTER_BASE_URL",
    key_env: "OPENROUTER_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = Auth::Header {
        name: "authorization",
        prefix: "Bearer ",
        secret: USUAL.secret(name, config, env)?,
    };
    let base = USUAL.base(config, env);
    let base = base.trim_end_matches('/').trim_end_matches("/v1");
    Served::new(name.to_owned(), Box::new(OpenRouter), base, auth, config)
}

struct OpenRouter;

impl Wire for OpenRouter {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let body = chat::to_wire(request, chat::Dialect::OpenRouter, stream)?;
        Ok(Outgoing {
            path: "/v1/chat/completions".to_owned(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        chat::from_wire(body)
    }

    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<chat::Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        chat::refusal(status, body)
    }
}
