//! Where each vendor wants what a request holds, and what its words for an answer's end mean.

use serde_json::{Value, json};
use tinydancer::provider::{
    CacheTtl, Error, Image, LimitField, Message, Part, Reply, Request, Role, StopReason, Thinking,
};

use super::forms::{FORMS, Form, http, provider, request};
use super::support::Vendor;

/// What a vendor is sent.
async fn body(form: &Form, request: &Request) -> Value {
    let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
    let asked = provider(form, &vendor.url, |_| {}).call(request).await;
    asked.unwrap_or_else(|e| panic!("{}: {e}", form.name));
    let asked = vendor.asked().remove(0);
    serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap()
}

async fn refused(form: &Form, request: &Request) -> Error {
    let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
    let provider = provider(form, &vendor.url, |_| {});
    provider.call(request).await.unwrap_err()
}

#[track_caller]
fn has(form: &Form, body: &Value, pointer: &str, wanted: Value) {
    let found = body.pointer(pointer);
    assert_eq!(found, Some(&wanted), "{} {pointer}: {body:#}", form.name);
}

#[tokio::test]
async fn a_picture_stands_where_the_vendor_looks_for_it() {
    let bytes = "iVBORw0KGgo=";
    let url = format!("data:image/png;base64,{bytes}");
    for form in FORMS {
        let body = body(&form, &request()).await;
        let (pointer, wanted) = match form.name {
            "claude" => (
                "/messages/0/content/1/source",
                json!({ "type": "base64", "media_type": "image/png", "data": bytes }),
            ),
            "openai (responses)" => (
                "/input/0/content/1",
                json!({ "type": "input_image", "image_url": url }),
            ),
            "ollama" => ("/messages/1/images/0", json!(bytes)),
            "gemini" => (
                "/contents/0/parts/1/inlineData",
                json!({ "mimeType": "image/png", "data": bytes }),
            ),
            "bedrock" => (
                "/messages/0/content/1/image",
                json!({ "format": "png", "source": { "bytes": bytes } }),
            ),
            _ => ("/messages/1/content/1/image_url/url", json!(url)),
        };
        has(&form, &body, pointer, wanted);
    }
}

#[tokio::test]
async fn a_schema_and_a_tool_stand_where_the_vendor_looks_for_them() {
    let schema = request().output.unwrap().schema;
    let arguments = request().tools.remove(0).parameters;
    for form in FORMS {
        let body = body(&form, &request()).await;
        let (at, tool) = match form.name {
            "claude" => ("/output_config/format/schema", "/tools/0/input_schema"),
            "openai (responses)" => ("/text/format/schema", "/tools/0/parameters"),
            "ollama" => ("/format", "/tools/0/function/parameters"),
            "gemini" => (
                "/generationConfig/responseJsonSchema",
                "/tools/0/functionDeclarations/0/parametersJsonSchema",
            ),
            "bedrock" => (
                "/outputConfig/textFormat/structure/jsonSchema/schema",
                "/toolConfig/tools/0/toolSpec/inputSchema/json",
            ),
            _ => (
                "/response_format/json_schema/schema",
                "/tools/0/function/parameters",
            ),
        };
        // Bedrock takes it as a text.
        let wanted = if form.name == "bedrock" {
            json!(schema.to_string())
        } else {
            schema.clone()
        };
        has(&form, &body, at, wanted);
        has(&form, &body, tool, arguments.clone());
    }
}

#[tokio::test]
async fn thinking_is_asked_for_in_the_vendors_words() {
    for form in FORMS {
        let mut asked = request();
        asked.max_output_tokens = 10_000;
        asked.thinking = Some(Thinking::Adaptive {
            effort: "high".into(),
        });
        let by_effort = body(&form, &asked).await;
        let (pointer, wanted) = match form.name {
            "claude" => ("/output_config/effort", json!("high")),
            "openai (responses)" => ("/reasoning/effort", json!("high")),
            "openrouter" => ("/reasoning/effort", json!("high")),
            "ollama" => ("/think", json!("high")),
            "gemini" => (
                "/generationConfig/thinkingConfig/thinkingLevel",
                json!("high"),
            ),
            "bedrock" => (
                "/additionalModelRequestFields/output_config/effort",
                json!("high"),
            ),
            _ => ("/reasoning_effort", json!("high")),
        };
        has(&form, &by_effort, pointer, wanted);

        asked.thinking = Some(Thinking::Budget { tokens: 2_048 });
        let (pointer, wanted) = match form.name {
            "claude" => ("/thinking/budget_tokens", json!(2_048)),
            "openrouter" => ("/reasoning/max_tokens", json!(2_048)),
            "ollama" => ("/think", json!(true)),
            "gemini" => (
                "/generationConfig/thinkingConfig/thinkingBudget",
                json!(2_048),
            ),
            "bedrock" => (
                "/additionalModelRequestFields/thinking/budget_tokens",
                json!(2_048),
            ),
            _ => {
                // OpenAI's models take no budget: said, and not left out in silence.
                assert!(
                    refused(&form, &asked)
                        .await
                        .to_string()
                        .contains("thinking")
                );
                continue;
            }
        };
        has(&form, &body(&form, &asked).await, pointer, wanted);

        asked.thinking = None;
        let without = body(&form, &asked).await.to_string();
        assert!(
            !without.contains("think") && !without.contains("reasoning_effort"),
            "{}: {without}",
            form.name
        );
    }
}

