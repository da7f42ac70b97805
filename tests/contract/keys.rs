//! Where keys come from, and how they go along.

use tinydancer::config;
use tinydancer::provider::from_config;

use super::forms::{BEDROCK, CLAUDE, FORMS, KEY, http, provider, request};
use super::support::Vendor;

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

#[tokio::test]
async fn each_key_goes_where_its_vendor_looks_and_nowhere_else() {
    for form in FORMS {
        let vendor = Vendor::start(vec![http((form.plain)().as_bytes(), "200 OK")]).await;
        provider(&form, &vendor.url, |_| {})
            .call(&request())
            .await
            .unwrap();
        let asked = vendor.asked().remove(0);
        let header = match form.name {
            "claude" => format!("x-api-key: {KEY}\r\n"),
            "gemini" => format!("x-goog-api-key: {KEY}\r\n"),
            "azure" => format!("api-key: {KEY}\r\n"),
            _ => format!("authorization: Bearer {KEY}\r\n"),
        };
        assert!(asked.contains(&header), "{}: {asked}", form.name);
        assert_eq!(asked.matches(KEY).count(), 1, "{}: {asked}", form.name);
    }
}

#[tokio::test]
async fn bedrocks_credentials_come_from_a_profile_or_from_variables_that_are_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials");
    std::fs::write(
        &file,
        "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = one\n\
         [work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = two\naws_session_token = passing\n",
    )
    .unwrap();
    let path = file.display().to_string();
    let env = move |name: &str| match name {
        "AWS_SHARED_CREDENTIALS_FILE" => Some(path.clone()),
        "MY_ID" => Some("AKIDMINE".to_owned()),
        "MY_SECRET" => Some("three".to_owned()),
        _ => None,
    };
    let usual = config::Provider::default();
    let by_profile = config::Provider {
        profile: Some("work".to_owned()),
        ..usual.clone()
    };
    let named = config::Provider {
        access_key_id_env: Some("MY_ID".to_owned()),
        secret_access_key_env: Some("MY_SECRET".to_owned()),
        ..usual.clone()
    };
    let ways = [
        (usual, "AKIDDEFAULT", false),
        (by_profile, "AKIDWORK", true),
        (named, "AKIDMINE", false),
    ];
    for (own, id, has_token) in ways {
        let vendor = Vendor::start(vec![http((BEDROCK.plain)().as_bytes(), "200 OK")]).await;
        let own = config::Provider {
            base_url: Some(vendor.url.clone()),
            region: Some("us-east-1".to_owned()),
            ..own
        };
        let bedrock = from_config("bedrock", &own, &env).unwrap();
        bedrock.call(&request()).await.unwrap();
        let asked = vendor.asked().remove(0);
        assert!(asked.contains(&format!("Credential={id}/")), "{asked}");
        assert_eq!(asked.contains("x-amz-security-token: passing"), has_token);
    }
    let own = config::Provider {
        region: Some("us-east-1".to_owned()),
        profile: Some("nobody".to_owned()),
        ..config::Provider::default()
    };
    let refused = from_config("bedrock", &own, &env).err().unwrap();
    assert!(refused.to_string().contains("nobody"), "{refused}");
}

#[tokio::test]
async fn a_key_comes_from_a_file_and_the_variable_wins_over_it() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("key");
    std::fs::write(&file, "from-a-file\n").unwrap();
    for (variable, wanted) in [
        (None, "from-a-file"),
        (Some("from-a-variable"), "from-a-variable"),
    ] {
        let vendor = Vendor::start(vec![http((CLAUDE.plain)().as_bytes(), "200 OK")]).await;
        let own = config::Provider {
            base_url: Some(vendor.url.clone()),
            api_key_file: Some(file.clone()),
            ..config::Provider::default()
        };
        let env = |name: &str| {
            (name == "ANTHROPIC_API_KEY")
                .then_some(variable?)
                .map(str::to_owned)
        };
        let claude = from_config("claude", &own, &env).unwrap();
        claude.call(&request()).await.unwrap();
        assert!(vendor.asked()[0].contains(&format!("x-api-key: {wanted}\r\n")));
    }
}
