//! The seven vendors' forms as they document them: an answer whole and in pieces, and where it is asked for.

use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tinydancer::config;
use tinydancer::provider::{
    CacheTtl, Error, Event, Image, Message, OutputSchema, Part, Provider, Reply, Request, Role,
    StopReason, Tool, ToolChoice, from_config,
};

use super::support::Answer;

/// A vendor's form: the name, what is set besides the address, and its answers.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) api: Option<&'static str>,
    pub(crate) plain: fn() -> String,
    pub(crate) stream: fn() -> Vec<u8>,
    /// Where the path has to be, plain and streamed.
    pub(crate) paths: (&'static str, &'static str),
}

pub(crate) const KEY: &str = "sk-very-secret";

pub(crate) fn sse(events: &[(&str, Value)]) -> Vec<u8> {
    let mut text = String::new();
    for (name, data) in events {
        if !name.is_empty() {
            text += &format!("event: {name}\n");
        }
        text += &format!("data: {data}\n\n");
    }
    text.into_bytes()
}

/// A message of AWS's event stream.
fn aws(kind: &str, event: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    let event_header = if kind == "exception" {
        ":exception-type"
    } else {
        ":event-type"
    };
    for (name, value) in [
        (":message-type", kind),
        (event_header, event),
        (":content-type", "application/json"),
    ] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend(name.as_bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let payload = payload.to_string();
    let total = 16 + headers.len() + payload.len();
    let mut message = u32::try_from(total).unwrap().to_be_bytes().to_vec();
    message.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message.extend(headers);
    message.extend(payload.as_bytes());
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message
}

pub(crate) const CLAUDE: Form = Form {
    name: "claude",
    provider: "claude",
    api: None,
    plain: || {
        json!({ "model": "m-1", "stop_reason": "tool_use", "content": [
            { "type": "thinking", "thinking": "hm", "signature": "sig" },
            { "type": "text", "text": "Hello" },
            { "type": "tool_use", "id": "t1", "name": "add", "input": { "a": 1 } }],
            "usage": { "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 5 } })
        .to_string()
    },
    stream: || {
        sse(&[
            (
                "message_start",
                json!({ "type": "message_start", "message": { "model": "m-1", "usage": { "input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 5 } } }),
            ),
            ("ping", json!({ "type": "ping" })),
            (
                "content_block_start",
                json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "", "signature": "" } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "thinking_delta", "thinking": "hm" } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "signature_delta", "signature": "sig" } }),
            ),
            (
                "content_block_stop",
                json!({ "type": "content_block_stop", "index": 0 }),
            ),
            (
                "content_block_start",
                json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "text", "text": "" } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": "Hel" } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": "lo" } }),
            ),
            (
                "content_block_start",
                json!({ "type": "content_block_start", "index": 2, "content_block": { "type": "tool_use", "id": "t1", "name": "add", "input": {} } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": "{\"a\":" } }),
            ),
            (
                "content_block_delta",
                json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": " 1}" } }),
            ),
            (
                "message_delta",
                json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" }, "usage": { "output_tokens": 20 } }),
            ),
            ("message_stop", json!({ "type": "message_stop" })),
        ])
    },
    paths: ("/v1/messages", "/v1/messages"),
};

pub(crate) fn chat_plain() -> String {
    json!({ "model": "m-1", "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant", "content": "Hello", "reasoning": "hm",
        "reasoning_details": [{ "type": "reasoning.text", "text": "hm", "signature": "sig", "index": 0 }],
        "tool_calls": [{ "id": "t1", "type": "function", "function": { "name": "add", "arguments": "{\"a\": 1}" } }] } }],
        "usage": { "prompt_tokens": 15, "completion_tokens": 20, "prompt_tokens_details": { "cached_tokens": 5 }, "completion_tokens_details": { "reasoning_tokens": 7 }, "cost": 0.00125 } })
    .to_string()
}

