//! What the command line shows of money: overruns, warnings, sums, exports, prices that are refused.

use tinydancer::Task;
use tinydancer::money::Picodollars;

use crate::days::Clock;
use crate::support::{self, Answer, Vendor, config, connection};
use crate::{bound_of_small, command, dollars, limited, small};

/// The store behind the binary's back.
async fn change(home: &std::path::Path, sql: &'static str) {
    let mut connection = connection(&home.join("tinydancer.db")).await;
    sqlx::query(sql).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn the_command_line_shows_overruns_lets_them_be_accepted_and_says_how_a_saving_is_computed() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear")]).await;
    let (settings, _) = limited(&vendor, 10).await;
    let limit = settings.budget.daily_limit.clone().unwrap();
    let host = support::host(settings, &home).await;
    let dear = host.run(small()).await.outcome;
    host.close().await.unwrap();
    std::fs::write(
        home.join("config.toml"),
        format!("[budget]\ndaily_limit = \"{limit}\"\n"),
    )
    .unwrap();
    let run = |arguments: &[&str]| command::run(at.path(), arguments, "");

    let told = run(&["budget"]);
    let (out, err) = (command::out(&told), command::err(&told));
    assert!(
        out.contains("reserved now: $0 for 0 calls under way"),
        "{out}"
    );
    assert!(
        out.contains(&dear.id) && out.contains(&dear.cost.to_string()),
        "{out}"
    );
    assert!(
        err.contains("--accept-overruns") && err.contains("% of the limit of"),
        "{err}"
    );
    let json = command::out(&run(&["budget", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["overruns"][0]["cost"], dear.cost.get());
    assert_eq!(json["overruns"][0]["acceptedAt"], serde_json::Value::Null);

    let accepted = run(&["budget", "--accept-overruns"]);
    assert!(command::out(&accepted).contains("1 overrun accepted"));
    assert!(!command::err(&accepted).contains("--accept-overruns"));
    let stats = command::out(&run(&["stats"]));
    assert!(
        stats.contains("compared: each task's billed tokens"),
        "{stats}"
    );
    let by_model = command::out(&run(&["stats", "--by", "model"]));
    assert!(
        by_model.contains("claude-haiku-5-5") && by_model.contains('█'),
        "{by_model}"
    );

    assert_eq!(command::code(&run(&["doctor", "--ledger"])) == 0, {
        let said = command::out(&run(&["doctor", "--ledger"]));
        assert!(said.contains("1 reservation agrees"), "{said}");
        !said.contains("BAD")
    });
    for (sql, words) in [
        ("UPDATE days SET settled = settled + 1", "the sums of"),
        (
            "UPDATE days SET settled = settled - 1, overrun = overrun - 1",
            "the overrun of",
        ),
        (
            "UPDATE days SET overrun = overrun + 1; UPDATE outcomes SET cost = cost - 1",
            "do not agree",
        ),
    ] {
        change(&home, sql).await;
        let wrong = run(&["doctor", "--ledger"]);
        assert_eq!(command::code(&wrong), 1);
        assert!(
            command::out(&wrong).contains(words),
            "{}",
            command::out(&wrong)
        );
    }
}

#[tokio::test]
async fn whoever_pays_is_warned_when_four_fifths_of_a_limit_of_theirs_are_used() {
    // Booked at the bound.
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let bound = bound_of_small().await;
    let others = "caller_limits = { ci = \"0.000001\", \"*\" = \"100\" }";
    for (share, warned) in [(125, true), (126, false)] {
        let home = tempfile::tempdir().unwrap();
        let limit = Picodollars::new(bound.get() * share / 100);
        let toml = format!("[budget]\ndaily_limit = \"{}\"\n{others}\n", dollars(limit));
        let ask = async |words: &[&str]| {
            let (said, _) = support::program(home.path(), &toml, &vendor.url, words).await;
            said
        };
        let words = format!("80 % of the limit of {limit} for day");
        let run = ask(&["run", "--tier", "1", "Rename x to y"]).await;
        assert!(run.contains("ok\n"), "{run}");
        assert_eq!(run.contains(&words), warned, "{run}");
        assert!(!run.contains("caller ci"), "{run}");
        for report in [&["budget"][..], &["budget", "--json"]] {
            let said = ask(report).await;
            assert_eq!(said.contains(&words), warned, "{said}");
        }
        // What costs nothing is no moment to speak of money.
        let edit = ["run", "--code", "var x = 1;", "Use const instead of var"];
        let free = ask(&edit).await;
        assert!(!free.contains("% of the limit"), "{free}");
    }
}

#[tokio::test]
async fn the_command_line_makes_sums_of_old_outcomes_and_shows_them() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let clock = Clock::at("2026-01-05T12:00:00Z");
    let host = clock.host(config(&vendor.url), &home).await;
    let paid = host.run(small()).await.outcome;
    host.close().await.unwrap();
    let run = |arguments: &[&str]| command::out(&command::run(at.path(), arguments, ""));
    let before = run(&["stats", "--by", "day"]);
    assert!(before.contains("2026-01-05") && before.contains(&paid.cost.to_string()));
    let done = run(&["compact", "--before", "90d"]);
    assert!(done.contains("1 outcome became sums"), "{done}");
    assert_eq!(run(&["stats", "--by", "day"]), before);
    assert!(!run(&["outcomes"]).contains(&paid.id));
    assert!(run(&["budget", "--days", "1000"]).contains(&paid.cost.to_string()));
    assert!(run(&["doctor", "--ledger"]).contains("0 reservations agree"));
}

#[tokio::test]
async fn exported_outcomes_hold_the_money_the_tokens_and_the_time_of_each_task() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let clock = Clock::at("2026-01-05T12:00:00Z");
    let host = clock.host(config(&vendor.url), &home).await;
    let task = Task {
        caller: "a, \"b\"".to_owned(),
        ..small()
    };
    let paid = host.run(task).await.outcome;
    host.run(Task::new("Use const instead of var").with_code("var x = 1;"))
        .await;
    host.close().await.unwrap();
    let run = |arguments: &[&str]| command::out(&command::run(at.path(), arguments, ""));
    let text = run(&["outcomes", "--csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let field = |row: usize, name: &str| {
        let place = headings.iter().position(|heading| heading == name).unwrap();
        rows[row][place].to_owned()
    };
    let own = usize::from(field(0, "id") != paid.id);
    assert_eq!(field(own, "caller"), "a, \"b\"");
    assert_eq!(field(own, "cost_usd"), dollars(paid.cost));
    assert_eq!(field(own, "baseline_usd"), dollars(paid.baseline));
    assert_eq!(field(own, "started_at"), "2026-01-05T12:00:00Z");
    assert_eq!(
        (field(own, "input_tokens"), field(own, "output_tokens")),
        ("1000".to_owned(), "200".to_owned())
    );
    assert_eq!(field(1 - own, "cost_usd"), "0");
    let json: serde_json::Value = serde_json::from_str(&run(&["outcomes", "--json"])).unwrap();
    assert_eq!(json[own]["cost"], paid.cost.get());
    assert_eq!(json[own]["usage"]["input"], 1_000);
}

#[tokio::test]
async fn a_price_in_another_unit_and_one_that_nobody_told_are_refused_before_anything_is_sent() {
    let at = tempfile::tempdir().unwrap();
    let home = at.path().join("home");
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let run = |price: &str, arguments: &[&str]| {
        std::fs::create_dir_all(&home).unwrap();
        let config = format!(
            "[budget]\ndaily_limit = \"5\"\n[tiers.2]\nmodel = \"mine\"\nprovider = \"local\"\n\
             [providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\n{price}",
            vendor.url
        );
        std::fs::write(home.join("config.toml"), config).unwrap();
        let done = command::run(at.path(), arguments, "");
        command::out(&done) + &command::err(&done)
    };
    let task = ["run", "--tier", "2", "Rename x to y"];
    let per_token = "[prices.mine]\ninput = 0.000003\noutput = 0.000015\n";
    for told in [run(per_token, &["models"]), run(per_token, &task)] {
        let readings = "as dollars per million tokens that is 0.000003 for a million, as dollars per token it is 3 for a million";
        assert!(told.contains(readings), "{told}");
    }
    let untold = run("", &task);
    assert!(
        untold.contains("mine") && untold.contains("[prices.\"mine\"]"),
        "{untold}"
    );
    assert!(vendor.asked().is_empty());
}
