//! One contract for the seven providers: the same questions in each vendor's wire form, plain and streamed, and the same faults. The
//! answers here are the forms that the vendors document; `.ci/aimock` asks the same of a server that is not ours.

mod support;

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use support::{Answer, Vendor};
use tinydancer::config;
use tinydancer::provider::{
    CacheTtl, Error, ErrorKind, Event, Image, Message, OutputSchema, Part, Provider, Reply,
    Request, Role, Stage, StopReason, Tool, ToolChoice, from_config,
};

/// A vendor's form: the name, what is set besides the address, and its answers.
struct Form {
    name: &'static str,
    provider: &'static str,
    api: Option<&'static str>,
    plain: fn() -> String,
    stream: fn() -> Vec<u8>,
    /// Where the path has to be, plain and streamed.
    paths: (&'static str, &'static str),
}

const KEY: &str = "sk-very-secret";

fn sse(events: &[(&str, Value)]) -> Vec<u8> {
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

const CLAUDE: Form = Form {
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

fn chat_plain() -> String {
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

const OPENAI: Form = Form {
    name: "openai",
    provider: "openai",
    api: None,
    plain: chat_plain,
    stream: chat_stream,
    paths: ("/v1/chat/completions", "/v1/chat/completions"),
};

const OPENROUTER: Form = Form {
    name: "openrouter",
    provider: "openrouter",
    ..OPENAI
};

const AZURE: Form = Form {
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

const RESPONSES: Form = Form {
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

const OLLAMA: Form = Form {
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

const GEMINI: Form = Form {
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

const BEDROCK: Form = Form {
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

const FORMS: [Form; 8] = [
    CLAUDE, OPENAI, RESPONSES, OLLAMA, OPENROUTER, GEMINI, AZURE, BEDROCK,
];

fn provider(
    form: &Form,
    url: &str,
    change: impl FnOnce(&mut config::Provider),
) -> std::sync::Arc<dyn Provider> {
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
fn request() -> Request {
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

fn http(body: &[u8], head: &str) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    Answer::Bytes(bytes)
}

async fn all(provider: &dyn Provider, request: &Request) -> (Vec<Event>, Option<Error>) {
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

fn check(form: &Form, reply: &Reply) {
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

#[tokio::test]
async fn every_provider_answers_in_its_vendors_form() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
        let reply = provider(&form, &vendor.url, |_| {}).call(&request()).await;
        check(
            &form,
            &reply.unwrap_or_else(|e| panic!("{}: {e}", form.name)),
        );
        let asked = vendor.asked().remove(0);
        assert!(
            asked.starts_with(&format!("POST {} HTTP/1.1", form.paths.0)),
            "{}: {asked}",
            form.name
        );
        for sent in [
            "Be brief.",
            "hi there",
            "result-zero",
            "iVBORw0KGgo=",
            "answer-field",
            KEY,
        ] {
            assert!(asked.contains(sent), "{}: no {sent} in {asked}", form.name);
        }
    }
}

#[tokio::test]
async fn every_provider_streams_in_its_vendors_form() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http(&(form.stream)(), "200 OK")]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let (events, failed) = all(&*provider, &request()).await;
        assert_eq!(failed, None, "{}", form.name);
        let text: String = events
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(text, "Hello", "{}", form.name);
        let arguments: String = events
            .iter()
            .filter_map(|event| match event {
                Event::ToolArguments { json, .. } => Some(json.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(
            serde_json::from_str::<Value>(&arguments).unwrap(),
            json!({ "a": 1 }),
            "{}",
            form.name
        );
        let Some(Event::End(reply)) = events.last() else {
            panic!("{}: no end: {events:?}", form.name)
        };
        check(&form, reply);
        let asked = vendor.asked().remove(0);
        assert!(
            asked.starts_with(&format!("POST {} HTTP/1.1", form.paths.1)),
            "{}: {asked}",
            form.name
        );
    }
}

#[tokio::test]
async fn what_a_model_said_is_taken_back_as_it_was() {
    for form in FORMS {
        let answer = http((form.plain)().as_bytes(), "200 OK");
        let vendor = Vendor::start(vec![answer]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let reply = provider.call(&request()).await.unwrap();
        let mut next = request();
        next.messages.push(Message {
            role: Role::Assistant,
            parts: reply.parts,
        });
        next.messages.push(Message::text(Role::User, "go on"));
        provider.call(&next).await.unwrap();
        let asked = vendor.asked().remove(1);
        if !["ollama", "azure"].contains(&form.provider) && form.name != "openai" {
            assert!(asked.contains("sig"), "{}: {asked}", form.name);
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_off_says_so_after_what_came() {
    for form in FORMS {
        let whole = (form.stream)();
        for share in [2, 3, 4] {
            let cut = &whole[..whole.len() * share / 5];
            let vendor = Vendor::start(vec![http(cut, "200 OK")]).await;
            let provider = provider(&form, &vendor.url, |_| {});
            let (events, failed) = all(&*provider, &request()).await;
            let failed = failed.unwrap_or_else(|| panic!("{}: {events:?}", form.name));
            assert!(failed.may_have_been_billed(), "{}", form.name);
            assert!(!events.iter().any(|event| matches!(event, Event::End(_))));
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_no_stream_is_told() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http(b"data: {not json}\n\n{\n", "200 OK")]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let (_, failed) = all(&*provider, &request()).await;
        let failed = failed.unwrap();
        assert!(
            matches!(failed.kind, ErrorKind::Protocol | ErrorKind::Connection),
            "{}: {failed}",
            form.name
        );
    }
}

#[tokio::test]
async fn statuses_mean_the_same_everywhere() {
    for form in FORMS {
        for (status, expected) in [
            (400, ErrorKind::BadRequest),
            (401, ErrorKind::Authentication),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (413, ErrorKind::TooLong),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Vendor(500)),
            (502, ErrorKind::Vendor(502)),
            (503, ErrorKind::Overloaded),
            (302, ErrorKind::Protocol),
        ] {
            let head = format!("{status} X\r\nretry-after: 7");
            let vendor = Vendor::start(vec![http(b"<html>no</html>", &head)]).await;
            let provider = provider(&form, &vendor.url, |_| {});
            let failed = provider.call(&request()).await.unwrap_err();
            let (_, streamed) = all(&*provider, &request()).await;
            for failed in [failed, streamed.unwrap()] {
                assert_eq!(failed.kind, expected, "{} {status}", form.name);
                assert_eq!(failed.retry_after, Some(Duration::from_secs(7)));
                assert_eq!(failed.reached, status == 502, "{} {status}", form.name);
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_what_the_vendor_says() {
    let error = |form: &Form, kind: &str, code: &str, message: &str| match form.provider {
        "claude" => json!({ "type": "error", "error": { "type": kind, "message": message } }),
        "ollama" => json!({ "error": message }),
        "gemini" => {
            json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": message } })
        }
        "bedrock" => json!({ "message": message }),
        _ => json!({ "error": { "type": kind, "code": code, "message": message } }),
    };
    for form in FORMS {
        let body = error(
            &form,
            "invalid_request_error",
            "context_length_exceeded",
            "prompt is too long: 300000 tokens > 200000 maximum",
        );
        let vendor = Vendor::start(vec![http(body.to_string().as_bytes(), "400 X")]).await;
        let failed = provider(&form, &vendor.url, |_| {})
            .call(&request())
            .await
            .unwrap_err();
        assert_eq!(failed.kind, ErrorKind::TooLong, "{}", form.name);
    }
}

#[tokio::test]
async fn silence_ends_at_the_limit_that_it_breaks() {
    for form in FORMS {
        let silent = Vendor::start(vec![Answer::Silence]).await;
        let first = provider(&form, &silent.url, |own| {
            own.first_byte_timeout_ms = Some(50);
        });
        let failed = first.call(&request()).await.unwrap_err();
        assert_eq!(
            failed.kind,
            ErrorKind::Timeout(Stage::FirstByte),
            "{}",
            form.name
        );
        let half = Vendor::start(vec![Answer::Half]).await;
        let between = provider(&form, &half.url, |own| own.idle_timeout_ms = Some(50));
        let (_, failed) = all(&*between, &request()).await;
        assert_eq!(
            failed.unwrap().kind,
            ErrorKind::Timeout(Stage::BetweenBytes),
            "{}",
            form.name
        );
        let whole = provider(&form, &half.url, |own| own.total_timeout_ms = Some(50));
        let failed = whole.call(&request()).await.unwrap_err();
        assert_eq!(
            failed.kind,
            ErrorKind::Timeout(Stage::Whole),
            "{}",
            form.name
        );
    }
}

#[tokio::test]
async fn no_error_shows_the_key_even_where_the_vendor_quotes_it() {
    for form in FORMS {
        let body = json!({ "error": { "type": "x", "message": format!("bad key {KEY}") }, "message": format!("bad key {KEY}") });
        let vendor = Vendor::start(vec![http(body.to_string().as_bytes(), "401 X")]).await;
        let provider = provider(&form, &vendor.url, |_| {});
        let failed = provider.call(&request()).await.unwrap_err();
        let shown = format!(
            "{failed} {failed:?} {:?} {}",
            request(),
            provider.endpoint()
        );
        assert!(
            !shown.contains(KEY) && !shown.contains("hi there"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_checksum_that_is_wrong_ends_bedrocks_stream() {
    let mut bytes = (BEDROCK.stream)();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let vendor = Vendor::start(vec![http(&bytes, "200 OK")]).await;
    let provider = provider(&BEDROCK, &vendor.url, |_| {});
    let (events, failed) = all(&*provider, &request()).await;
    assert_eq!(failed.unwrap().kind, ErrorKind::Protocol);
    assert!(events.iter().any(|event| matches!(event, Event::Text(_))));
}

#[tokio::test]
async fn an_overloaded_vendor_that_says_so_in_a_stream_is_tried_again() {
    let busy = sse(&[(
        "error",
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }),
    )]);
    let vendor = Vendor::start(vec![
        http(&busy, "200 OK"),
        http(&(CLAUDE.stream)(), "200 OK"),
    ])
    .await;
    let provider = provider(&CLAUDE, &vendor.url, |own| own.max_attempts = Some(2));
    let (events, failed) = all(&*provider, &request()).await;
    assert_eq!(failed, None);
    let Some(Event::End(reply)) = events.last() else {
        panic!("an end")
    };
    assert_eq!(reply.attempts, 2);
}

#[tokio::test]
async fn bedrock_signs_what_it_sends() {
    let vendor = Vendor::start(vec![http((BEDROCK.plain)().as_bytes(), "200 OK")]).await;
    let own = config::Provider {
        base_url: Some(vendor.url.clone()),
        region: Some("eu-central-1".to_owned()),
        ..config::Provider::default()
    };
    let env = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(KEY.to_owned()),
        "AWS_SESSION_TOKEN" => Some("token".to_owned()),
        _ => None,
    };
    let bedrock = from_config("bedrock", &own, &env).unwrap();
    bedrock.call(&request()).await.unwrap();
    let asked = vendor.asked().remove(0);
    assert!(asked.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    assert!(asked.contains("/eu-central-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="));
    assert!(!asked.contains(KEY));
}

#[tokio::test]
async fn a_key_comes_from_a_command_and_is_fetched_anew_when_it_is_refused() {
    let vendor = Vendor::start(vec![
        http(b"{}", "401 X"),
        http((CLAUDE.plain)().as_bytes(), "200 OK"),
    ])
    .await;
    let own = config::Provider {
        base_url: Some(vendor.url.clone()),
        api_key_command: Some(vec!["echo".to_owned(), "from-a-command".to_owned()]),
        ..config::Provider::default()
    };
    let claude = from_config("claude", &own, &|_| None).unwrap();
    let reply = claude.call(&request()).await.unwrap();
    assert_eq!(reply.attempts, 2);
    assert!(vendor.asked()[1].contains("x-api-key: from-a-command"));
}
