//! `tinydancer demo`: the whole on real input, in a folder of its own that is removed at the end.
//!
//! Without a key a server on loopback stands in for the vendor. It speaks the vendor's wire form and bills by length; what it
//! says is no model's answer, and each line of it says so.

use std::io::Write as _;

use axum::extract::Request as HttpRequest;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Common, Exit, Problem, history, show, task};
use crate::pipeline::{Answer, Done};
use crate::store::Verdict;
use crate::{Error, Host, Task, Tier};

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// Let the stand-in answer although there is a key
    #[arg(long)]
    stand_in: bool,
}

/// Real code to transform: published packages, unchanged, under their own licences.
const SOURCES: [(&str, &str); 3] = [
    (
        "component-emitter 1.2.0, index.js",
        include_str!("../../tests/fixtures/packages/component-emitter-1.2.0/index.js"),
    ),
    (
        "qs 2.4.2, lib/parse.js",
        include_str!("../../tests/fixtures/packages/qs-2.4.2/parse.js"),
    ),
    (
        "minimist 1.2.0, index.js",
        include_str!("../../tests/fixtures/packages/minimist-1.2.0/index.js"),
    ),
];

/// Work for the tiers that call a model.
const ASKED: [&str; 4] = [
    "Write a docstring for this function: function add(a, b) { return a + b; }",
    "Add pagination to the orders endpoint, with tests for the first, the last and an empty page.",
    "The checkout test fails about once in fifty runs, only under load. Find the race in the cache invalidation and fix it.",
    "Perform a security audit of our payment architecture and write the threat model for the token vault.",
];

pub(super) async fn run(common: &Common, arguments: DemoArguments) -> Result<Exit, Problem> {
    let folder = tempfile::tempdir().map_err(Problem::io("a temporary folder cannot be made"))?;
    let mut config = common.config()?;
    let env = |name: &str| std::env::var(name).ok();
    let mut own = config.providers.get("claude").cloned().unwrap_or_default();
    let has_key = !arguments.stand_in && crate::provider::from_config("claude", &own, &env).is_ok();
    let mut builder = Host::builder().home(folder.path());
    let stand_in = if has_key {
        None
    } else {
        Some(StandIn::start().await?)
    };
    if let Some(stand_in) = &stand_in {
        own.base_url = Some(stand_in.url.clone());
        let key = |_: &str| Some("stand-in".to_owned());
        let claude = crate::provider::from_config("claude", &own, &key)
            .map_err(|e| Problem::Input(e.to_string()))?;
        builder = builder.provider(claude);
    }
    config
        .tiers
        .values_mut()
        .for_each(|tier| tier.max_output_tokens = Some(512));
    let host = builder.config(config).build().await?;
    let mut out = anstream::stdout();
    let mut say =
        |text: String| writeln!(out, "{text}").map_err(Problem::io("the output cannot be written"));

    say(match &stand_in {
        Some(stand_in) => format!(
            "No vendor is called: a server on {} stands in for one. It speaks the vendor's wire form and bills by length;\nits words are no model's.\n",
            stand_in.url
        ),
        None => "There is a key: models are called, and paid for.\n".to_owned(),
    })?;

    say(show::bold("1. Tier 0: edits that can be proved, no model"))?;
    for (name, code) in SOURCES {
        let done = host
            .run(Task::new("Replace var by const or let").with_code(code))
            .await;
        say(format!("{name}, {} bytes: {}", code.len(), told(&done)))?;
        if let Ok(Answer::Transformed(boosted)) = &done.result
            && let [file] = boosted.files.as_slice()
        {
            say(excerpt(&show::diff(
                name,
                &file.original_code,
                &file.transformed_code,
                true,
            )))?;
        }
    }

    say(show::bold(
        "2. Tiers 1 to 4: the cheapest model that will do",
    ))?;
    let mut done = Vec::new();
    for asked in ASKED {
        let mut task = Task::new(asked);
        task.max_output_tokens = Some(400);
        let one = host.run(task).await;
        say(format!("{asked}\n  {}", told(&one)))?;
        match &one.result {
            Ok(Answer::Text { text, .. }) => say(show::dim(&format!(
                "  {}",
                text.lines().next().unwrap_or_default()
            )))?,
            Ok(Answer::Transformed(_)) => {}
            Err(failure) => say(format!("  failed: {failure}"))?,
        }
        done.push(one);
    }

    say(format!("\n{}", show::bold("3. What it learned")))?;
    for line in learned(&host, &done).await? {
        say(line)?;
    }

    say(format!("\n{}", show::bold("4. What came of it")))?;
    host.store().flush().await.map_err(Error::from)?;
    say(history::stats_text(&host, &Default::default()).await?)?;
    host.close().await?;
    say(show::dim(
        "All of this was kept in a temporary folder, which is gone now. Start with: tinydancer --help",
    ))?;
    Ok(Exit::Done)
}