fn chat_stream() -> Vec<u8> {
    let piece = |delta: Value| json!({ "model": "m-1", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
    let mut bytes = b": keep-alive comment\n\n".to_vec();
    bytes.extend(sse(&[
        ("", piece(json!({ "role": "assistant", "content": "" }))),
        ("", piece(json!({ "reasoning": "hm", "reasoning_details": [{ "type": "reasoning.text", "text": "hm", "index": 0 }] }))),
        ("", piece(json!({ "reasoning_details": [{ "type": "reasoning.text", "signature": "sig", "index": 0 }] }))),
        ("", piece(json!({ "content": "Hel" }))),
        ("", piece(json!({ "content": "lo" }))),
        ("", piece(json!({ "tool_calls": [{ "index": 0, "id": "t1", "type": "function", "function": { "name": "add", "arguments": "" } }] }))),
        ("", piece(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"a\"" } }] }))),
        ("", piece(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": ": 1}" } }] }))),
        ("", json!({ "model": "m-1", "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] })),
        ("", json!({ "model": "m-1", "choices": [], "usage": { "prompt_tokens": 15, "completion_tokens": 20, "prompt_tokens_details": { "cached_tokens": 5 }, "cost": 0.00125 } })),
    ]));
    bytes.extend(b"data: [DONE]\n\n");
    bytes
}

pub(crate) const OPENAI: Form = Form {
    name: "openai",
    provider: "openai",
    api: None,
    plain: chat_plain,
    stream: chat_stream,
    paths: ("/v1/chat/completions", "/v1/chat/completions"),
};

pub(crate) const OPENROUTER: Form = Form {
    name: "openrouter",
    provider: "openrouter",
    ..OPENAI
};

pub(crate) const AZURE: Form = Form {
    name: "azure",
    provider: "azure",
    paths: (
        "/openai/deployments/m-1/chat/completions?api-version=2024-10-21",
        "/openai/deployments/m-1/chat/completions?api-version=2024-10-21",
    ),
    ..OPENAI
};

fn response() -> Value {
    json!({ "id": "r", "model": "m-1", "status": "completed", "output": [
        { "type": "reasoning", "id": "rs1", "summary": [{ "type": "summary_text", "text": "hm" }], "encrypted_content": "sig" },
        { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Hello" }] },
        { "type": "function_call", "call_id": "t1", "name": "add", "arguments": "{\"a\": 1}" }],
        "usage": { "input_tokens": 15, "output_tokens": 20, "input_tokens_details": { "cached_tokens": 5 }, "output_tokens_details": { "reasoning_tokens": 7 } } })
}

pub(crate) const RESPONSES: Form = Form {
    name: "openai (responses)",
    provider: "openai",
    api: Some("responses"),
    plain: || response().to_string(),
    stream: || {
        let event = |kind: &'static str, mut data: Value| {
            data["type"] = json!(kind);
            (kind, data)
        };
        sse(&[
            event(
                "response.created",
                json!({ "response": { "status": "in_progress" } }),
            ),
            event(
                "response.output_item.added",
                json!({ "output_index": 0, "item": { "type": "reasoning", "id": "rs1", "summary": [] } }),
            ),
            event(
                "response.reasoning_summary_text.delta",
                json!({ "output_index": 0, "delta": "hm" }),
            ),
            event(
                "response.output_item.done",
                json!({ "output_index": 0, "item": { "type": "reasoning", "id": "rs1", "summary": [], "encrypted_content": "sig" } }),
            ),
            event(
                "response.output_item.added",
                json!({ "output_index": 1, "item": { "type": "message", "content": [] } }),
            ),
            event(
                "response.output_text.delta",
                json!({ "output_index": 1, "delta": "Hel" }),
            ),
            event(
                "response.output_text.delta",
                json!({ "output_index": 1, "delta": "lo" }),
            ),
            event(
                "response.output_item.added",
                json!({ "output_index": 2, "item": { "type": "function_call", "call_id": "t1", "name": "add", "arguments": "" } }),
            ),
            event(
                "response.function_call_arguments.delta",
                json!({ "output_index": 2, "delta": "{\"a\"" }),
            ),
            event(
                "response.function_call_arguments.delta",
                json!({ "output_index": 2, "delta": ": 1}" }),
            ),
            event(
                "response.output_item.done",
                json!({ "output_index": 2, "item": { "type": "function_call", "call_id": "t1", "name": "add", "arguments": "{\"a\": 1}" } }),
            ),
            event("response.completed", json!({ "response": response() })),
        ])
    },
    paths: ("/v1/responses", "/v1/responses"),
};

pub(crate) const OLLAMA: Form = Form {
    name: "ollama",
    provider: "ollama",
    api: None,
    plain: || {
        json!({ "model": "m-1", "message": { "role": "assistant", "content": "Hello", "thinking": "hm",
            "tool_calls": [{ "id": "t1", "function": { "name": "add", "arguments": { "a": 1 } } }] },
            "done": true, "done_reason": "stop", "prompt_eval_count": 15, "eval_count": 20 })
        .to_string()
    },
    stream: || {
        let mut text = String::new();
        for message in [
            json!({ "content": "", "thinking": "hm" }),
            json!({ "content": "Hel" }),
            json!({ "content": "lo" }),
            json!({ "content": "", "tool_calls": [{ "id": "t1", "function": { "name": "add", "arguments": { "a": 1 } } }] }),
        ] {
            text += &json!({ "model": "m-1", "message": message, "done": false }).to_string();
            text += "\n";
        }
        text += &json!({ "model": "m-1", "message": { "content": "" }, "done": true, "done_reason": "stop", "prompt_eval_count": 15, "eval_count": 20 }).to_string();
        text += "\n";
        text.into_bytes()
    },
    paths: ("/api/chat", "/api/chat"),
};

pub(crate) const GEMINI: Form = Form {
    name: "gemini",
    provider: "gemini",
    api: None,
    plain: || {
        json!({ "modelVersion": "m-1", "candidates": [{ "finishReason": "STOP", "content": { "role": "model", "parts": [
            { "text": "hm", "thought": true },
            { "text": "Hello" },
            { "functionCall": { "id": "t1", "name": "add", "args": { "a": 1 } }, "thoughtSignature": "sig" }] } }],
            "usageMetadata": { "promptTokenCount": 15, "candidatesTokenCount": 13, "thoughtsTokenCount": 7, "cachedContentTokenCount": 5 } })
        .to_string()
    },
    stream: || {
        let piece = |part: Value| json!({ "modelVersion": "m-1", "candidates": [{ "content": { "role": "model", "parts": [part] } }] });
        sse(&[
            ("", piece(json!({ "text": "hm", "thought": true }))),
            ("", piece(json!({ "text": "Hel" }))),
            ("", piece(json!({ "text": "lo" }))),
            (
                "",
                piece(
                    json!({ "functionCall": { "id": "t1", "name": "add", "args": { "a": 1 } }, "thoughtSignature": "sig" }),
                ),
            ),
            (
                "",
                json!({ "modelVersion": "m-1", "candidates": [{ "content": { "parts": [{ "text": "" }] }, "finishReason": "STOP" }],
                "usageMetadata": { "promptTokenCount": 15, "candidatesTokenCount": 13, "thoughtsTokenCount": 7, "cachedContentTokenCount": 5 } }),
            ),
        ])
    },
    paths: (
        "/v1beta/models/m-1:generateContent",
        "/v1beta/models/m-1:streamGenerateContent?alt=sse",
    ),
};

pub(crate) const BEDROCK: Form = Form {
    name: "bedrock",
    provider: "bedrock",
    api: None,
    plain: || {
        json!({ "output": { "message": { "role": "assistant", "content": [
            { "reasoningContent": { "reasoningText": { "text": "hm", "signature": "sig" } } },
            { "text": "Hello" },
            { "toolUse": { "toolUseId": "t1", "name": "add", "input": { "a": 1 } } }] } },
            "stopReason": "tool_use", "usage": { "inputTokens": 10, "outputTokens": 20, "totalTokens": 30, "cacheReadInputTokens": 5 } })
        .to_string()
    },
    stream: || {
        [
            aws("event", "messageStart", &json!({ "role": "assistant" })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": { "text": "hm" } } })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": { "signature": "sig" } } })),
            aws("event", "contentBlockStop", &json!({ "contentBlockIndex": 0 })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 1, "delta": { "text": "Hel" } })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 1, "delta": { "text": "lo" } })),
            aws("event", "contentBlockStart", &json!({ "contentBlockIndex": 2, "start": { "toolUse": { "toolUseId": "t1", "name": "add" } } })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 2, "delta": { "toolUse": { "input": "{\"a\"" } } })),
            aws("event", "contentBlockDelta", &json!({ "contentBlockIndex": 2, "delta": { "toolUse": { "input": ": 1}" } } })),
            aws("event", "messageStop", &json!({ "stopReason": "tool_use" })),
            aws("event", "metadata", &json!({ "usage": { "inputTokens": 10, "outputTokens": 20, "cacheReadInputTokens": 5 } })),
        ]
        .concat()
    },
    paths: ("/model/m-1/converse", "/model/m-1/converse-stream"),
};

