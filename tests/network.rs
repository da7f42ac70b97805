//! What leaves the machine and by which way: proxies, plain http, keys, what the doctor asks for.

mod support;

use std::path::Path;

use support::{Answer, Vendor, program, program_with};

#[tokio::test]
async fn the_doctor_calls_each_provider_once_after_showing_the_cost() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let (text, done) = program(home.path(), "", &vendor.url, &["doctor", "--live"]).await;
    assert!(done, "{text}");
    assert!(
        text.contains("calling claude-haiku-5-5 at claude: at most $"),
        "{text}"
    );
    assert!(text.contains("answered through claude, for $"), "{text}");
    assert_eq!(vendor.asked().len(), 1);
    let (text, _) = program(home.path(), "", &vendor.url, &["doctor", "--ledger"]).await;
    assert!(text.contains("1 reservation agrees"), "{text}");
}

#[tokio::test]
async fn models_shows_fallbacks_prices_and_what_is_not_set_up() {
    let home = tempfile::tempdir().unwrap();
    let toml = "[tiers.1]\nfallbacks = [\"openai/gpt-5-mini\", \"ollama/llama3.1\"]\n";
    let (text, done) = program(home.path(), toml, "http://127.0.0.1:9", &["models"]).await;
    assert!(done, "{text}");
    for words in [
        "gpt-5-mini",
        "fallback 1, not set up",
        "fallback 2, on this machine",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn doctor_and_models_tell_who_can_be_reached_without_a_key_going_along() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("never")]).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let toml = format!(
        "[tiers.1]\nfallbacks = [\"other/claude-haiku-5-5\"]\n[providers.other]\nkind = \"claude\"\nbase_url = \"{gone}\"\n"
    );
    let (text, _) = program(home.path(), &toml, &vendor.url, &["doctor"]).await;
    assert!(
        text.contains(&format!("claude at {}, set up and reachable", vendor.url)),
        "{text}"
    );
    assert!(
        text.contains(&format!("other at {gone}, set up, but not reachable")),
        "{text}"
    );
    let (text, _) = program(home.path(), &toml, &vendor.url, &["models"]).await;
    let line = |provider: &str| {
        let of = |line: &&str| line.split_whitespace().nth(2) == Some(provider);
        text.lines().find(of).unwrap_or_default().to_owned()
    };
    assert!(
        line("claude").ends_with("reachable") && !line("claude").contains("not"),
        "{text}"
    );
    assert!(line("other").contains("not reachable"), "{text}");
    assert!(vendor.asked().is_empty(), "no model was called");
}

#[tokio::test]
async fn no_file_and_no_output_of_the_program_has_the_key() {
    let home = tempfile::tempdir().unwrap();
    let quoted = |status: u16| {
        let body = r#"{"type":"error","error":{"type":"authentication_error","message":"no such key: sk-grep-for-me"}}"#;
        Answer::Raw(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let vendor = Vendor::start(vec![
        quoted(401),
        Answer::Text("fine"),
        quoted(400),
        quoted(500),
    ])
    .await;
    let mut written = String::new();
    for arguments in [
        &["run", "--tier", "1", "--json", "hi"][..],
        &["run", "--tier", "1", "hi"],
        &["run", "--tier", "1", "--json", "hi"],
        &["doctor", "--live", "--json"],
        &["outcomes", "--json"],
        &["models", "--json"],
    ] {
        written += &program(home.path(), "", &vendor.url, arguments).await.0;
    }
    assert!(vendor.asked()[0].contains("sk-grep-for-me"));
    assert!(written.contains("[key]"), "{written}");
    written += &every_file(home.path());
    assert!(!written.contains("sk-grep-for-me"));
}

/// All that stands in a folder and those below.
fn every_file(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text += &every_file(&path);
        } else {
            text += &String::from_utf8_lossy(&std::fs::read(&path).unwrap());
        }
    }
    text
}

