//! A request in the chat form. What a model cannot take is left out of the request before; here only the form refuses.

use serde_json::{Value, json};

use super::Dialect;
use crate::provider::error::Fault;
use crate::provider::message::{
    CacheTtl, Image, LimitField, Part, Request, Role, Thinking, ToolChoice,
};
use crate::provider::reply::as_text;

/// The request in this form.
pub(crate) fn to_wire(request: &Request, dialect: Dialect, stream: bool) -> Result<Value, Fault> {
    let router = dialect == Dialect::OpenRouter;
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(match request.system_cache {
            Some(ttl) if router => {
                json!({ "role": "system", "content": [{ "type": "text", "text": system, "cache_control": cache_control(ttl) }] })
            }
            _ => json!({ "role": "system", "content": system }),
        });
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(&message.parts, router, &mut messages),
            Role::Assistant => messages.push(assistant(&message.parts, router)),
        }
    }
    let mut body = json!({ "model": request.model, "messages": messages });
    let field = match (request.limit_field, router) {
        (LimitField::MaxCompletionTokens, false) => "max_completion_tokens",
        _ => "max_tokens",
    };
    body[field] = json!(request.max_output_tokens);
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "type": "function", "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters } })
        });
        body["tools"] = tools.collect();
        body["tool_choice"] = match &request.tool_choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::Any => json!("required"),
            ToolChoice::None => json!("none"),
            ToolChoice::Named(name) => {
                json!({ "type": "function", "function": { "name": name } })
            }
        };
    }
    if let Some(output) = &request.output {
        body["response_format"] = json!({ "type": "json_schema", "json_schema": { "name": output.name, "schema": output.schema, "strict": true } });
    }
    match (&request.thinking, router) {
        (Some(Thinking::Adaptive { effort }), true) => {
            body["reasoning"] = json!({ "effort": effort })
        }
        (Some(Thinking::Budget { tokens }), true) => {
            body["reasoning"] = json!({ "max_tokens": tokens })
        }
        (Some(Thinking::Adaptive { effort }), false) => body["reasoning_effort"] = json!(effort),
        (Some(Thinking::Budget { .. }), false) => {
            return Err(Fault::unsupported("budget of thinking tokens"));
        }
        (None, _) => {}
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(top_p) = request.top_p {
        body["top_p"] = json!(top_p);
    }
    if !request.stop.is_empty() {
        body["stop"] = json!(request.stop);
    }
    if router {
        body["usage"] = json!({ "include": true });
    }
    if stream {
        body["stream"] = json!(true);
        if !router {
            body["stream_options"] = json!({ "include_usage": true });
        }
    }
    Ok(body)
}

fn cache_control(ttl: CacheTtl) -> Value {
    match ttl {
        CacheTtl::FiveMinutes => json!({ "type": "ephemeral" }),
        CacheTtl::Hour => json!({ "type": "ephemeral", "ttl": "1h" }),
    }
}

/// What the person says. Tools' results are messages of their own in this form, and come first: they belong to the calls before.
fn user(parts: &[Part], marks_cache: bool, messages: &mut Vec<Value>) {
    let mut content: Vec<Value> = Vec::new();
    for part in parts {
        match part {
            Part::ToolResult { id, content, .. } => {
                messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
            }
            Part::Text(text) => content.push(json!({ "type": "text", "text": text })),
            Part::Image(image) => {
                content.push(json!({ "type": "image_url", "image_url": { "url": url(image) } }));
            }
            Part::CachePoint(ttl) if marks_cache => {
                if let Some(last) = content.last_mut() {
                    last["cache_control"] = cache_control(*ttl);
                }
            }
            _ => {}
        }
    }
    match content.as_slice() {
        [] => {}
        [one] if one["type"] == "text" && one.get("cache_control").is_none() => {
            messages.push(json!({ "role": "user", "content": one["text"] }));
        }
        _ => messages.push(json!({ "role": "user", "content": content })),
    }
}

pub(crate) fn url(image: &Image) -> String {
    match image {
        Image::Base64 { media_type, data } => format!("data:{media_type};base64,{data}"),
        Image::Url(url) => url.clone(),
    }
}

fn assistant(parts: &[Part], router: bool) -> Value {
    let mut text = String::new();
    let mut calls = Vec::new();
    let mut thoughts = Vec::new();
    for part in parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::ToolCall {
                id,
                name,
                arguments,
                ..
            } => calls.push(json!({ "id": id, "type": "function", "function": { "name": name, "arguments": as_text(arguments) } })),
            // OpenRouter hands the vendors' signed thoughts through, and wants them back as they were.
            Part::Thinking {
                signature: Some(details),
                ..
            } if router => {
                if let Ok(Value::Array(details)) = serde_json::from_str(details) {
                    thoughts.extend(details);
                }
            }
            _ => {}
        }
    }
    let mut message = json!({ "role": "assistant" });
    message["content"] = if text.is_empty() && !calls.is_empty() {
        Value::Null
    } else {
        json!(text)
    };
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    if !thoughts.is_empty() {
        message["reasoning_details"] = json!(thoughts);
    }
    message
}
