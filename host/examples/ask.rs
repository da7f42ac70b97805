//! Asks a provider for an answer, whole and in pieces, without a host: no routing, no money, no record.
//!
//! `cargo run --example ask -- openai gpt-5-mini "hi"`; a setting of `config.toml`'s provider table may follow as `name=value`, and
//! `tool=NAME` for a tool with an integer `a`, `picture=FILE` for a PNG in base64.

use futures_util::StreamExt as _;
use serde_json::json;
use tinydancer::config;
use tinydancer::provider::{Event, Image, Message, Part, Reply, Request, Role, Tool, from_config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("usage: ask PROVIDER MODEL WORDS [NAME=VALUE]...")
    };
    let (name, model, words) = (next()?, next()?, next()?);
    let mut own = config::Provider::default();
    let mut request = Request {
        model,
        messages: vec![Message::text(Role::User, words)],
        max_output_tokens: 500,
        ..Request::default()
    };
    for setting in arguments {
        match setting.split_once('=') {
            Some(("base_url", value)) => own.base_url = Some(value.to_owned()),
            Some(("api", value)) => own.api = Some(value.to_owned()),
            Some(("api_version", value)) => own.api_version = Some(value.to_owned()),
            Some(("region", value)) => own.region = Some(value.to_owned()),
            Some(("max_attempts", value)) => own.max_attempts = Some(value.parse()?),
            Some(("tool", name)) => request.tools.push(Tool {
                name: name.to_owned(),
                description: "Takes a number.".to_owned(),
                parameters: json!({ "type": "object", "properties": { "a": { "type": "integer" } } }),
            }),
            Some(("picture", file)) => {
                let data = std::fs::read_to_string(file)?.trim().to_owned();
                let media_type = "image/png".to_owned();
                let picture = Part::Image(Image::Base64 { media_type, data });
                request.messages[0].parts.insert(0, picture);
            }
            _ => {
                return Err(
                    format!("`{setting}` is none of the settings that are read here").into(),
                );
            }
        }
    }
    let provider = from_config(&name, &own, &|name| std::env::var(name).ok())?;
    println!("whole: {}", shown(&provider.call(&request).await?));
    let mut events = provider.stream(&request).await?;
    let (mut text, mut pieces) = (String::new(), 0);
    while let Some(event) = events.next().await {
        match event? {
            Event::Text(more) => {
                text += &more;
                pieces += 1;
            }
            Event::End(reply) if reply.text() == text => {
                println!("pieces: {}\n{pieces} pieces of text", shown(&reply));
            }
            Event::End(_) => return Err("the pieces are not the whole".into()),
            _ => {}
        }
    }
    Ok(())
}

/// Its words, its calls, and how it ended.
fn shown(reply: &Reply) -> String {
    let calls: Vec<String> = reply
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall {
                name, arguments, ..
            } => Some(format!("[{name}({arguments})] ")),
            _ => None,
        })
        .collect();
    format!(
        "{} {}({:?}, {:?})",
        reply.text(),
        calls.concat(),
        reply.stop,
        reply.usage
    )
}
