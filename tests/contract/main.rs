//! One contract for the seven providers: the same questions in each vendor's wire form, plain and streamed, and the same faults. The
//! answers here are the forms that the vendors document; `.ci/aimock` and `.ci/litellm-server` ask the same of servers that are not ours.

mod faults;
mod forms;
mod keys;
mod sent;
#[path = "../support/mod.rs"]
mod support;

use forms::{FORMS, KEY, all, check, http, provider, request};
use serde_json::{Value, json};
use support::Vendor;
use tinydancer::provider::{Event, Message, Role};

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
