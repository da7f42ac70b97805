//! Asks a provider for an answer, whole and in pieces, without a host: no routing, no money, no record.
//!
//! `cargo run --example ask -- openai gpt-5-mini "hi"`; a setting of `config.toml`'s provider table may follow as `name=value`.

use futures_util::StreamExt as _;
use tinydancer::config;
use tinydancer::provider::{Event, Message, Request, Role, from_config};

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
    for setting in arguments {
        match setting.split_once('=') {
            Some(("base_url", value)) => own.base_url = Some(value.to_owned()),
            Some(("api", value)) => own.api = Some(value.to_owned()),
            Some(("api_version", value)) => own.api_version = Some(value.to_owned()),
            Some(("region", value)) => own.region = Some(value.to_owned()),
            Some(("max_attempts", value)) => own.max_attempts = Some(value.parse()?),
            _ => {
                return Err(
                    format!("`{setting}` is none of the settings that are read here").into(),
                );
            }
        }
    }
    let provider = from_config(&name, &own, &|name| std::env::var(name).ok())?;
    let request = Request {
        model,
        messages: vec![Message::text(Role::User, words)],
        max_output_tokens: 500,
        ..Request::default()
    };
    let reply = provider.call(&request).await?;
    println!(
        "whole: {} ({:?}, {:?})",
        reply.text(),
        reply.stop,
        reply.usage
    );
    let mut events = provider.stream(&request).await?;
    print!("pieces: ");
    while let Some(event) = events.next().await {
        match event? {
            Event::Text(text) => print!("{text}"),
            Event::End(reply) => println!(" ({:?}, {:?})", reply.stop, reply.usage),
            _ => {}
        }
    }
    Ok(())
}