fn told(done: &Done) -> String {
    task::headline(done)
        .split("; task ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The first hunk of a diff, and how much there is beyond it.
fn excerpt(diff: &str) -> String {
    const LINES: usize = 12;
    let lines: Vec<&str> = diff.lines().collect();
    let mut shown = lines
        .iter()
        .take(LINES)
        .map(|line| format!("    {line}\n"))
        .collect::<String>();
    if lines.len() > LINES {
        shown.push_str(&show::dim(&format!(
            "    ... {} more lines\n",
            lines.len() - LINES
        )));
    }
    shown
}

/// Judges answers of the first task's tier as too weak until the decision for work like it changes, and says what that took. Each verdict is on an
/// answer of its own, because a second one on the same task takes the place of the first.
async fn learned(host: &Host, done: &[Done]) -> Result<Vec<String>, Problem> {
    const PATIENCE: usize = 8;
    let Some(first) = done.first() else {
        return Ok(Vec::new());
    };
    let asked = Task::new(ASKED[0]);
    let before = host.route(&asked).await.tier;
    let mut lines = vec![format!("\"{}\" goes to {}.", ASKED[0], tier_name(before))];
    let mut judged = first.outcome.id.clone();
    for times in 1..=PATIENCE {
        if times > 1 {
            judged = host.run(asked.clone()).await.outcome.id;
        }
        host.feedback(&judged, Verdict::Underpowered).await?;
        let after = host.route(&asked).await.tier;
        if after != before {
            lines.push(format!(
                "After {} `underpowered`, each on an answer of its own, the same kind of task goes to {}.",
                show::count(times, "verdict"),
                tier_name(after)
            ));
            return Ok(lines);
        }
    }
    lines.push(format!(
        "{PATIENCE} verdicts `underpowered` did not change that."
    ));
    Ok(lines)
}

fn tier_name(tier: Option<Tier>) -> String {
    tier.map_or_else(|| "no tier".to_owned(), |tier| format!("tier {tier}"))
}

/// A server on loopback that answers in the form of the Messages API.
struct StandIn {
    url: String,
    server: tokio::task::JoinHandle<()>,
}

impl StandIn {
    async fn start() -> Result<StandIn, Problem> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(Problem::system("a port on loopback cannot be had"))?;
        let address = listener
            .local_addr()
            .map_err(Problem::system("a port on loopback cannot be had"))?;
        let service = axum::Router::new().fallback(answer);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                tracing::error!(%error, "the stand-in has stopped");
            }
        });
        Ok(StandIn {
            url: format!("http://{address}"),
            server,
        })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Bills a token for every four bytes, in and out.
async fn answer(request: HttpRequest) -> Response {
    const LIMIT: usize = 8 << 20;
    let refused = |status: StatusCode, words: &str| {
        let body = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": words } });
        (status, axum::Json(body)).into_response()
    };
    if request.uri().path() != "/v1/messages" {
        return refused(StatusCode::NOT_FOUND, "the stand-in has /v1/messages alone");
    }
    let Ok(body) = axum::body::to_bytes(request.into_body(), LIMIT).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "too long for the stand-in");
    };
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else {
        return refused(StatusCode::BAD_REQUEST, "not JSON");
    };
    let model = asked["model"].as_str().unwrap_or_default();
    let text = format!(
        "(stand-in) {model} would answer here; its request had {} bytes.",
        body.len()
    );
    axum::Json(json!({
        "id": "msg_stand_in",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{ "type": "text", "text": text }],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "usage": {
            "input_tokens": body.len() / 4,
            "output_tokens": text.len() / 4,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }))
    .into_response()
}
