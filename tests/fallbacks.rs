//! Every reason for which a task goes another way than was asked or decided: each has its case here, and is told by its code.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use support::{Answer, Misbehaviour, Vendor, answering, claude, config, error, misbehaving};
use tinydancer::config::{Candidate, Provider, TierConfig};
use tinydancer::{Config, Done, Error, Fallback, File, Host, Privacy, Task, Tier};

/// A task that tier 0 is asked for by hand.
fn edit(path: &str, code: &str) -> Task {
    Task {
        routing_tier: Some(Tier::Booster),
        files: vec![File {
            path: path.to_owned(),
            text: code.to_owned(),
            module: Some(true),
        }],
        ..Task::new("Use const instead of var")
    }
}

const PLAIN: &str = "var x = 1;";
const ORDINARY: &str =
    "Add pagination to the orders endpoint, with tests for the first, the last and an empty page";

/// A settled answer from a vendor on loopback, under these settings.
async fn done(folder: &Path, settings: Config, task: Task) -> Done {
    support::host(settings, folder).await.run(task).await
}

/// Settings with a component of the user's own.
fn with_booster(vendor: &Vendor, path: std::path::PathBuf) -> Config {
    let mut settings = config(&vendor.url);
    settings.components.booster = Some(path);
    settings
}

fn small() -> Task {
    let mut task = Task::new("hi");
    task.routing_tier = Some(Tier::Small);
    task.max_output_tokens = Some(1_000);
    task
}

/// Settings whose tier 1 has another vendor behind the first one.
fn with_another(first: &Vendor, other: &Vendor) -> Config {
    let mut settings = config(&first.url);
    let own = Provider {
        kind: Some("claude".to_owned()),
        base_url: Some(other.url.clone()),
        ..claude(&mut settings).clone()
    };
    settings.providers.insert("other".to_owned(), own);
    let tier = settings.tiers.entry("1".to_owned()).or_default();
    tier.fallbacks.push(Candidate {
        model: "other/claude-sonnet-5-5".to_owned(),
        ..Candidate::default()
    });
    settings
}

/// Settings whose tier 2 alone is on this machine.
fn with_tier_2_on_this_machine(mut settings: Config) -> Config {
    let own = Provider {
        kind: Some("claude".to_owned()),
        local: Some(true),
        ..claude(&mut settings).clone()
    };
    settings.providers.insert("mine".to_owned(), own);
    let own = TierConfig {
        model: Some("mine/claude-sonnet-5-5".to_owned()),
        ..TierConfig::default()
    };
    settings.tiers.insert("2".to_owned(), own);
    settings
}

