//! `tinydancer eval` by its binary: what it learns shows in the scores it writes, and wrong lines are named.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn eval(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .env("TINYDANCER_HOME", home)
        .current_dir(home)
        .arg("eval")
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Prompts in which one word tells whether the weak model fails.
fn outcomes(path: &Path, rounds: std::ops::Range<u32>) {
    let lines: String = rounds
        .map(|round| {
            let (word, weak) = if round % 2 == 0 {
                ("glacier", 0)
            } else {
                ("meadow", 1)
            };
            format!("{{\"prompt\":\"Tell number {round} of the {word} in the valley\",\"weak\":{weak},\"strong\":1,\"kind\":\"places\"}}\n")
        })
        .collect();
    fs::write(path, lines).unwrap();
}

#[test]
fn what_is_learned_shows_in_the_scores() {
    let home = tempfile::tempdir().unwrap();
    outcomes(&home.path().join("train.jsonl"), 0..120);
    outcomes(&home.path().join("test.jsonl"), 120..160);
    let done = eval(
        home.path(),
        &[
            "--train",
            "train.jsonl",
            "--test",
            "test.jsonl",
            "--scores",
            "scores.jsonl",
            "--plot",
            "plot.svg",
            "--json",
        ],
    );
    assert!(done.status.success(), "{done:?}");
    let figures: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    // Sending just the half on which the weak model fails recovers .75 at best.
    assert!(figures["apgr"].as_f64().unwrap() > 0.7, "{figures}");
    let scores = fs::read_to_string(home.path().join("scores.jsonl")).unwrap();
    let scores: Vec<serde_json::Value> = scores
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(scores.len(), 40);
    assert_eq!(scores[7]["index"], 7);
    assert!(scores[0]["score"].as_f64() > scores[1]["score"].as_f64());
    assert!(
        fs::read_to_string(home.path().join("plot.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    assert!(
        !home.path().join("tinydancer.db").exists(),
        "no store is opened"
    );
}

#[test]
fn the_gain_of_learning_is_stated_with_an_interval_of_paired_draws() {
    let home = tempfile::tempdir().unwrap();
    outcomes(&home.path().join("train.jsonl"), 0..120);
    outcomes(&home.path().join("test.jsonl"), 120..220);
    let arguments = [
        "--train",
        "train.jsonl",
        "--test",
        "test.jsonl",
        "--bootstrap",
        "200",
        "--seed",
        "7",
        "--json",
    ];
    let figures = |arguments: &[&str]| -> serde_json::Value {
        let done = eval(home.path(), arguments);
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let first = figures(&arguments);
    let over_rules = &first["gainOver"]["rules"];
    let low = over_rules["interval"][0].as_f64().unwrap();
    let high = over_rules["interval"][1].as_f64().unwrap();
    let gain = over_rules["gain"].as_f64().unwrap();
    assert!(0.0 < low && low < gain && gain < high, "{first}");
    assert_eq!(first["seed"], 7);
    assert_eq!(first["gainOver"], figures(&arguments)["gainOver"]);
    let without = figures(
        &arguments[..4]
            .iter()
            .copied()
            .chain(["--json"])
            .collect::<Vec<_>>(),
    );
    assert_eq!(without["gainOver"], serde_json::json!({}));
}

/// A number's place among many, as good as drawn (the finaliser of MurmurHash3). A plain product would spread hard tasks more evenly than chance.
fn scattered(mut at: u32) -> u32 {
    at = (at ^ at >> 16).wrapping_mul(0x85eb_ca6b);
    at = (at ^ at >> 13).wrapping_mul(0xc2b2_ae35);
    at ^ at >> 16
}

/// A stream in which the weak model fails on rivers, and on a tenth of the rest; the strong one on a twentieth of all.
fn mixed(path: &Path, count: u32) {
    let lines: String = (0..count)
        .map(|at| {
            let place = scattered(at);
            let is_hard = place % 5 < 2;
            let asked = if is_hard {
                "Name rivers that once ran below those cold glaciers up north today"
            } else {
                "Which colours do flowers on this meadow show in the month of May"
            };
            let weak = u8::from(!is_hard && !(place / 5).is_multiple_of(10));
            let strong = u8::from(!(place / 50).is_multiple_of(20));
            format!("{{\"prompt\":\"{asked}{}, for number {at}?\",\"weak\":{weak},\"strong\":{strong},\"kind\":\"places\"}}\n", " and then again".repeat(at as usize % 7))
        })
        .collect();
    fs::write(path, lines).unwrap();
}

#[test]
fn a_stream_that_learns_from_chosen_tiers_alone_saves_at_equal_quality() {
    let home = tempfile::tempdir().unwrap();
    mixed(&home.path().join("stream.jsonl"), 3_000);
    let done = eval(
        home.path(),
        &[
            "online",
            "stream.jsonl",
            "--explore",
            "0.05",
            "--after",
            "2000",
            "--bootstrap",
            "200",
            "--json",
        ],
    );
    assert!(done.status.success(), "{done:?}");
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&found["measured"], &found["lookedAt"]),
        (&1_000.into(), &500.into())
    );
    assert!(
        found["savingInterval"][0].as_f64().unwrap() > 0.1,
        "{found}"
    );
    assert!(
        found["learned"]["quality"].as_f64() > found["prior"]["quality"].as_f64(),
        "{found}"
    );
    let changed = found["changed"].as_u64().unwrap();
    assert!((10..=490).contains(&changed), "{found}");
}

#[test]
fn a_stream_leaves_a_weak_model_that_gets_worse_within_two_hundred_tasks() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("stream.jsonl");
    let lines: String = (0..900)
        .map(|at| {
            let weak = u8::from(at % 11 != 0);
            format!("{{\"prompt\":\"Name the {at}th river\",\"weak\":{weak},\"strong\":1}}\n")
        })
        .collect();
    fs::write(path, lines).unwrap();
    let done = eval(
        home.path(),
        &["online", "stream.jsonl", "--worse-at", "600", "--json"],
    );
    assert!(done.status.success(), "{done:?}");
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(found["strongBefore"].as_f64().unwrap() < 0.2, "{found}");
    assert!(found["goesUpAfter"].as_u64().unwrap() <= 200, "{found}");
    let short = eval(home.path(), &["online", "stream.jsonl", "--after", "900"]);
    assert_eq!(short.status.code(), Some(2));
}

