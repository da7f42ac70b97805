//! Which of the models that may serve is called: by rules, by what the task needs, by cost, by latency.

mod support;

use std::time::Duration;

use serde_json::json;
use support::{Answer, Vendor, config, fall_back_to, host, small, with_others};
use tinydancer::config::{Candidate, Provider, Rule, Strategy};
use tinydancer::provider::Tool;
use tinydancer::{Picture, Privacy, Status, Task};

fn candidate(model: &str) -> Candidate {
    Candidate {
        model: model.to_owned(),
        ..Candidate::default()
    }
}

fn with_a_tool(mut task: Task) -> Task {
    task.tools.push(Tool {
        name: "add".to_owned(),
        description: "Adds.".to_owned(),
        parameters: json!({ "type": "object" }),
    });
    task
}

fn with_a_picture(mut task: Task) -> Task {
    task.images.push(Picture::Bytes {
        media_type: "image/png".to_owned(),
        data: "iVBORw0KGgo=".to_owned(),
    });
    task
}

fn with_a_schema(mut task: Task) -> Task {
    task.output_schema = Some(json!({ "type": "object" }));
    task
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn rules_choose_by_agent_and_need_and_the_first_that_fits_wins() {
    let home = tempfile::tempdir().unwrap();
    let first = Vendor::start(vec![Answer::Text("usual")]).await;
    let second = Vendor::start(vec![Answer::Text("ruled")]).await;
    let mut config = with_others(&first.url, &[("other", &second.url)]);
    config.routing.rules = vec![Rule {
        agent: vec!["coder".to_owned()],
        candidates: vec![Candidate {
            model: "other/claude-sonnet-5-5".to_owned(),
            ..Candidate::default()
        }],
        ..Rule::default()
    }];
    let host = host(config, home.path()).await;
    let mut task = small("hi");
    task.agent = "coder".to_owned();
    let ruled = host.run(task).await.outcome;
    assert_eq!(ruled.provider.as_deref(), Some("other"));
    assert!(ruled.reasons.iter().any(|words| words.contains("rule 1")));
    let usual = host.run(small("hi")).await.outcome;
    assert_eq!(usual.provider.as_deref(), Some("claude"));
}

#[tokio::test]
async fn the_cheapest_comes_first_where_cost_decides() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let mut config = config(&vendor.url);
    config.routing.strategy = Strategy::Cost;
    let tier = config.tiers.entry("1".to_owned()).or_default();
    tier.model = Some("claude-opus-5-5".to_owned());
    fall_back_to(&mut config, &["claude-sonnet-5-5", "claude-haiku-5-5"]);
    let host = host(config, home.path()).await;
    let done = host.run(small("hi")).await;
    assert_eq!(done.outcome.model.as_deref(), Some("claude-haiku-5-5"));
}

#[tokio::test]
async fn each_part_of_a_rule_fits_what_it_names_and_nothing_else() {
    let named = |change: &dyn Fn(&mut Task)| {
        let mut task = small("hi");
        change(&mut task);
        task
    };
    let by = |change: &dyn Fn(&mut Rule)| {
        let mut rule = Rule {
            candidates: vec![candidate("other/claude-sonnet-5-5")],
            ..Rule::default()
        };
        change(&mut rule);
        rule
    };
    let cases: [(&str, Rule, Task); 9] = [
        (
            "agent",
            by(&|rule| rule.agent = words(&["reviewer", "coder"])),
            named(&|task| task.agent = "Coder".to_owned()),
        ),
        (
            "kind",
            by(&|rule| rule.kind = words(&["generate-tests"])),
            named(&|task| task.kind = "generate-tests".to_owned()),
        ),
        (
            "domain",
            by(&|rule| rule.domain = words(&["billing"])),
            named(&|task| task.domain = "billing".to_owned()),
        ),
        (
            "tools",
            by(&|rule| rule.needs = words(&["tools"])),
            with_a_tool(small("hi")),
        ),
        (
            "images",
            by(&|rule| rule.needs = words(&["images"])),
            with_a_picture(small("hi")),
        ),
        (
            "json",
            by(&|rule| rule.needs = words(&["json"])),
            with_a_schema(small("hi")),
        ),
        (
            "a capability of the task's own",
            by(&|rule| rule.needs = words(&["sast"])),
            named(&|task| task.capabilities = words(&["SAST"])),
        ),
        (
            "context length",
            by(&|rule| rule.longer_than = Some(1_000)),
            small(&"many words ".repeat(2_000)),
        ),
        (
            "two parts at once",
            by(&|rule| {
                rule.agent = words(&["coder"]);
                rule.needs = words(&["tools"]);
            }),
            with_a_tool(named(&|task| task.agent = "coder".to_owned())),
        ),
    ];
    let first = Vendor::start(vec![Answer::Text("usual")]).await;
    let second = Vendor::start(vec![Answer::Text("ruled")]).await;
    for (name, rule, fitting) in cases {
        let home = tempfile::tempdir().unwrap();
        let mut config = with_others(&first.url, &[("other", &second.url)]);
        config.routing.rules = vec![rule];
        let host = host(config, home.path()).await;
        let ruled = host.run(fitting).await.outcome;
        assert_eq!(
            ruled.provider.as_deref(),
            Some("other"),
            "{name}: {:?}",
            ruled.reasons
        );
        let mut half = small("hi");
        half.agent = if name == "two parts at once" {
            "coder"
        } else {
            ""
        }
        .to_owned();
        let usual = host.run(half).await.outcome;
        assert_eq!(usual.provider.as_deref(), Some("claude"), "{name}");
    }
}

