//! Azure OpenAI: OpenAI's two forms behind a resource's address and the `api-key` header. With `api_version` the address has the
//! deployment (`/openai/deployments/{deployment}/...?api-version=`), without it is the newer one (`/openai/v1/...`).
//!
//! `providers.azure.deployments` says which deployment serves a model; without an entry the deployment has the model's name. It knows no
//! Entra ID sign-in: `api_key_command` with `bearer = true` serves that.

use std::collections::BTreeMap;

use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::Request;
use super::openai::Form;
use super::reply::Reply;
use super::wire::{Decode, Outgoing, Wire, segment};
use super::{Usual, chat, config, error::Fault};

const USUAL: Usual = Usual {
    base_url: "",
    base_url_env: "AZURE_OPENAI_ENDPOINT",
    key_env: "AZURE_OPENAI_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let base = USUAL.base(config, env);
    if base.is_empty() {
        return Err(SetupError::Setting {
            provider: name.to_owned(),
            reason: "base_url is not set: the resource's address, such as https://name.openai.azure.com (or AZURE_OPENAI_ENDPOINT)".to_owned(),
        });
    }
    let secret = USUAL.secret(name, config, env)?;
    let auth = if config.bearer {
        Auth::Header {
            name: "authorization",
            prefix: "Bearer ",
            secret,
        }
    } else {
        Auth::Header {
            name: "api-key",
            prefix: "",
            secret,
        }
    };
    let wire = Azure {
        form: Form::of(name, config)?,
        version: config.api_version.clone(),
        deployments: config.deployments.clone(),
    };
    Served::new(name.to_owned(), Box::new(wire), &base, auth, config)
}

struct Azure {
    form: Form,
    version: Option<String>,
    deployments: BTreeMap<String, String>,
}

impl Wire for Azure {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let deployment = self
            .deployments
            .get(&request.model)
            .unwrap_or(&request.model)
            .clone();
        let path = match (&self.version, self.form) {
            (Some(version), Form::Chat) => format!(
                "/openai/deployments/{}{}?api-version={}",
                segment(&deployment),
                self.form.path(),
                segment(version)
            ),
            (Some(version), Form::Responses) => {
                format!(
                    "/openai{}?api-version={}",
                    self.form.path(),
                    segment(version)
                )
            }
            (None, _) => format!("/openai/v1{}", self.form.path()),
        };
        let request = Request {
            model: deployment,
            ..request.clone()
        };
        Ok(Outgoing {
            path,
            headers: Vec::new(),
            body: self.form.body(&request, stream)?,
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
