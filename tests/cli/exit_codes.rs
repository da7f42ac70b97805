//! What stops a command before it does anything, with an exit code for each: settings and variables, a store, a budget.

use std::fs;

use crate::command::{code, err, folder, out, run, run_with};

#[test]
fn settings_that_are_wrong_stop_the_command_with_their_place() {
    let at = folder();
    fs::write(at.path().join("c.toml"), "[budget]\ndaily_limt = \"5\"\n").unwrap();
    let failed = run(at.path(), &["--config", "c.toml", "models"], "");
    assert_eq!(code(&failed), 3);
    assert!(
        err(&failed).contains("line 2") && err(&failed).contains("daily_limt"),
        "{}",
        err(&failed)
    );
    fs::write(
        at.path().join("c.toml"),
        "[components]\nbooster = \"c.toml\"\n",
    )
    .unwrap();
    let broken = run(
        at.path(),
        &["--config", "c.toml", "transform", "--list"],
        "",
    );
    assert_eq!(code(&broken), 3);
    assert!(err(&broken).contains("booster"), "{}", err(&broken));
}

#[test]
fn a_damaged_store_stops_the_command_and_is_left_as_it_is() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    let database = at.path().join("home/tinydancer.db");
    fs::write(&database, "no database ".repeat(100)).unwrap();
    let failed = run(at.path(), &["stats"], "");
    assert_eq!(code(&failed), 4);
    assert!(err(&failed).contains("damaged"), "{}", err(&failed));
    assert_eq!(
        fs::read_to_string(&database).unwrap(),
        "no database ".repeat(100)
    );
}

#[test]
fn a_budget_that_does_not_reach_has_an_exit_code_of_its_own() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(
        at.path().join("home/config.toml"),
        "[budget]\ndaily_limit = \"0.000001\"\n",
    )
    .unwrap();
    let refused = run(at.path(), &["run", "--tier", "4", "Rename x to y"], "");
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    assert!(err(&refused).contains("budget"));
}

#[test]
fn a_variable_that_is_out_of_range_stops_the_command() {
    let at = folder();
    for (name, value) in [
        ("ROUTING_CONFIDENCE_ESCALATION", "1.5"),
        ("ROUTING_FALLBACK_ENABLED", "perhaps"),
        ("ROUTING_FALLBACK_MAX_ATTEMPTS", "many"),
        ("ROUTING_COST_PREFER_CHEAPER", "2"),
        ("ROUTING_VERBOSE", "loud"),
        ("TINYDANCER_LOG", "[[["),
    ] {
        let failed = run_with(at.path(), &["models"], "", &[(name, value)]);
        assert_eq!(code(&failed), 3, "{name}");
        assert!(err(&failed).contains(name), "{}", err(&failed));
    }
}

#[cfg(unix)]
#[test]
fn a_limit_that_is_no_text_stops_the_command_and_one_that_is_misspelt_is_warned_about() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::{Command, Stdio};
    let at = folder();
    let budget = |name: &str, value: &[u8]| {
        Command::new(env!("CARGO_BIN_EXE_tinydancer"))
            .args(["budget"])
            .env("TINYDANCER_HOME", at.path().join("home"))
            .env(name, std::ffi::OsStr::from_bytes(value))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let failed = budget("ROUTING_COST_DAILY_LIMIT", b"5\xff");
    assert_eq!(code(&failed), 3, "{}", out(&failed));
    assert!(
        err(&failed).contains("ROUTING_COST_DAILY_LIMIT") && err(&failed).contains("UTF-8"),
        "{}",
        err(&failed)
    );
    let warned = budget("ROUTING_COST_DAILY_LIMT", b"5");
    assert_eq!(code(&warned), 0, "{}", err(&warned));
    assert!(
        err(&warned).contains("warning: the environment variable ROUTING_COST_DAILY_LIMT")
            && err(&warned).contains("ROUTING_COST_DAILY_LIMIT is like it"),
        "{}",
        err(&warned)
    );
    let fine = budget("ROUTING_COST_DAILY_LIMIT", b"5");
    assert!(!err(&fine).contains("warning"), "{}", err(&fine));
}

#[test]
fn limits_of_the_components_that_cannot_be_right_stop_the_command() {
    let at = folder();
    let edit = [
        "--config",
        "c.toml",
        "run",
        "--code",
        "var x = 1;",
        "Use const instead of var",
    ];
    for (setting, words) in [
        ("max_input = 0", "runtime.max_input is 0"),
        ("memory = 1", "runtime.memory is 1"),
    ] {
        fs::write(at.path().join("c.toml"), format!("[runtime]\n{setting}\n")).unwrap();
        let failed = run(at.path(), &edit, "");
        assert_eq!(code(&failed), 3, "{}", out(&failed));
        assert!(err(&failed).contains(words), "{}", err(&failed));
    }
    fs::write(at.path().join("c.toml"), "[runtime]\nmemory = 4194304\n").unwrap();
    let least = run(at.path(), &edit, "");
    assert_eq!(out(&least), "const x = 1;\n", "{}", err(&least));
}
