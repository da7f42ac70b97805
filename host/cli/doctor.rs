//! `tinydancer doctor`: whether everything that a task needs is there, and what to do where it is not. It looks whether vendors can be
//! reached, without a key; it calls a model only where it is asked to (`--live`).

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::json;

use super::{Common, Exit, Problem, show};
use crate::runtime::Restored;
use crate::wit::{Options, SourceFile};
use crate::{Error, Host, Tier};

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArguments {
    /// Check that the ledger and the outcomes agree to the last unit
    #[arg(long)]
    ledger: bool,
    /// Make one smallest call for each provider that is set up, after showing what it can cost; it is recorded and counts for the budget
    #[arg(long)]
    live: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A thing that was looked at.
struct Check {
    name: &'static str,
    /// None: it works. Some: it does not, or not wholly; true where no task can be done because of it.
    fault: Option<bool>,
    words: String,
}

impl Check {
    /// Whether something is broken, which the exit code tells too.
    fn is_bad(&self) -> bool {
        self.fault == Some(true)
    }

    fn state(&self) -> &'static str {
        match self.fault {
            None => "ok",
            Some(false) => "note",
            Some(true) => "bad",
        }
    }
}

/// The host to look at. One with a broken component is made with the built-in ones, so that all else is looked at too, and its fault comes with it.
async fn host(common: &Common) -> Result<(Host, Option<Error>), Problem> {
    match common.host().await {
        Ok(host) => Ok((host, None)),
        Err(Problem::Host(broken @ Error::Component(_))) => {
            let mut config = common.config()?;
            config.components = crate::config::Components::default();
            let builder = Host::builder().home(common.home()?).config(config);
            match builder.build().await {
                Ok(host) => Ok((host, Some(broken))),
                Err(_) => Err(broken.into()),
            }
        }
        Err(other) => Err(other),
    }
}

