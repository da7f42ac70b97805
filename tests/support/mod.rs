//! What several test files need: guests that misbehave, a vendor on loopback, a host of its own.
#![allow(
    dead_code,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test file uses its part"
)]

mod guests;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use guests::{FailingRouter, Misbehaviour, answering, misbehaving};
use tinydancer::{Config, Host, Task, Tier, config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// What a vendor on loopback does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Says this.
    Text(&'static str),
    /// Says this and does not say what it used.
    Untold(&'static str),
    /// Says this and bills so many tokens of output.
    Billed(u64, &'static str),
    /// Answers with these bytes.
    Raw(String),
    /// Answers with these bytes, which need not be text.
    Bytes(Vec<u8>),
    /// Says this after a while.
    Late(Duration, &'static str),
    /// Sends these pieces, with so many milliseconds between them.
    Slow(Vec<String>, u64),
    /// Never answers.
    Silence,
    /// Begins an answer and falls silent.
    Half,
}

/// A status and a body in the vendor's form of an error.
pub(crate) fn error(status: u16, kind: &str, headers: &str) -> Answer {
    let body = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"words"}}}}"#);
    Answer::Raw(format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

/// A server that speaks just enough HTTP to be a vendor, and keeps what it was asked.
pub(crate) struct Vendor {
    pub url: String,
    pub asked: Arc<Mutex<Vec<String>>>,
    /// How many were gone before their answer came.
    pub left: Arc<AtomicUsize>,
}

impl Vendor {
    /// Answers the requests in turn; the last answer is given to all that follow.
    pub(crate) async fn start(answers: Vec<Answer>) -> Vendor {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(AtomicUsize::new(0));
        let (seen, gone) = (asked.clone(), left.clone());
        tokio::spawn(async move {
            let answers = Arc::new(answers);
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, seen) = (answers.clone(), seen.clone());
                tokio::spawn(serve(stream, answers, seen, gone.clone()));
            }
        });
        Vendor { url, asked, left }
    }

    /// Comes back when so many were gone before their answer came.
    pub(crate) async fn is_left_by(&self, count: usize) {
        for _ in 0..500 {
            if self.left.load(Ordering::SeqCst) == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "{} connections were closed, not {count}",
            self.left.load(Ordering::SeqCst)
        );
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics in here").clone()
    }
}

/// Waits for so long, or until whoever asked is gone; false then.
async fn stays(stream: &mut tokio::net::TcpStream, time: Duration, left: &AtomicUsize) -> bool {
    let mut nothing = [0; 1];
    tokio::select! {
        () = tokio::time::sleep(time) => true,
        _ = stream.read(&mut nothing) => {
            left.fetch_add(1, Ordering::SeqCst);
            false
        }
    }
}

