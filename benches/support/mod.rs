//! What the benches measure: real JavaScript cut to size, a host in a folder of its own.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each bench uses its part"
)]

pub(crate) mod vendor;

use tinydancer::runtime::{Policy, Runtime, RuntimeConfig};
use tinydancer::wit::{Limits, Options, Settings, SourceFile, TierPrice};
use tinydancer::{Host, Task};

/// Source sizes that are measured, in bytes.
pub(crate) const BENCHED_BYTES: [usize; 5] = [100, 1024, 4096, 32768, 102_400];

/// Ordinary code: functions as libraries of the var era have them, repeated under other names until the size is reached.
pub(crate) fn source(bytes: usize) -> String {
    const FUNCTIONS: &str = include_str!("../functions.js");
    let functions: Vec<&str> = FUNCTIONS.split("\n\n").collect();
    let mut text = String::from("module.exports = {};\n");
    for round in 0.. {
        for function in &functions {
            let next = function.replace("NAME", &format!("f{round}"));
            if text.len() + next.len() + 2 > bytes {
                let rest = bytes.saturating_sub(text.len());
                // A comment and not code fills up the rest: a cut-off function would not parse.
                if rest > 3 {
                    text.push_str("//");
                    text.push_str(&"x".repeat(rest - 3));
                    text.push('\n');
                }
                return with_a_site(text);
            }
            text.push_str(&next);
            text.push_str("\n\n");
        }
    }
    text
}

/// Different texts of at least a size, cut between paragraphs where both sides are whole, from the sources of packages of the var era. Of one
/// text that is read again and again a processor learns each branch by heart, which nobody's files let it.
pub(crate) fn pieces(bytes: usize) -> Vec<String> {
    const SOURCES: [&str; 9] = [
        include_str!("../../tests/fixtures/packages/async-1.5.2/async.js"),
        include_str!("../../tests/fixtures/packages/component-emitter-1.2.0/index.js"),
        include_str!("../../tests/fixtures/packages/escape-html-1.0.3/index.js"),
        include_str!("../../tests/fixtures/packages/minimist-1.2.0/index.js"),
        include_str!("../../tests/fixtures/packages/ms-0.7.1/index.js"),
        include_str!("../../tests/fixtures/packages/qs-2.4.2/parse.js"),
        include_str!("../../tests/fixtures/packages/qs-2.4.2/stringify.js"),
        include_str!("../../tests/fixtures/packages/qs-2.4.2/utils.js"),
        include_str!("../../tests/fixtures/packages/underscore-1.8.3/underscore.js"),
    ];
    let mut pieces = Vec::new();
    for text in SOURCES {
        let mut piece = String::new();
        for paragraph in text.split_inclusive("\n\n") {
            piece.push_str(paragraph);
            if piece.len() >= bytes && is_whole(&piece) {
                pieces.push(std::mem::take(&mut piece));
            } else if piece.len() > 2 * bytes {
                // It began within a function, or with one that is most of the file.
                piece.clear();
            }
        }
    }
    pieces
}

fn is_whole(text: &str) -> bool {
    tinydancer_booster::detect(&native_file(text), &native_options()).is_ok()
}

/// A text for the booster that is called natively.
pub(crate) fn native_file(text: &str) -> tinydancer_booster::SourceFile {
    tinydancer_booster::SourceFile {
        path: String::new(),
        text: text.to_owned(),
        module: Some(true),
        dialect: None,
    }
}

/// No assumption, natively.
pub(crate) fn native_options() -> tinydancer_booster::Options {
    tinydancer_booster::Options {
        assumptions: Vec::new(),
        withdrawn: Vec::new(),
    }
}

/// A text too short for a whole function still has something to do in it.
fn with_a_site(text: String) -> String {
    if text.contains("var ") {
        text
    } else {
        "module.exports = {};\nvar answer = 42;\nmodule.exports.answer = answer;\n".to_owned()
    }
}

/// A task of ordinary words and the given length.
pub(crate) fn instruction(bytes: usize) -> String {
    const WORDS: &str = "Add pagination to the orders endpoint, keep the response format for clients that send no cursor, and cover \
        the first page, the last page and an empty result with tests. The handler reads from the replica; mind the lag. ";
    WORDS.chars().cycle().take(bytes).collect()
}

/// Classification and decision alone, through the components, warm; a host's `route` adds what the call may cost and the fallbacks.
pub(crate) struct Decider {
    runtime: Runtime,
    policy: Policy,
    limits: Limits,
}

impl Decider {
    pub(crate) fn new() -> Decider {
        let runtime = Runtime::new(RuntimeConfig::default()).expect("the components load");
        let price = |tier| TierPrice {
            tier,
            input: 1_000_000 * u64::from(tier),
            output: 5_000_000 * u64::from(tier),
            output_tokens: 500,
        };
        let settings = Settings {
            prices: (1..=4).map(price).collect(),
            quality_target: 0.8,
            security_confidence: 0.85,
            review_confidence: 0.8,
            review_uncertainty: 0.2,
            exploration_share: 0.0,
        };
        let (policy, _) = runtime.policy(settings, None).expect("it starts");
        Decider {
            runtime,
            policy,
            limits: Limits::default(),
        }
    }

    /// The tier that is decided on.
    pub(crate) fn decide(&self, task: &tinydancer::wit::Task) -> u8 {
        let known = self.runtime.classify(task).expect("it classifies");
        let decided = self.policy.decide(&known.classification, &self.limits);
        decided.expect("it decides").expect("a tier is open").tier
    }
}

/// The task that tier 0 answers.
pub(crate) fn task(code: &str) -> Task {
    Task::new("Replace var by const or let").with_code(code)
}

/// The same text as the booster takes it.
pub(crate) fn booster_file(bytes: usize) -> SourceFile {
    SourceFile {
        path: String::new(),
        text: source(bytes),
        module: Some(true),
        dialect: None,
    }
}

/// No assumption.
pub(crate) fn options() -> Options {
    Options {
        assumptions: Vec::new(),
        withdrawn: Vec::new(),
    }
}

/// A host with its state in a folder that is removed with the last value.
pub(crate) fn host() -> (tokio::runtime::Runtime, Host, tempfile::TempDir) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let builder = Host::builder()
        .home(home.path())
        .config(tinydancer::Config::default());
    let host = runtime.block_on(builder.build()).expect("a host");
    (runtime, host, home)
}
