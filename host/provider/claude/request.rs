//! A request in the vendor's form. The way it is sent and authorised is not part of it, nor is whether it is streamed.

use serde_json::{Map, Value, json};

use crate::provider::error::Fault;
use crate::provider::message::{CacheTtl, Image, Part, Request, Thinking, ToolChoice};
use crate::provider::reply::as_object;
use crate::provider::wire::messages;

/// The request in the vendor's form.
pub(super) fn to_wire(request: &Request) -> Result<Value, Fault> {
    let messages = messages(request, content)?;
    let mut body = json!({ "model": request.model, "max_tokens": request.max_output_tokens, "messages": messages });
    if let Some(system) = &request.system {
        body["system"] = match request.system_cache {
            Some(ttl) => {
                json!([{ "type": "text", "text": system, "cache_control": cache_control(ttl) }])
            }
            None => json!(system),
        };
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
        });
        body["tools"] = tools.collect();
        body["tool_choice"] = match &request.tool_choice {
            ToolChoice::Auto => json!({ "type": "auto" }),
            ToolChoice::Any => json!({ "type": "any" }),
            ToolChoice::None => json!({ "type": "none" }),
            ToolChoice::Named(name) => json!({ "type": "tool", "name": name }),
        };
    }
    let mut output = Map::new();
    match &request.thinking {
        Some(Thinking::Adaptive { effort }) => {
            body["thinking"] = json!({ "type": "adaptive" });
            output.insert("effort".to_owned(), json!(effort));
        }
        // The vendor asks for 1,024 tokens at least, and for fewer than the answer may have.
        Some(Thinking::Budget { tokens }) if request.max_output_tokens > 1_024 => {
            let tokens = (*tokens).min(request.max_output_tokens - 1).max(1_024);
            body["thinking"] = json!({ "type": "enabled", "budget_tokens": tokens });
        }
        _ => {}
    }
    if let Some(wanted) = &request.output {
        output.insert(
            "format".to_owned(),
            json!({ "type": "json_schema", "schema": wanted.schema }),
        );
    }
    if !output.is_empty() {
        body["output_config"] = Value::Object(output);
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(top_p) = request.top_p {
        body["top_p"] = json!(top_p);
    }
    if !request.stop.is_empty() {
        body["stop_sequences"] = json!(request.stop);
    }
    Ok(body)
}

fn cache_control(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "type": "ephemeral" }),
        CacheTtl::Hour => json!({ "type": "ephemeral", "ttl": "1h" }),
    }
}

/// A message's parts as blocks; plain text stays a plain string.
fn content(parts: &[Part]) -> Result<Value, Fault> {
    if let [Part::Text(text)] = parts {
        return Ok(json!(text));
    }
    let mut blocks: Vec<Value> = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(match part {
            Part::Text(text) => json!({ "type": "text", "text": text }),
            Part::Image(Image::Base64 { media_type, data }) => {
                json!({ "type": "image", "source": { "type": "base64", "media_type": media_type, "data": data } })
            }
            Part::Image(Image::Url(url)) => {
                json!({ "type": "image", "source": { "type": "url", "url": url } })
            }
            Part::ToolCall { id, name, arguments, .. } => {
                json!({ "type": "tool_use", "id": id, "name": name, "input": as_object(arguments) })
            }
            Part::ToolResult { id, content, is_error, .. } => {
                json!({ "type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error })
            }
            // A thought without a signature is another vendor's: this one would refuse it.
            Part::Thinking { signature: None, .. } => continue,
            Part::Thinking { text, signature: Some(signature), .. } => {
                json!({ "type": "thinking", "thinking": text, "signature": signature })
            }
            Part::RedactedThinking(data) => json!({ "type": "redacted_thinking", "data": data }),
            Part::CachePoint(ttl) => {
                if let Some(last) = blocks.last_mut() {
                    last["cache_control"] = cache_control(*ttl);
                }
                continue;
            }
        });
    }
    Ok(Value::Array(blocks))
}