pub(crate) const FORMS: [Form; 8] = [
    CLAUDE, OPENAI, RESPONSES, OLLAMA, OPENROUTER, GEMINI, AZURE, BEDROCK,
];

pub(crate) fn provider(
    form: &Form,
    url: &str,
    change: impl FnOnce(&mut config::Provider),
) -> Arc<dyn Provider> {
    let mut own = config::Provider {
        base_url: Some(url.to_owned()),
        api: form.api.map(str::to_owned),
        max_attempts: Some(1),
        region: Some("us-east-1".to_owned()),
        api_version: (form.provider == "azure").then(|| "2024-10-21".to_owned()),
        ..config::Provider::default()
    };
    change(&mut own);
    let env = |name: &str| (name.contains("KEY") || name.contains("TOKEN")).then(|| KEY.to_owned());
    from_config(form.provider, &own, &env).unwrap()
}

/// Everything that a request can hold.
pub(crate) fn request() -> Request {
    Request {
        model: "m-1".into(),
        system: Some("Be brief.".into()),
        system_cache: Some(CacheTtl::FiveMinutes),
        messages: vec![
            Message {
                role: Role::User,
                parts: vec![
                    Part::Text("What is this?".into()),
                    Part::Image(Image::Base64 {
                        media_type: "image/png".into(),
                        data: "iVBORw0KGgo=".into(),
                    }),
                ],
            },
            Message {
                role: Role::Assistant,
                parts: vec![
                    Part::Text("I look.".into()),
                    Part::ToolCall {
                        id: "t0".into(),
                        name: "add".into(),
                        arguments: json!({ "a": 0 }),
                        signature: None,
                    },
                ],
            },
            Message {
                role: Role::User,
                parts: vec![
                    Part::ToolResult {
                        id: "t0".into(),
                        name: "add".into(),
                        content: "result-zero".into(),
                        is_error: false,
                    },
                    Part::Text("hi there".into()),
                ],
            },
        ],
        tools: vec![Tool {
            name: "add".into(),
            description: "Adds.".into(),
            parameters: json!({ "type": "object", "properties": { "a": { "type": "integer" } } }),
        }],
        tool_choice: ToolChoice::Auto,
        output: Some(OutputSchema {
            name: "answer".into(),
            schema: json!({ "type": "object", "properties": { "answer-field": { "type": "string" } } }),
        }),
        max_output_tokens: 100,
        temperature: Some(0.5),
        ..Request::default()
    }
}

