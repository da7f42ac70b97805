//! A request in Converse's form. The model and whether it is streamed are in the address, not here; nor is the signature.

use serde_json::{Map, Value, json};

use crate::provider::error::Fault;
use crate::provider::message::{CacheTtl, Image, Part, Request, Thinking, ToolChoice};
use crate::provider::reply::as_object;
use crate::provider::wire::messages;

pub(super) fn to_wire(request: &Request) -> Result<Value, Fault> {
    let messages = messages(request, content)?;
    let mut inference = Map::new();
    inference.insert("maxTokens".to_owned(), json!(request.max_output_tokens));
    if let Some(temperature) = request.temperature {
        inference.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(top_p) = request.top_p {
        inference.insert("topP".to_owned(), json!(top_p));
    }
    if !request.stop.is_empty() {
        inference.insert("stopSequences".to_owned(), json!(request.stop));
    }
    let mut body = json!({ "messages": messages, "inferenceConfig": inference });
    if let Some(system) = &request.system {
        let mut blocks = vec![json!({ "text": system })];
        blocks.extend(request.system_cache.map(cache_point));
        body["system"] = json!(blocks);
    }
    if !request.tools.is_empty() && request.tool_choice != ToolChoice::None {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                // The interface refuses an empty description.
                let description = if tool.description.is_empty() { &tool.name } else { &tool.description };
                json!({ "toolSpec": { "name": tool.name, "description": description, "inputSchema": { "json": tool.parameters } } })
            })
            .collect();
        let choice = match &request.tool_choice {
            ToolChoice::Any => json!({ "any": {} }),
            ToolChoice::Named(name) => json!({ "tool": { "name": name } }),
            ToolChoice::Auto | ToolChoice::None => json!({ "auto": {} }),
        };
        body["toolConfig"] = json!({ "tools": tools, "toolChoice": choice });
    }
    if let Some(output) = &request.output {
        // The schema is a text within the JSON here.
        body["outputConfig"] = json!({ "textFormat": { "type": "json_schema", "structure": {
            "jsonSchema": { "name": output.name, "schema": output.schema.to_string() }
        } } });
    }
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["additionalModelRequestFields"] = json!({ "thinking": { "type": "adaptive" }, "output_config": { "effort": effort } });
        }
        Some(Thinking::Budget { tokens }) if request.max_output_tokens > 1_024 => {
            let tokens = (*tokens).min(request.max_output_tokens - 1).max(1_024);
            body["additionalModelRequestFields"] =
                json!({ "thinking": { "type": "enabled", "budget_tokens": tokens } });
        }
        _ => {}
    }
    Ok(body)
}

fn cache_point(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "cachePoint": { "type": "default" } }),
        CacheTtl::Hour => json!({ "cachePoint": { "type": "default", "ttl": "1h" } }),
    }
}

fn content(parts: &[Part]) -> Result<Vec<Value>, Fault> {
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(match part {
            Part::Text(text) => json!({ "text": text }),
            Part::Image(Image::Base64 { media_type, data }) => {
                let format = media_type.rsplit('/').next().unwrap_or_default();
                let format = if format == "jpg" { "jpeg" } else { format };
                json!({ "image": { "format": format, "source": { "bytes": data } } })
            }
            Part::Image(Image::Url(_)) => return Err(Fault::unsupported("picture by its address")),
            Part::ToolCall { id, name, arguments, .. } => {
                json!({ "toolUse": { "toolUseId": id, "name": name, "input": as_object(arguments) } })
            }
            Part::ToolResult { id, content, is_error, .. } => {
                let status = if *is_error { "error" } else { "success" };
                json!({ "toolResult": { "toolUseId": id, "content": [{ "text": content }], "status": status } })
            }
            Part::Thinking { signature: None, .. } => continue,
            Part::Thinking { text, signature: Some(signature), .. } => {
                json!({ "reasoningContent": { "reasoningText": { "text": text, "signature": signature } } })
            }
            Part::RedactedThinking(data) => {
                json!({ "reasoningContent": { "redactedContent": data } })
            }
            Part::CachePoint(ttl) => cache_point(*ttl),
        });
    }
    Ok(blocks)
}