#[tokio::test]
async fn cache_marks_reach_the_vendors_that_take_them() {
    for form in FORMS {
        let mut asked = request();
        asked.messages[2]
            .parts
            .push(Part::CachePoint(CacheTtl::Hour));
        let body = body(&form, &asked).await;
        let five = json!({ "type": "ephemeral" });
        let hour = json!({ "type": "ephemeral", "ttl": "1h" });
        match form.name {
            "claude" => {
                has(&form, &body, "/system/0/cache_control", five);
                has(&form, &body, "/messages/2/content/1/cache_control", hour);
            }
            "openrouter" => {
                has(&form, &body, "/messages/0/content/0/cache_control", five);
                has(&form, &body, "/messages/4/content/0/cache_control", hour);
            }
            "bedrock" => {
                has(
                    &form,
                    &body,
                    "/system/1/cachePoint",
                    json!({ "type": "default" }),
                );
                has(
                    &form,
                    &body,
                    "/messages/2/content/2/cachePoint",
                    json!({ "type": "default", "ttl": "1h" }),
                );
            }
            // The others keep what they like by themselves.
            _ => assert!(!body.to_string().contains("cache_control"), "{body}"),
        }
    }
}

#[tokio::test]
async fn the_limit_of_an_answer_is_sent_under_the_name_that_the_model_takes() {
    for form in FORMS {
        let pointer = match form.name {
            "openai" | "azure" => "/max_completion_tokens",
            "openai (responses)" => "/max_output_tokens",
            "ollama" => "/options/num_predict",
            "gemini" => "/generationConfig/maxOutputTokens",
            "bedrock" => "/inferenceConfig/maxTokens",
            _ => "/max_tokens",
        };
        has(&form, &body(&form, &request()).await, pointer, json!(100));
        if ["openai", "azure"].contains(&form.name) {
            let older = Request {
                limit_field: LimitField::MaxTokens,
                ..request()
            };
            let body = body(&form, &older).await;
            has(&form, &body, "/max_tokens", json!(100));
            assert_eq!(body.get("max_completion_tokens"), None);
        }
    }
}

#[tokio::test]
async fn a_picture_by_its_address_is_sent_or_refused_and_never_dropped() {
    let address = "https://example.com/cat.png";
    for form in FORMS {
        let asked = Request {
            model: "m-1".into(),
            messages: vec![Message {
                role: Role::User,
                parts: vec![
                    Part::Image(Image::Url(address.into())),
                    Part::Text("what?".into()),
                ],
            }],
            max_output_tokens: 100,
            ..Request::default()
        };
        match form.name {
            "ollama" | "bedrock" => {
                let words = refused(&form, &asked).await.to_string();
                assert!(words.contains("picture"), "{}: {words}", form.name);
            }
            _ => assert!(body(&form, &asked).await.to_string().contains(address)),
        }
    }
}

/// A plain answer of words that ended for a reason.
fn ended(form: &Form, reason: &str) -> Value {
    match form.name {
        "claude" => {
            json!({ "model": "m", "stop_reason": reason, "content": [{ "type": "text", "text": "x" }], "usage": { "input_tokens": 1, "output_tokens": 1 } })
        }
        "openai (responses)" => {
            let (status, details) = if reason == "completed" {
                ("completed", Value::Null)
            } else {
                ("incomplete", json!({ "reason": reason }))
            };
            json!({ "model": "m", "status": status, "incomplete_details": details,
                "output": [{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "x" }] }], "usage": { "input_tokens": 1, "output_tokens": 1 } })
        }
        "ollama" => {
            json!({ "model": "m", "message": { "role": "assistant", "content": "x" }, "done": true, "done_reason": reason, "eval_count": 1, "prompt_eval_count": 1 })
        }
        "gemini" => {
            json!({ "candidates": [{ "finishReason": reason, "content": { "parts": [{ "text": "x" }] } }], "usageMetadata": { "promptTokenCount": 1, "candidatesTokenCount": 1 } })
        }
        "bedrock" => {
            json!({ "output": { "message": { "role": "assistant", "content": [{ "text": "x" }] } }, "stopReason": reason, "usage": { "inputTokens": 1, "outputTokens": 1 } })
        }
        _ => {
            json!({ "model": "m", "choices": [{ "index": 0, "finish_reason": reason, "message": { "role": "assistant", "content": "x" } }], "usage": { "prompt_tokens": 1, "completion_tokens": 1 } })
        }
    }
}