pub(crate) fn http(body: &[u8], head: &str) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    Answer::Bytes(bytes)
}

pub(crate) async fn all(provider: &dyn Provider, request: &Request) -> (Vec<Event>, Option<Error>) {
    let mut events = match provider.stream(request).await {
        Ok(events) => events,
        Err(e) => return (Vec::new(), Some(e)),
    };
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => seen.push(event),
            Err(e) => return (seen, Some(e)),
        }
    }
    (seen, None)
}

pub(crate) fn check(form: &Form, reply: &Reply) {
    let name = form.name;
    assert_eq!(reply.text(), "Hello", "{name}");
    assert_eq!(reply.stop, StopReason::ToolUse, "{name}");
    let usage = reply.usage.as_ref().unwrap();
    // Cached tokens are told apart from the others, and no token is counted twice.
    let cached = if form.provider == "ollama" { 0 } else { 5 };
    assert_eq!(
        (usage.input, usage.output, usage.cache_read),
        (15 - cached, 20, cached),
        "{name}"
    );
    let call = reply.parts.iter().find_map(|part| match part {
        Part::ToolCall {
            id,
            name,
            arguments,
            signature,
        } => Some((
            id.as_str(),
            name.as_str(),
            arguments.clone(),
            signature.clone(),
        )),
        _ => None,
    });
    let (id, tool, arguments, call_signature) = call.unwrap();
    assert_eq!(
        (id, tool, arguments),
        ("t1", "add", json!({ "a": 1 })),
        "{name}"
    );
    let thought = reply.parts.iter().find_map(|part| match part {
        Part::Thinking {
            text, signature, ..
        } => Some((text.clone(), signature.clone())),
        _ => None,
    });
    let (text, signature) = thought.unwrap();
    assert_eq!(text, "hm", "{name}");
    let signature = signature.or(call_signature);
    if form.provider != "ollama" {
        assert!(signature.unwrap().contains("sig"), "{name}");
    }
    if form.provider == "openrouter" {
        assert_eq!(usage.vendor_cost.unwrap().to_string(), "$0.00125");
    }
}
