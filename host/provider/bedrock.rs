//! Amazon Bedrock: `POST {base}/model/{model}/converse` and `/converse-stream`, signed or with a bearer key. Pure conversions.
//!
//! Source: the API reference at docs.aws.amazon.com (Converse, ConverseStream). Thinking is Claude's form, which rides in
//! `additionalModelRequestFields`; other families' own settings are not known. It knows no guardrails, documents, videos or prompt
//! management.

mod answer;
mod request;

use secrecy::SecretString;
use serde::Deserialize;

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::Request;
use super::reply::Reply;
use super::sigv4::{Credentials, Signer};
use super::wire::{Decode, Outgoing, Wire, segment};
use super::{SecretError, Usual, config};
use answer::{Decoder, from_wire};
use request::to_wire;

const USUAL: Usual = Usual {
    base_url: "",
    base_url_env: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    key_env: "AWS_BEARER_TOKEN_BEDROCK",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let setting = |reason: String| SetupError::Setting {
        provider: name.to_owned(),
        reason,
    };
    let set = |variable: &str| env(variable).filter(|value| !value.is_empty());
    let region = config
        .region
        .clone()
        .or_else(|| set("AWS_REGION"))
        .or_else(|| set("AWS_DEFAULT_REGION"))
        .ok_or_else(|| setting("region is not set, nor AWS_REGION".to_owned()))?;
    if !region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(setting(format!(
            "region is `{region}`: a name such as us-east-1"
        )));
    }
    let auth = match USUAL.secret(name, config, env) {
        Ok(secret) => Auth::Header {
            name: "authorization",
            prefix: "Bearer ",
            secret,
        },
        Err(SecretError::Missing { .. }) => {
            let credentials = credentials(config, env).map_err(setting)?.ok_or_else(|| {
                setting("there are no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile".to_owned())
            })?;
            Auth::Aws(Box::new(Signer {
                credentials,
                region: region.clone(),
                service: "bedrock",
            }))
        }
        Err(e) => return Err(e.into()),
    };
    let base = match USUAL.base(config, env) {
        base if base.is_empty() => format!("https://bedrock-runtime.{region}.amazonaws.com"),
        base => base,
    };
    Served::new(name.to_owned(), Box::new(Bedrock), &base, auth, config)
}

/// Explicit ones, by the variables that the configuration names; else the environment's usual ones, or a profile's.
fn credentials(
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, String> {
    let (Some(id), Some(secret)) = (&config.access_key_id_env, &config.secret_access_key_env)
    else {
        return Credentials::find(config.profile.as_deref(), env);
    };
    let get = |name: &str| env(name).ok_or_else(|| format!("the variable {name} is not set"));
    Ok(Some(Credentials {
        access_key_id: get(id)?,
        secret_access_key: SecretString::from(get(secret)?),
        session_token: config
            .session_token_env
            .as_deref()
            .and_then(env)
            .map(SecretString::from),
    }))
}

struct Bedrock;

impl Wire for Bedrock {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let method = if stream {
            "converse-stream"
        } else {
            "converse"
        };
        Ok(Outgoing {
            path: format!("/model/{}/{method}", segment(&request.model)),
            headers: Vec::new(),
            body: to_wire(request)?.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        from_wire(body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        let wire: WireError = serde_json::from_slice(body).unwrap_or_default();
        let kind = match status {
            400 if says_too_long(&wire.message) => ErrorKind::TooLong,
            // A model that took too long, or that answered what the service does not take.
            408 => ErrorKind::Vendor(504),
            424 => ErrorKind::Vendor(502),
            _ => by_status(status),
        };
        Fault::told(kind, &wire.kind, &wire.message)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(alias = "Message")]
    message: String,
    #[serde(rename = "__type", alias = "type")]
    kind: String,
}