async fn serve(
    mut stream: tokio::net::TcpStream,
    answers: Arc<Vec<Answer>>,
    seen: Arc<Mutex<Vec<String>>>,
    left: Arc<AtomicUsize>,
) {
    let mut request = Vec::new();
    let mut buffer = [0; 16_384];
    let whole = loop {
        let Ok(read) = stream.read(&mut buffer).await else {
            return;
        };
        if read == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length:")
                    .map(|value| value.trim().to_owned())
            })
            .and_then(|value| value.parse::<usize>().ok())
            .unwrap_or(0);
        if body.len() >= length {
            break text;
        }
    };
    if whole.starts_with("HEAD ") {
        // Somebody looks whether anyone is there.
        let _ = stream
            .write_all(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
        return;
    }
    let turn = {
        let mut seen = seen.lock().expect("no test panics in here");
        seen.push(whole);
        seen.len() - 1
    };
    let answer = answers[turn.min(answers.len() - 1)].clone();
    let usage = r#","usage":{"input_tokens":1000,"output_tokens":200}"#;
    let reply = |text: &str, usage: &str| {
        let body = format!(
            r#"{{"content":[{{"type":"text","text":"{text}"}}],"model":"m","stop_reason":"end_turn"{usage}}}"#
        );
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let bytes = match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            return;
        }
        Answer::Text(text) => reply(text, usage),
        Answer::Untold(text) => reply(text, ""),
        Answer::Billed(tokens, text) => {
            let usage = format!(r#","usage":{{"input_tokens":1000,"output_tokens":{tokens}}}"#);
            reply(text, &usage)
        }
        Answer::Raw(raw) => raw,
        Answer::Late(after, text) => {
            if !stays(&mut stream, after, &left).await {
                return;
            }
            reply(text, usage)
        }
        Answer::Slow(pieces, milliseconds) => {
            for (place, piece) in pieces.iter().enumerate() {
                let time = Duration::from_millis(if place == 0 { 0 } else { milliseconds });
                if !stays(&mut stream, time, &left).await
                    || stream.write_all(piece.as_bytes()).await.is_err()
                {
                    return;
                }
            }
            let _ = stream.shutdown().await;
            return;
        }
        Answer::Silence => {
            stays(&mut stream, Duration::from_secs(60), &left).await;
            return;
        }
        Answer::Half => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"content\":")
                .await;
            stays(&mut stream, Duration::from_secs(60), &left).await;
            return;
        }
    };
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// The settings of Claude's entry.
pub(crate) fn claude(config: &mut Config) -> &mut tinydancer::config::Provider {
    config.providers.entry("claude".to_owned()).or_default()
}

/// Settings whose models are called at `url`.
pub(crate) fn config(url: &str) -> Config {
    let mut config = Config::default();
    claude(&mut config).base_url = Some(url.to_owned());
    // Every machine has this one, and no vendor takes it.
    claude(&mut config).api_key_env = Some("PATH".to_owned());
    claude(&mut config).max_attempts = Some(1);
    config
}

/// A host with its state in `home`.
pub(crate) async fn host(config: Config, home: &Path) -> Host {
    Host::builder()
        .home(home)
        .config(config)
        .build()
        .await
        .expect("a host")
}

/// Settings with a second and a third provider of Claude's form at addresses of their own.
pub(crate) fn with_others(first: &str, others: &[(&str, &str)]) -> Config {
    let mut config = config(first);
    for (name, url) in others {
        let own = config::Provider {
            kind: Some("claude".to_owned()),
            base_url: Some((*url).to_owned()),
            api_key_env: Some("PATH".to_owned()),
            max_attempts: Some(1),
            ..config::Provider::default()
        };
        config.providers.insert((*name).to_owned(), own);
    }
    config
}

pub(crate) fn fall_back_to(config: &mut Config, models: &[&str]) {
    let tier = config.tiers.entry("1".to_owned()).or_default();
    tier.fallbacks = models
        .iter()
        .map(|model| config::Candidate {
            model: (*model).to_owned(),
            ..config::Candidate::default()
        })
        .collect();
}

pub(crate) fn small(words: &str) -> Task {
    let mut task = Task::new(words);
    task.routing_tier = Some(Tier::Small);
    task
}

/// The program with a configuration, a key that nobody may see, and the one vendor.
pub(crate) async fn program(
    home: &Path,
    toml: &str,
    url: &str,
    arguments: &[&str],
) -> (String, bool) {
    program_with(home, toml, url, arguments, &[]).await
}

/// The same with more variables; there are no others.
pub(crate) async fn program_with(
    home: &Path,
    toml: &str,
    url: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (String, bool) {
    std::fs::create_dir_all(home).unwrap();
    std::fs::write(home.join("config.toml"), toml).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tinydancer"));
    command
        .args(arguments)
        .env_clear()
        .env("TINYDANCER_HOME", home)
        .env("TINYDANCER_LOG", "trace")
        .env("ANTHROPIC_API_KEY", "sk-grep-for-me")
        .env("ANTHROPIC_BASE_URL", url)
        .envs(variables.iter().copied());
    let done = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    (text, done.status.success())
}

/// The store behind the back of whoever has it open.
pub(crate) async fn connection(database: &Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions as _;
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(database)
        .connect()
        .await
        .unwrap()
}