#[tokio::test]
async fn a_key_from_a_file_a_command_or_awss_variables_is_as_hidden() {
    let home = tempfile::tempdir().unwrap();
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("key");
    std::fs::write(&file, "sk-of-a-file").unwrap();
    let quoting = |key: &str| {
        let body = format!(
            "{{\"error\":{{\"type\":\"x\",\"message\":\"no such key: {key}\"}},\"message\":\"{key}\"}}"
        );
        Answer::Raw(format!(
            "HTTP/1.1 403 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let by_file = Vendor::start(vec![quoting("sk-of-a-file")]).await;
    let by_command = Vendor::start(vec![quoting("sk-of-a-command")]).await;
    let by_aws = Vendor::start(vec![quoting("AKIDEXAMPLE")]).await;
    let toml = format!(
        "[tiers.1]\nmodel = \"one/claude-haiku-5-5\"\nfallbacks = [\"two/claude-haiku-5-5\", \"bedrock/anthropic.claude-haiku-4-5-20251001-v1:0\"]\n\
         [providers.one]\nkind = \"claude\"\nbase_url = \"{}\"\napi_key_env = \"NOBODY\"\napi_key_file = \"{}\"\n\
         [providers.two]\nkind = \"claude\"\nbase_url = \"{}\"\napi_key_env = \"NOBODY\"\napi_key_command = [\"/bin/echo\", \"sk-of-a-command\"]\n\
         [providers.bedrock]\nbase_url = \"{}\"\nregion = \"us-east-1\"\n",
        by_file.url,
        file.display(),
        by_command.url,
        by_aws.url
    );
    let aws = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-aws"),
        ("AWS_SESSION_TOKEN", "token-of-aws"),
    ];
    let mut written = String::new();
    for arguments in [
        &["run", "--tier", "1", "--json", "hi"][..],
        &["doctor", "--json"],
        &["models", "--json"],
        &["outcomes", "--json"],
    ] {
        written += &program_with(home.path(), &toml, &by_file.url, arguments, &aws)
            .await
            .0;
    }
    let reached = [&by_file, &by_command, &by_aws].map(|vendor| vendor.asked().len());
    assert_eq!(reached, [1, 1, 1], "{written}");
    // The settings name the command; they are the user's own file and not what the program wrote.
    std::fs::remove_file(home.path().join("config.toml")).unwrap();
    written += &every_file(home.path());
    for secret in [
        "sk-of-a-file",
        "sk-of-a-command",
        "secret-of-aws",
        "token-of-aws",
    ] {
        assert!(!written.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused_unless_it_is_allowed() {
    let home = tempfile::tempdir().unwrap();
    let run = ["run", "--tier", "1", "hi"];
    let (text, done) = program(home.path(), "", "http://vendor.invalid", &run).await;
    assert!(
        !done && text.contains("plain http to another machine"),
        "{text}"
    );
    assert!(text.contains("providers.claude.allow_plain_http"), "{text}");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used_but_not_for_this_machine() {
    let home = tempfile::tempdir().unwrap();
    let proxy = Vendor::start(vec![Answer::Text("through a proxy")]).await;
    let proxies = [
        ("HTTP_PROXY", proxy.url.as_str()),
        ("HTTPS_PROXY", &proxy.url),
        ("http_proxy", &proxy.url),
    ];
    let run = ["run", "--tier", "1", "hi"];
    let toml = "[providers.claude]\nallow_plain_http = true\nmax_attempts = 1\n";

    let (text, done) =
        program_with(home.path(), toml, "http://vendor.invalid", &run, &proxies).await;
    assert!(done && text.contains("through a proxy"), "{text}");
    let asked = proxy.asked().remove(0);
    assert!(
        asked.starts_with("POST http://vendor.invalid/v1/messages HTTP/1.1"),
        "{asked}"
    );

    // With TLS the proxy sees the name and nothing else.
    let (_, done) = program_with(home.path(), toml, "https://vendor.invalid", &run, &proxies).await;
    assert!(!done);
    let asked = proxy.asked().remove(1);
    assert!(
        asked.starts_with("CONNECT vendor.invalid:443 HTTP/1.1"),
        "{asked}"
    );
    assert!(!asked.contains("sk-grep-for-me"), "{asked}");

    let here = Vendor::start(vec![Answer::Text("from here")]).await;
    let (text, done) = program_with(home.path(), toml, &here.url, &run, &proxies).await;
    assert!(done && text.contains("from here"), "{text}");
    assert_eq!(proxy.asked().len(), 2);
}