/// A log in which tier 2 does what tier 1 cannot, decided with exploration: tier 1 with .8, tier 2 with .2.
fn explored(path: &Path, propensity: Option<f32>) {
    let lines: String = (0..400)
        .map(|at: u32| {
            let place = at.wrapping_mul(2_654_435_761) >> 8;
            let (tier, own) = if place % 5 < 4 { (1, 0.8) } else { (2, 0.2) };
            let quality = if tier == 1 { place / 5 % 10 < 3 } else { place / 5 % 10 < 9 };
            serde_json::json!({
                "id": format!("t{at}"), "kind": "places", "complexity": 10, "features": {"indices": [0, 200], "values": [1.0, 1.0]},
                "tierAsked": null, "tierDecided": tier, "quality": if quality { 1.0 } else { 0.0 }, "cost": u64::from(tier == 2) * 9_000_000 + 1_000_000,
                "propensity": propensity.unwrap_or(own),
            })
            .to_string()
                + "\n"
        })
        .collect();
    fs::write(path, lines).unwrap();
}

#[test]
fn logged_outcomes_are_scored_by_their_propensities() {
    let home = tempfile::tempdir().unwrap();
    explored(&home.path().join("log.jsonl"), None);
    let done = eval(
        home.path(),
        &["replay", "log.jsonl", "--bootstrap", "200", "--json"],
    );
    assert!(done.status.success(), "{done:?}");
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(found["explored"], 400);
    // The prior takes tier 1, which is right in 3 of 10; what was learned takes tier 2, right in 9.
    for (policy, truth) in [("prior", 0.3), ("learned", 0.9)] {
        for estimate in ["snips", "doublyRobust"] {
            let own = &found["policies"][policy]["quality"][estimate];
            let (low, high) = (
                own["interval"][0].as_f64().unwrap(),
                own["interval"][1].as_f64().unwrap(),
            );
            assert!(
                low <= truth && truth <= high && high - low < 0.35,
                "{policy} {estimate}: {own}"
            );
        }
    }
    let cost = &found["policies"]["learned"]["cost"]["snips"]["value"];
    assert!(cost.as_f64().unwrap() > 8e-6, "{found}");

    let array = fs::read_to_string(home.path().join("log.jsonl")).unwrap();
    let array = format!("[{}]", array.trim_end().replace('\n', ","));
    fs::write(home.path().join("array.json"), array).unwrap();
    let again = eval(
        home.path(),
        &["replay", "array.json", "--bootstrap", "200", "--json"],
    );
    assert_eq!(again.stdout, done.stdout, "{again:?}");
}

