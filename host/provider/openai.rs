//! OpenAI: `{base}/v1/responses` or `{base}/v1/chat/completions`, as configured. Servers that speak chat completions, such as vLLM or
//! llama.cpp's, are entries of this kind with an address of their own.

use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::Request;
use super::reply::Reply;
use super::wire::{Decode, Outgoing, Wire};
use super::{Usual, chat, config, error::Fault, responses};

const USUAL: Usual = Usual {
    base_url: "https://api.openai.com",
    base_url_env: "OPENAI_BASE_URL",
    key_env: "OPENAI_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = match USUAL.secret(name, config, env) {
        Ok(secret) => Auth::Header {
            name: "authorization",
            prefix: "Bearer ",
            secret,
        },
        // A server of the user's own may want no key.
        Err(_)
            if config.kind.is_some()
                && config.api_key_env.is_none()
                && config.api_key_file.is_none() =>
        {
            Auth::None
        }
        Err(e) => return Err(e.into()),
    };
    let base = USUAL.base(config, env);
    // The vendor's own tools take the address with the version, users write it without: both are meant.
    let base = base.trim_end_matches('/').trim_end_matches("/v1");
    let form = Form::of(name, config)?;
    Served::new(
        name.to_owned(),
        Box::new(OpenAi {
            form,
            prefix: "/v1",
        }),
        base,
        auth,
        config,
    )
}

/// Which of the two forms is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Chat,
    Responses,
}

impl Form {
    /// Chat completions unless the responses form is asked for.
    pub(crate) fn of(name: &str, config: &config::Provider) -> Result<Form, SetupError> {
        match config.api.as_deref() {
            None | Some("chat") => Ok(Form::Chat),
            Some("responses") => Ok(Form::Responses),
            Some(other) => Err(SetupError::Setting {
                provider: name.to_owned(),
                reason: format!("api is `{other}`: `chat` or `responses`"),
            }),
        }
    }

    pub(crate) fn body(self, request: &Request, stream: bool) -> Result<Vec<u8>, Fault> {
        let body = match self {
            Form::Chat => chat::to_wire(request, chat::Dialect::OpenAi, stream)?,
            Form::Responses => responses::to_wire(request, stream)?,
        };
        Ok(body.to_string().into_bytes())
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Form::Chat => "/chat/completions",
            Form::Responses => "/responses",
        }
    }

    pub(crate) fn decode(self, body: &[u8]) -> Result<Reply, Fault> {
        match self {
            Form::Chat => chat::from_wire(body),
            Form::Responses => responses::from_wire(body),
        }
    }

    pub(crate) fn decoder(self) -> Box<dyn Decode> {
        match self {
            Form::Chat => Box::<chat::Decoder>::default(),
            Form::Responses => Box::<responses::Decoder>::default(),
        }
    }
}

struct OpenAi {
    form: Form,
    prefix: &'static str,
}

impl Wire for OpenAi {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        Ok(Outgoing {
            path: format!("{}{}", self.prefix, self.form.path()),
            headers: Vec::new(),
            body: self.form.body(request, stream)?,
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        self.form.decode(body)
    }

    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    fn decoder(&self) -> Box<dyn Decode> {
        self.form.decoder()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        chat::refusal(status, body)
    }
}