async fn replied(form: &Form, answer: &Value) -> Reply {
    let vendor = Vendor::start(vec![http(answer.to_string().as_bytes(), "200 OK")]).await;
    let provider = provider(form, &vendor.url, |_| {});
    provider
        .call(&request())
        .await
        .unwrap_or_else(|e| panic!("{}: {e}", form.name))
}

#[tokio::test]
async fn the_vendors_words_for_an_end_mean_the_same() {
    for form in FORMS {
        let (done, cut, refused) = match form.name {
            "claude" => ("end_turn", "max_tokens", Some("refusal")),
            "openai (responses)" => ("completed", "max_output_tokens", Some("content_filter")),
            "ollama" => ("stop", "length", None),
            "gemini" => ("STOP", "MAX_TOKENS", Some("SAFETY")),
            "bedrock" => ("end_turn", "max_tokens", Some("guardrail_intervened")),
            _ => ("stop", "length", Some("content_filter")),
        };
        let words = [
            (Some(done), StopReason::EndTurn),
            (Some(cut), StopReason::MaxTokens),
            (refused, StopReason::Refusal),
        ];
        for (word, meant) in words {
            let Some(word) = word else { continue };
            let reply = replied(&form, &ended(&form, word)).await;
            assert_eq!(reply.stop, meant, "{} {word}", form.name);
        }
    }
    for (form, word) in [(&FORMS[0], "stop_sequence"), (&FORMS[7], "stop_sequence")] {
        let reply = replied(form, &ended(form, word)).await;
        assert_eq!(reply.stop, StopReason::StopSequence, "{}", form.name);
    }
}

#[tokio::test]
async fn reasoning_tokens_are_told_where_the_vendor_tells_them() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
        let reply = provider(&form, &vendor.url, |_| {})
            .call(&request())
            .await
            .unwrap();
        let usage = reply.usage.unwrap();
        let told = if ["claude", "ollama", "bedrock"].contains(&form.name) {
            0
        } else {
            7
        };
        assert_eq!(usage.reasoning, told, "{}", form.name);
        // They are part of the answer's and are not billed twice.
        assert_eq!(usage.output, 20, "{}", form.name);
    }
}

/// The counts that a server may not know, as null.
fn forget_details(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    for (name, field) in fields {
        let name = name.to_lowercase();
        if field.is_number()
            && ["cache", "reason", "thought"]
                .iter()
                .any(|word| name.contains(word))
        {
            *field = Value::Null;
        } else {
            forget_details(field);
        }
    }
}

#[tokio::test]
async fn an_answer_with_counts_that_its_server_left_null_is_taken() {
    for form in FORMS {
        let mut answer: Value = serde_json::from_str(&(form.plain)()).unwrap();
        for usage in ["usage", "usageMetadata"] {
            if let Some(usage) = answer.get_mut(usage) {
                forget_details(usage);
            }
        }
        let usage = replied(&form, &answer).await.usage.unwrap();
        assert_eq!((usage.cache_read, usage.reasoning), (0, 0), "{}", form.name);
        // Gemini counts thoughts beside the answer and not within it.
        let output = if form.name == "gemini" { 13 } else { 20 };
        assert_eq!(usage.output, output, "{}", form.name);
    }
}

#[tokio::test]
async fn azure_is_asked_at_the_address_of_its_interface_for_the_deployment_of_a_model() {
    let azure = FORMS.iter().find(|form| form.name == "azure").unwrap();
    let responses = FORMS.iter().find(|form| form.api.is_some()).unwrap();
    let older = Some("2024-10-21".to_owned());
    let cases = [
        (
            azure,
            older.clone(),
            "/openai/deployments/mine/chat/completions?api-version=2024-10-21",
        ),
        (azure, None, "/openai/v1/chat/completions"),
        (responses, older, "/openai/responses?api-version=2024-10-21"),
        (responses, None, "/openai/v1/responses"),
    ];
    for (form, version, path) in cases {
        let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
        let azure = provider(azure, &vendor.url, |own| {
            own.api = form.api.map(str::to_owned);
            own.api_version = version;
            own.deployments.insert("m-1".to_owned(), "mine".to_owned());
            own.bearer = path.contains("/v1/");
        });
        azure.call(&request()).await.unwrap();
        let asked = vendor.asked().remove(0);
        assert!(
            asked.starts_with(&format!("POST {path} HTTP/1.1")),
            "{asked}"
        );
        assert!(asked.contains(r#""model":"mine""#), "{asked}");
        assert_eq!(
            asked.contains("authorization: Bearer "),
            path.contains("/v1/")
        );
        assert_eq!(asked.contains("api-key: "), !path.contains("/v1/"));
    }
}