#[tokio::test]
async fn a_model_that_cannot_do_the_task_is_left_out_with_the_reason() {
    let other = Vendor::start(vec![Answer::Text("instead")]).await;
    let elsewhere = Vendor::start(vec![Answer::Text("never")]).await;
    let long = "many words ".repeat(20_000);
    let cases = [
        (
            "ollama/llama2",
            with_a_tool(small("hi")),
            "it takes no tools",
        ),
        (
            "ollama/llama2",
            with_a_picture(small("hi")),
            "it takes no pictures",
        ),
        (
            "openai/gpt-4",
            with_a_schema(small("hi")),
            "it does not hold itself to a JSON schema",
        ),
        ("openai/gpt-4", small(&long), "and it takes 8192"),
    ];
    for (model, task, reason) in cases {
        let home = tempfile::tempdir().unwrap();
        let mut config = config(&other.url);
        for name in ["ollama", "openai"] {
            let own = Provider {
                base_url: Some(elsewhere.url.clone()),
                api_key_env: Some("PATH".to_owned()),
                max_attempts: Some(1),
                ..Provider::default()
            };
            config.providers.insert(name.to_owned(), own);
        }
        config.tiers.entry("1".to_owned()).or_default().model = Some(model.to_owned());
        fall_back_to(&mut config, &["claude-haiku-5-5"]);
        let host = host(config, home.path()).await;
        let done = host.run(task).await.outcome;
        assert_eq!(done.status, Status::Success, "{:?}", done.error);
        assert_eq!(done.provider.as_deref(), Some("claude"));
        let said = done.reasons.join("; ");
        assert!(said.contains(reason), "{model}, not {reason}: {said}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_rule_can_keep_a_domain_on_this_machine_whatever_the_task_says() {
    let home = tempfile::tempdir().unwrap();
    let elsewhere = Vendor::start(vec![Answer::Text("never")]).await;
    let local = Vendor::start(vec![Answer::Raw(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"here\"},\
         \"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":1,\"eval_count\":1}"
            .to_owned(),
    )])
    .await;
    let mut config = config(&elsewhere.url);
    config
        .providers
        .entry("ollama".to_owned())
        .or_default()
        .base_url = Some(local.url.clone());
    fall_back_to(
        &mut config,
        &["ollama/gpt-oss:120b-cloud", "ollama/llama3.1"],
    );
    config.routing.rules = vec![Rule {
        domain: words(&["payroll"]),
        local_only: true,
        ..Rule::default()
    }];
    let host = host(config, home.path()).await;
    let mut task = small("who earns what");
    task.domain = "payroll".to_owned();
    let done = host.run(task).await.outcome;
    assert_eq!(
        done.model.as_deref(),
        Some("ollama/llama3.1"),
        "{:?}",
        done.reasons
    );
    assert_eq!(done.cost.get(), 0);
    assert!(elsewhere.asked().is_empty());
    assert_eq!(
        host.run(small("hi")).await.outcome.provider.as_deref(),
        Some("claude")
    );
}

#[tokio::test]
async fn a_local_server_that_nobody_vouched_for_gets_no_task_that_must_stay_here() {
    let home = tempfile::tempdir().unwrap();
    let proxy = Vendor::start(vec![Answer::Text("a proxy's")]).await;
    let mut config = with_others(&proxy.url, &[("mine", &proxy.url)]);
    fall_back_to(&mut config, &["mine/claude-haiku-5-5"]);
    let private = || {
        let mut task = small("hush");
        task.privacy = Some(Privacy::LocalOnly);
        task
    };
    let refused = host(config.clone(), home.path()).await;
    assert_eq!(refused.run(private()).await.outcome.status, Status::Failure);
    assert!(proxy.asked().is_empty());
    refused.close().await.unwrap();
    config.providers.get_mut("mine").unwrap().local = Some(true);
    let vouched = host(config, home.path()).await;
    let done = vouched.run(private()).await.outcome;
    assert_eq!(done.provider.as_deref(), Some("mine"), "{:?}", done.reasons);
}

#[tokio::test]
async fn the_quickest_comes_first_where_latency_decides_and_who_was_never_called_before_it() {
    let home = tempfile::tempdir().unwrap();
    let slow = Vendor::start(vec![Answer::Late(Duration::from_millis(400), "slow")]).await;
    let quick = Vendor::start(vec![Answer::Text("quick")]).await;
    let mut config = with_others(&slow.url, &[("other", &quick.url)]);
    config.routing.strategy = Strategy::Latency;
    fall_back_to(&mut config, &["other/claude-haiku-5-5"]);
    let host = host(config, home.path()).await;
    let mut called = Vec::new();
    for _ in 0..4 {
        called.extend(host.run(small("hi")).await.outcome.provider);
    }
    assert_eq!(called, ["claude", "other", "other", "other"]);
}