/// What one reason's case comes to: a task's end, or none where the host does not let it come to a task.
async fn case(reason: Fallback, folder: &Path) -> Option<Done> {
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let mut settings = config(&vendor.url);
    let guest = |how| misbehaving("booster-component", how, folder);
    let ended = match reason {
        Fallback::BoosterForbidden => {
            let mut task = edit("a.js", PLAIN);
            task.use_agent_booster = Some(false);
            done(folder, settings, task).await
        }
        Fallback::LowConfidence => done(folder, settings, edit("a.js", "use(x); var x = 1;")).await,
        Fallback::NoApplicableTransform => done(folder, settings, edit("a.js", "class A {}")).await,
        Fallback::InputTooLarge => {
            settings.runtime.max_input = Some(8);
            done(folder, settings, edit("a.js", PLAIN)).await
        }
        Fallback::ParseError => done(folder, settings, edit("a.js", "var = ;")).await,
        Fallback::UnknownAssumption => {
            let mut task = edit("a.js", PLAIN);
            task.assumptions = vec!["all-is-well".to_owned()];
            done(folder, settings, task).await
        }
        Fallback::UnsupportedLanguage => done(folder, settings, edit("a.py", PLAIN)).await,
        Fallback::TooDeep => {
            let code = format!("var x = {}1{};", "(".repeat(900), ")".repeat(900));
            done(folder, settings, edit("a.js", &code)).await
        }
        Fallback::TransformInternal => {
            // The error of a result, and the sixth of the refusals with empty words.
            let bytes = [1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            let own = answering("booster-component", "transform", &bytes, folder);
            done(folder, with_booster(&vendor, own), edit("a.js", PLAIN)).await
        }
        Fallback::GuestTrap => {
            let own = guest(Misbehaviour::Traps);
            done(folder, with_booster(&vendor, own), edit("a.js", PLAIN)).await
        }
        Fallback::GuestDeadline => {
            let mut settings = with_booster(&vendor, guest(Misbehaviour::NeverEnds));
            settings.runtime.booster_deadline_ms = Some(50);
            done(folder, settings, edit("a.js", PLAIN)).await
        }
        Fallback::GuestOom => {
            let own = guest(Misbehaviour::WantsAllMemory);
            let mut settings = with_booster(&vendor, own);
            settings.runtime.memory = Some(16 << 20);
            done(folder, settings, edit("a.js", PLAIN)).await
        }
        Fallback::GuestContract => {
            // Two empty texts, and a complexity of 255 of 100.
            let mut bytes = [0_u8; 128];
            bytes[16] = 255;
            let own = answering("classifier-component", "classify", &bytes, folder);
            settings.components.classifier = Some(own);
            done(folder, settings, Task::new(ORDINARY)).await
        }
        Fallback::GuestLoad => {
            std::fs::write(folder.join("none.wasm"), "no component").unwrap();
            let settings = with_booster(&vendor, folder.join("none.wasm"));
            let host = Host::builder().home(folder).config(settings).build().await;
            assert!(matches!(host, Err(Error::Component(_))));
            return None;
        }
        Fallback::TierUnavailable => {
            let own = TierConfig {
                model: Some("nope-1".to_owned()),
                ..TierConfig::default()
            };
            settings.tiers.insert("2".to_owned(), own);
            done(folder, settings, Task::new(ORDINARY)).await
        }
        Fallback::BudgetDowngrade => {
            settings.budget.daily_limit = Some("0.006".to_owned());
            done(folder, settings, Task::new(ORDINARY)).await
        }
        Fallback::HeldBack => {
            let vendor =
                Vendor::start(vec![Answer::Billed(1_000_000, "dear"), Answer::Text("ok")]).await;
            let host = support::host(config(&vendor.url), folder).await;
            host.run(Task::new(ORDINARY)).await;
            host.run(Task::new(ORDINARY)).await
        }
        Fallback::NoFittingModel => {
            let settings = with_tier_2_on_this_machine(settings);
            let mut task = Task::new("Rename x to y");
            task.privacy = Some(Privacy::LocalOnly);
            done(folder, settings, task).await
        }
        Fallback::ProviderFailure => {
            let first = Vendor::start(vec![error(500, "api_error", "")]).await;
            done(folder, with_another(&first, &vendor), small()).await
        }
        Fallback::Hedged => {
            let mut answers = vec![Answer::Text("quick"); 16];
            answers.push(Answer::Late(Duration::from_secs(20), "late"));
            let slow = Vendor::start(answers).await;
            let mut settings = with_another(&slow, &vendor);
            settings.routing.hedge_after = Some(0.95);
            let host = support::host(settings, folder).await;
            for _ in 0..16 {
                host.run(small()).await;
            }
            host.run(small()).await
        }
        other => panic!("{other:?} has no case here: add one"),
    };
    Some(ended)
}

#[tokio::test]
async fn every_reason_has_its_case_and_stands_in_the_outcome_with_words() {
    let mut seen = BTreeSet::new();
    for reason in Fallback::ALL {
        let folder = tempfile::tempdir().unwrap();
        let Some(done) = case(*reason, folder.path()).await else {
            continue;
        };
        let row = &done.outcome;
        assert_eq!(
            row.fallback_reason.as_deref(),
            Some(reason.code()),
            "{:?}",
            row.reasons
        );
        assert!(done.result.is_ok(), "{reason:?}: {:?}", done.result);
        assert_ne!(row.tier_done, Some(Tier::Booster), "{reason:?}");
        assert!(!row.reasons.is_empty(), "{reason:?}");
        seen.insert(reason.code());
    }
    // That of a component that cannot be loaded stays away from tasks.
    assert_eq!(seen.len(), Fallback::ALL.len() - 1);
}

#[tokio::test]
async fn where_tier_0_was_asked_for_and_tier_1_has_no_model_the_next_one_does_it_with_the_reason() {
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let mut settings = config(&vendor.url);
    settings.tiers.insert(
        "1".to_owned(),
        TierConfig {
            model: Some("nope-1".to_owned()),
            ..TierConfig::default()
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let host = support::host(settings, folder.path()).await;
    let by_hand = edit("a.js", "class A {}");
    let undirected = Task {
        routing_tier: None,
        ..by_hand.clone()
    };
    let undirected = host.run(undirected).await.outcome;
    assert_eq!(undirected.tier_done, Some(Tier::Middle));
    let routed = host.route(&by_hand).await;
    assert_eq!(routed.tier, Some(Tier::Middle), "{:?}", routed.notes);
    let done = host.run(by_hand).await;
    assert!(done.result.is_ok(), "{:?}", done.result);
    let row = done.outcome;
    assert_eq!(row.tier_done, Some(Tier::Middle));
    assert_eq!(
        row.fallback_reason.as_deref(),
        Some("no-applicable-transform")
    );
    for reasons in [&row.reasons, &routed.notes] {
        assert!(
            reasons.iter().any(|words| {
                words.starts_with("tier 2 instead of tier 1: it cannot be called")
                    && words.contains("nope-1")
            }),
            "{reasons:?}"
        );
    }
}

#[tokio::test]
async fn where_tier_0_was_asked_for_what_does_not_fit_tier_1_goes_further_up() {
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = with_tier_2_on_this_machine(config(&vendor.url));
    let host = support::host(settings, folder.path()).await;
    let mut task = edit("a.js", "class A {}");
    task.privacy = Some(Privacy::LocalOnly);
    let fallen = host.run(task.clone()).await;
    assert!(fallen.result.is_ok(), "{:?}", fallen.result);
    let row = fallen.outcome;
    assert_eq!(row.tier_done, Some(Tier::Middle), "{:?}", row.reasons);
    assert_eq!(
        row.fallback_reason.as_deref(),
        Some("no-applicable-transform")
    );
    // A tier with a model that was set by hand is kept to.
    task.routing_tier = Some(Tier::Small);
    let kept = host.run(task).await;
    assert!(kept.result.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_without_a_component_names_no_tier_instead_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let own = misbehaving("classifier-component", Misbehaviour::Traps, folder.path());
    let toml = format!("[components]\nclassifier = \"{}\"\n", own.display());
    let arguments = ["route", "Rename x to y"];
    let home = folder.path().join("home");
    let (said, well) = support::program(&home, &toml, "http://127.0.0.1:9", &arguments).await;
    assert!(well, "{said}");
    assert!(
        said.contains("a component failed (guest-trap)") && !said.contains("instead of tier"),
        "{said}"
    );
    assert!(said.contains("note: classifier: "), "{said}");
}