pub(super) async fn run(common: &Common, arguments: DoctorArguments) -> Result<Exit, Problem> {
    let mut checks = Vec::new();
    let mut check = |name, fault, words: String| checks.push(Check { name, fault, words });
    let (host, broken) = host(common).await?;
    check("home", None, host.home().display().to_string());
    if let Some(broken) = broken {
        check(
            "components",
            Some(true),
            format!(
                "{broken}; no task can be done with it, and what follows was looked at with the built-in ones"
            ),
        );
    }

    let snippet = SourceFile {
        path: String::new(),
        text: "var x = 1;".into(),
        module: Some(true),
        dialect: None,
    };
    match host.runtime().transform(
        &snippet,
        &["var-to-const".to_owned()],
        &Options {
            assumptions: vec![],
            withdrawn: vec![],
        },
    ) {
        Ok(done) if done.text == "const x = 1;" => {
            let pooled = if host.runtime().is_pooled() {
                ""
            } else {
                "; without a pool, as this machine's address space is limited"
            };
            check(
                "components",
                None,
                format!("three, loaded and working{pooled}"),
            );
        }
        Ok(done) => check(
            "components",
            Some(true),
            format!("the booster made `{}` of `var x = 1;`", done.text),
        ),
        Err(e) => check("components", Some(true), e.to_string()),
    }
    let restored = match host.restored() {
        Restored::Fresh => "no base snapshot; the feedback log was replayed whole".to_owned(),
        Restored::FromSnapshot => "goes on from the base snapshot and the log after it".to_owned(),
        Restored::Refused(reason) => format!(
            "the base snapshot was refused ({reason:?}); the feedback log was replayed whole"
        ),
    };
    match (host.store().fault(), host.policy().learned()) {
        (Some(_), _) => check(
            "policy",
            Some(false),
            "what was learned is not known while the store cannot be read".to_owned(),
        ),
        (None, Ok(learned)) => check(
            "policy",
            None,
            format!("{}; {restored}", show::feedback(learned)),
        ),
        (None, Err(fault)) => check("policy", Some(false), host.router_failed(fault).to_string()),
    }
    let store = host.store();
    let recovered = match store.recovered() {
        0 => String::new(),
        count => format!(
            "; {} of a process that ended early {} booked in full",
            show::count(count, "call"),
            show::plural(count, "was", "were")
        ),
    };
    match store.check_writes().await {
        Ok(()) => check(
            "store",
            None,
            format!("{}, read and written{recovered}", store.path().display()),
        ),
        Err(e) => check(
            "store",
            Some(true),
            format!("{e}; tier 0 answers, unrecorded, and no model is called"),
        ),
    }
    if store.unrecorded_ever() > 0 {
        check(
            "store",
            Some(false),
            format!(
                "{} could not be recorded so far",
                show::count(store.unrecorded_ever(), "outcome")
            ),
        );
    }
    for tier in Tier::PAID {
        let Some(Ok(own)) = host.served(tier) else {
            continue;
        };
        let row = host.registry().model(&own.model);
        let late = row
            .and_then(|row| row.deprecation_date.clone())
            .filter(|date| *date <= host.today().to_string());
        match late {
            Some(date) => check(
                "model",
                Some(false),
                format!("tier {tier}: {} may be retired since {date}", own.model),
            ),
            None => check("model", None, format!("tier {tier}: {}, priced", own.model)),
        }
    }
    for words in host.uncallable() {
        check("model", Some(true), words);
    }
    // A store that cannot be read is told above.
    let overruns = store.overruns().await.unwrap_or_default();
    for own in overruns.iter().filter(|own| own.accepted_at.is_none()) {
        check(
            "budget",
            Some(false),
            format!(
                "{} of `{}` is held back: {} was billed where {} was the most; `tinydancer budget --accept-overruns`",
                own.model, own.provider, own.cost, own.bound
            ),
        );
    }
    let mut wanted: Vec<&str> = host
        .candidates()
        .flatten()
        .map(|callable| callable.provider.as_str())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let reached = host.reach().await;
    for (name, provider) in host.providers() {
        let is_wanted = wanted.contains(&name.as_str());
        match provider {
            Ok(provider) if is_wanted || host.config().providers.contains_key(name) => {
                let at = format!("{name} at {}, set up", provider.endpoint());
                match reached.get(name) {
                    Some(Err(e)) => check(
                        "provider",
                        Some(false),
                        format!("{at}, but not reachable: {e}"),
                    ),
                    _ => check(
                        "provider",
                        None,
                        format!("{at} and reachable; --live tries the key"),
                    ),
                }
            }
            Err(reason) if is_wanted => check(
                "provider",
                Some(false),
                format!("{reason}; tier 0 works without"),
            ),
            _ => {}
        }
    }
    if arguments.live {
        let mut seen = BTreeSet::new();
        let callables = host.candidates().flatten();
        // The cheapest of each provider's models.
        let mut callables: Vec<_> = callables
            .filter(|own| matches!(host.providers().get(&own.provider), Some(Ok(_))))
            .collect();
        callables.sort_by_key(|own| host.probe_bound(own));
        callables.retain(|own| seen.insert(own.provider.clone()));
        for own in callables {
            show::note(&format!(
                "calling {} at {}: at most {}",
                own.model,
                own.provider,
                host.probe_bound(own)
            ));
            let done = host.probe(own).await;
            match done.result {
                Ok(_) => check(
                    "live",
                    None,
                    format!(
                        "{} answered through {}, for {}",
                        own.model, own.provider, done.outcome.cost
                    ),
                ),
                Err(failure) => check("live", Some(true), failure.to_string()),
            }
        }
    }
    // After the calls above, whose failures count too.
    for one in host.left_alone() {
        let seconds = one.until.duration_since(jiff::Timestamp::now()).as_secs();
        check(
            "breaker",
            Some(false),
            format!(
                "{} of {} at {} failed too often and is left alone for {seconds} s more",
                one.model, one.provider, one.endpoint
            ),
        );
    }
    match host.daily_limit() {
        Some(limit) => check(
            "budget",
            None,
            format!("{limit} a day, {}", host.config().budget.time_zone),
        ),
        None => check(
            "budget",
            Some(false),
            "no daily limit: ROUTING_COST_DAILY_LIMIT sets one".to_owned(),
        ),
    }
    if arguments.ledger {
        match store.check_ledger().await {
            Ok(report) if report.faults.is_empty() => check(
                "ledger",
                None,
                format!(
                    "{} {} with days and outcomes",
                    show::count(report.reservations, "reservation"),
                    show::plural(report.reservations, "agrees", "agree")
                ),
            ),
            Ok(report) => check("ledger", Some(true), report.faults.join("; ")),
            Err(_) => check("ledger", Some(true), "it cannot be read".to_owned()),
        }
    }
    host.close().await?;

    let mut out = anstream::stdout().lock();
    let failed = Problem::io("the output cannot be written");
    if arguments.json {
        let values: Vec<_> = checks
            .iter()
            .map(|one| {
                json!({ "check": one.name, "ok": !one.is_bad(), "state": one.state(), "words": one.words })
            })
            .collect();
        writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(&values).unwrap_or_default()
        )
        .map_err(failed)?;
    } else {
        let text: String = checks
            .iter()
            .map(|one| {
                let mark = match one.state() {
                    "bad" => "BAD",
                    state => state,
                };
                format!(
                    "{} {:<10} {}\n",
                    show::bold(&format!("{mark:<4}")),
                    one.name,
                    one.words
                )
            })
            .collect();
        out.write_all(text.as_bytes()).map_err(failed)?;
    }
    Ok(if checks.iter().any(Check::is_bad) {
        Exit::Failed
    } else {
        Exit::Done
    })
}
