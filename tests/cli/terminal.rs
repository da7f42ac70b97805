//! What a terminal and a shell make of the binary: completions, the progress bar, signals.

use std::fs;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::FromRawFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::command::{code, err, folder, out, run};

/// What a shell that is there says against a script; nothing where there is no such shell.
fn objection(shell: &str, flags: &[&str], script: &Path) -> Option<String> {
    match Command::new(shell).args(flags).arg(script).output() {
        Ok(checked) if checked.status.success() && checked.stderr.is_empty() => None,
        Ok(checked) => Some(err(&checked)),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => Some(e.to_string()),
    }
}

#[test]
fn completions_are_scripts_that_their_shells_take_and_name_every_command() {
    let at = folder();
    let help = out(&run(at.path(), &["--help"], ""));
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"transform"), "{commands:?}");
    for (shell, flags, begins, command) in [
        ("bash", &["-n"][..], "_tinydancer() {", "tinydancer__"),
        ("zsh", &["-n"], "#compdef tinydancer\n", "_tinydancer__"),
        ("fish", &["--no-execute"], "", "__fish_tinydancer_"),
    ] {
        let printed = run(at.path(), &["completions", shell], "");
        assert_eq!((code(&printed), err(&printed).as_str()), (0, ""));
        let script = out(&printed);
        assert!(script.starts_with(begins), "{shell}: {:.60}", script);
        assert!(script.contains(command), "{shell}");
        for name in &commands {
            assert!(script.contains(name), "{shell}: {name}");
        }
        for flag in ["--sarif", "--no-assume", "--undo-to"] {
            // Fish names them without the dashes.
            let flag = if shell == "fish" {
                format!("-l {}", flag.trim_start_matches('-'))
            } else {
                flag.to_owned()
            };
            assert!(script.contains(&flag), "{shell}: {flag}");
        }
        if shell == "fish" {
            let wrong = |line: &&str| {
                line.starts_with("complete ") && !line.starts_with("complete -c tinydancer ")
            };
            assert_eq!(script.lines().find(wrong), None);
        }
        let file = at.path().join(shell);
        fs::write(&file, &script).unwrap();
        assert_eq!(objection(shell, flags, &file), None, "{shell}");
    }
}

/// A terminal of 80 columns: the side that a program gets, and the one that shows what it wrote.
fn terminal() -> (File, File) {
    let (mut master, mut slave) = (-1, -1);
    let size = libc::winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: both numbers and the size live until the call returns, and the name and the settings may be null.
    let failed = unsafe {
        libc::openpty(
            &raw mut master,
            &raw mut slave,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            (&raw const size).cast_mut(),
        )
    };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: both were opened above, and nobody else has them.
    let (slave, master) = unsafe { (File::from_raw_fd(slave), File::from_raw_fd(master)) };
    // Copies are closed in what other tests start meanwhile, which would keep the terminal in use.
    (slave.try_clone().unwrap(), master.try_clone().unwrap())
}

#[test]
fn the_progress_bar_is_for_terminals_alone() {
    const FILES: usize = 60;
    let at = folder();
    for number in 0..FILES {
        fs::write(at.path().join(format!("f{number}.js")), "var x = 1;\n").unwrap();
    }
    let transform = |stderr: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinydancer"));
        command
            .args(["transform", "var-to-const", "."])
            .current_dir(at.path())
            .env("TINYDANCER_HOME", at.path().join("home"))
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr);
        command.spawn().unwrap()
    };
    let bar = format!("/{FILES}");
    let (program, mut screen) = terminal();
    // The command, with its copy of the program's side, ends with the statement: then the screen does, too.
    let mut child = transform(program.into());
    let mut shown = Vec::new();
    // A terminal whose programs are gone ends with an error on some systems.
    let _ = screen.read_to_end(&mut shown);
    assert!(child.wait().unwrap().success());
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains(&bar), "{shown:?}");
    let piped = transform(Stdio::piped()).wait_with_output().unwrap();
    assert!(piped.status.success());
    let said = err(&piped);
    assert!(
        !said.contains(&bar) && !said.contains('\u{1b}') && !said.contains('\r'),
        "{said:?}"
    );
}

/// What signals do is what is written, also where whoever runs the tests has them ignored.
fn with_signals(command: &mut Command) -> &mut Command {
    // SAFETY: between fork and exec, `signal` may be called.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGINT, libc::SIGTERM] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        })
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .arg(format!("-{signal}"))
        .arg(child.id().to_string())
        .status();
    assert!(sent.unwrap().success());
}

/// How a child ended; one that goes on for ever is a failure.
fn ended(child: &mut Child) -> ExitStatus {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("it goes on after the signal");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_a_signal_left_alone_is_told_beside_every_form() {
    const FILES: usize = 100;
    let source = "exports.x = 1;\n".to_owned()
        + &"{ let f = () => { var y = 2; use(y); }; f(); }\n".repeat(4_000);
    for form in ["--json", "--edits", "--sarif"] {
        let at = folder();
        let file = |number: usize| at.path().join(format!("f{number:03}.js"));
        for number in 0..FILES {
            fs::write(file(number), &source).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinydancer"));
        command
            .args(["transform", "var-to-const", "--write", form, "."])
            .current_dir(at.path())
            .env("TINYDANCER_HOME", at.path().join("home"))
            .stdout(File::create(at.path().join("report")).unwrap())
            .stderr(File::create(at.path().join("said")).unwrap());
        let mut child = with_signals(&mut command).spawn().unwrap();
        while (0..FILES).all(|number| fs::read_to_string(file(number)).unwrap() == source) {
            assert!(child.try_wait().unwrap().is_none(), "nothing was written");
            std::thread::sleep(Duration::from_millis(1));
        }
        send("INT", &child);
        let status = ended(&mut child);
        let said = fs::read_to_string(at.path().join("said")).unwrap();
        assert_eq!(status.code(), Some(1), "{form}: {said}");
        assert!(
            said.contains("stopped: ") && said.contains("left alone; run the command again"),
            "{form}: {said}"
        );
        let report = fs::read_to_string(at.path().join("report")).unwrap();
        serde_json::from_str::<serde_json::Value>(&report).unwrap();
        assert!(report.contains("interrupted before its turn"), "{form}");
    }
}

#[test]
fn a_signal_ends_what_has_nothing_to_finish_at_once() {
    let at = folder();
    for (signal, number) in [("INT", libc::SIGINT), ("TERM", libc::SIGTERM)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinydancer"));
        command
            .args(["transform", "var-to-const", "--jsonl"])
            .current_dir(at.path())
            .env("TINYDANCER_HOME", at.path().join("home"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = with_signals(&mut command).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"{\"id\":1,\"code\":\"\"}\n").unwrap();
        // Its first answer says that it is there.
        let mut answer = [0; 1];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut answer)
            .unwrap();
        send(signal, &child);
        assert_eq!(ended(&mut child).signal(), Some(number), "{signal}");
        drop(input);
    }
    let help = out(&run(at.path(), &["--help"], ""));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("SIGINT and SIGTERM"), "{help}");
}