#[test]
fn without_logged_exploration_inverse_propensities_are_refused_with_the_remedy() {
    let home = tempfile::tempdir().unwrap();
    explored(&home.path().join("log.jsonl"), Some(1.0));
    for arguments in [&["replay", "log.jsonl"][..], &["replay"]] {
        let done = eval(home.path(), arguments);
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        let words = String::from_utf8_lossy(&done.stderr).replace('\n', " ");
        assert!(
            words.contains("refused") && words.contains("exploration_share"),
            "{words}"
        );
    }
}

#[test]
fn wrong_lines_are_named() {
    let home = tempfile::tempdir().unwrap();
    let nested = "[".repeat(200) + &"]".repeat(200);
    for (line, expected) in [
        ("{\"prompt\":\"x\",\"weak\":2,\"strong\":1}", "line 1"),
        ("{\"prompt\":\"x\",\"weak\":1}", "strong"),
        ("no json", "line 1 is not JSON (column 2)"),
        (&nested, "line 1 nests deeper than 127 levels (column"),
        (
            "{\"prompt\":\"x\",\"weak\":1e999}",
            "line 1 has a number that is out of range (column",
        ),
        ("", "has no line"),
    ] {
        fs::write(home.path().join("test.jsonl"), line).unwrap();
        let done = eval(home.path(), &["--test", "test.jsonl"]);
        assert_eq!(done.status.code(), Some(2), "{line}");
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(words.contains(expected), "{line}: {words}");
    }
}

#[test]
fn logged_outcomes_that_cannot_be_read_are_a_wrong_input() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let nested = "[".repeat(200) + &"]".repeat(200);
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("latin.jsonl"), b"{\"prompt\":\"caf\xe9\"}").unwrap();
    fs::write(at("nested.json"), nested).unwrap();
    fs::write(at("large.json"), "[1e999]").unwrap();
    fs::write(at("broken.json"), "[{]").unwrap();
    fs::write(at("wrong.json"), "[{}, 7]").unwrap();
    for (name, expected) in [
        ("nofile", "`nofile` cannot be read: "),
        ("folder", "`folder` cannot be read: "),
        ("latin.jsonl", "`latin.jsonl` is not UTF-8"),
        (
            "nested.json",
            "nested.json nests deeper than 127 levels (line 1, column",
        ),
        (
            "large.json",
            "large.json has a number that is out of range (line 1",
        ),
        ("broken.json", "broken.json is not JSON (line 1, column 3)"),
        ("wrong.json", "wrong.json: outcome 2: "),
    ] {
        let done = eval(home.path(), &["replay", name]);
        let words = String::from_utf8_lossy(&done.stderr).replace("\n  │ ", " ");
        assert_eq!(done.status.code(), Some(2), "{name}: {words}");
        assert!(words.contains(expected), "{name}: {words}");
    }
}

#[test]
fn labelled_tasks_are_decided_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let tasks = "{\"id\":\"a\",\"instruction\":\"Replace var by const or let\",\"codeContext\":\"var x = 1;\",\"label\":0}\n\
                 {\"id\":\"b\",\"instruction\":\"Perform a security audit of the payment architecture\",\"label\":4}\n";
    fs::write(home.path().join("tasks.jsonl"), tasks).unwrap();
    let done = eval(home.path(), &["tiers", "tasks.jsonl", "--json"]);
    assert!(done.status.success(), "{done:?}");
    let figures: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(figures["router"]["accuracy"], 1.0, "{figures}");
    assert_eq!(figures["pointsTable"]["accuracy"], 0.0);
}

#[test]
fn labelled_tasks_are_decided_under_the_settings_that_are_named() {
    let home = tempfile::tempdir().unwrap();
    // Whether its names are seen by other scripts, the file does not say.
    let task = "{\"instruction\":\"Replace var by const or let\",\"files\":[{\"path\":\"a.js\",\"text\":\"var x = 1;\"}],\"label\":0}\n";
    fs::write(home.path().join("tasks.jsonl"), task).unwrap();
    let module = "[booster]\nassumptions = [\"module\"]\n";
    fs::write(home.path().join("module.toml"), module).unwrap();
    let right = |settings: &[&str]| {
        let done = eval(
            home.path(),
            &[&["tiers", "tasks.jsonl", "--json"], settings].concat(),
        );
        assert!(done.status.success(), "{done:?}");
        let figures: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        figures["router"]["accuracy"].as_f64().unwrap()
    };
    assert_eq!(right(&[]), 0.0);
    assert_eq!(right(&["--config", "module.toml"]), 1.0);
}
