//! Builds the three components from `components/`, wraps each core module into a component, and compiles it ahead of time for
//! the host to embed.
//!
//! A nested cargo does the first step. It has a target folder of its own (the outer cargo holds the lock of the usual one) and
//! an environment without the outer build's settings, which are meant for the host and would not fit a guest.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use target::NO_RUSTUP;
use wit_component::ComponentEncoder;

#[path = "runtime/engine.rs"]
mod engine;
#[path = "build/target.rs"]
mod target;

/// What every component is compiled to: no operating system, so nothing to import.
const GUEST_TARGET: &str = "wasm32-unknown-unknown";
/// The profile of the root manifest that only guests use.
const GUEST_PROFILE: &str = "guest";
const GUESTS: [&str; 3] = ["classifier", "router", "booster"];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    watch(&root)?;
    require_target()?;
    let modules = build_modules(&root, &guest_folder(&out))?;

    let mut config = engine::engine_config();
    // Named even where it is the machine's own: without it Cranelift would use whatever this processor can do, and the binary
    // would not load on an older one.
    config.target(&env::var("TARGET")?)?;
    baseline(&mut config, &env::var("CARGO_CFG_TARGET_ARCH")?);
    let compiler = wasmtime::Engine::new(&config)?;

    let mut table = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for (name, module) in GUESTS.iter().zip(modules) {
        let component = ComponentEncoder::default()
            .validate(true)
            .module(&fs::read(&module)?)?
            .encode()
            .map_err(|e| format!("{} does not become a component: {e:#}", module.display()))?;
        let precompiled = compiler.precompile_component(&component)?;
        fs::write(out.join(format!("{name}.wit")), contract(&root, name)?)?;
        fs::write(out.join(format!("{name}.wasm")), component)?;
        fs::write(out.join(format!("{name}.cwasm")), precompiled)?;
        let file = |extension: &str| out.join(format!("{name}.{extension}"));
        writeln!(
            table,
            "    Embedded {{ name: {name:?}, wasm: include_bytes!({:?}), precompiled: include_bytes!({:?}), wit: include_str!({:?}) }},",
            file("wasm"),
            file("cwasm"),
            file("wit"),
        )?;
    }
    table.push_str("];\n");
    fs::write(out.join("embedded.rs"), table)?;
    Ok(())
}

/// What processors the precompiled code may count on: on x86-64 the third level (AVX2, BMI), which servers and desktops have had since about
/// 2015. A machine without it compiles the components once at start, and says so.
fn baseline(config: &mut wasmtime::Config, architecture: &str) {
    const X86_64_V3: [&str; 11] = [
        "has_sse3",
        "has_ssse3",
        "has_sse41",
        "has_sse42",
        "has_popcnt",
        "has_avx",
        "has_avx2",
        "has_fma",
        "has_bmi1",
        "has_bmi2",
        "has_lzcnt",
    ];
    if architecture == "x86_64" {
        for flag in X86_64_V3 {
            // SAFETY: the flags only allow instructions. Loading checks each against the processor before any of the code runs.
            unsafe { config.cranelift_flag_enable(flag) };
        }
    }
}

/// Names exactly what the components are made from. Bindings that `cargo component` generates are not among it: they would
/// set off a rebuild each time that tool ran.
fn watch(root: &Path) -> Result<()> {
    let mut inputs = vec![
        root.join("Cargo.toml"),
        root.join("Cargo.lock"),
        root.join(".cargo/config.toml"),
        root.join("wit"),
        root.join("host/build.rs"),
        root.join("host/build/target.rs"),
        root.join("host/runtime/engine.rs"),
    ];
    for name in GUESTS.into_iter().chain(["memory"]) {
        inputs.push(root.join("components").join(name).join("Cargo.toml"));
        source_files(&root.join("components").join(name).join("src"), &mut inputs)?;
    }
    for input in inputs {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    println!("cargo::rerun-if-env-changed={NO_RUSTUP}");
    Ok(())
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            source_files(&path, found)?;
        } else if path.file_name() != Some("bindings.rs".as_ref()) {
            found.push(path);
        }
    }
    Ok(())
}

/// The guests' target for the compiler that builds the host.
fn require_target() -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let commands = target::Commands {
        rustc: &rustc,
        rustup: env::var_os(NO_RUSTUP)
            .is_none()
            .then_some("rustup".as_ref()),
    };
    target::require_target(GUEST_TARGET, &commands, |words| {
        println!("cargo::warning={words}");
    })?;
    Ok(())
}

/// A folder for the nested cargo beside the profiles' folders, so that debug and release builds share the guests.
fn guest_folder(out: &Path) -> PathBuf {
    out.ancestors()
        .find(|folder| folder.file_name() == Some("build".as_ref()))
        .and_then(|build| build.parent()?.parent())
        .unwrap_or(out)
        .join("guests")
}

/// Compiles every guest and returns the core modules, in the order of [`GUESTS`].
fn build_modules(root: &Path, target_dir: &Path) -> Result<Vec<PathBuf>> {
    for name in GUESTS {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // `cargo rustc` with one crate type: beside an rlib cargo would build the module without link-time optimisation.
        cargo
            .current_dir(root)
            .args(["rustc", "--lib", "--crate-type", "cdylib", "--locked"])
            .args(["--profile", GUEST_PROFILE, "--target", GUEST_TARGET])
            .arg("--target-dir")
            .arg(target_dir)
            .arg("--package")
            .arg(format!("tinydancer-{name}"));
        for (key, _) in env::vars_os().filter(|(key, _)| belongs_to_outer_build(key)) {
            cargo.env_remove(key);
        }
        let output = cargo
            .output()
            .map_err(|e| format!("cargo cannot be started for the components: {e}"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the component {name} does not build:\n{words}").into());
        }
    }
    let folder = target_dir.join(GUEST_TARGET).join(GUEST_PROFILE);
    Ok(GUESTS
        .iter()
        .map(|name| folder.join(format!("tinydancer_{name}.wasm")))
        .collect())
}

/// Settings of the outer build: flags, wrappers, profiles, targets. What tells cargo where its home, its network and its
/// registries are stays.
fn belongs_to_outer_build(key: &OsString) -> bool {
    const ALSO: [&str; 7] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "TARGET",
        "HOST",
    ];
    const KEPT: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    let Some(key) = key.to_str() else {
        return false;
    };
    ALSO.contains(&key)
        || (key.starts_with("CARGO_") && !KEPT.iter().any(|kept| key.starts_with(kept)))
}

/// The part of the contract that a component fulfils, as one WIT document with its comments: what people of other runtimes need beside
/// the .wasm. The component itself carries the same interfaces without the comments, under a world that has no name of its own.
fn contract(root: &Path, name: &str) -> Result<String> {
    let read = |file: &str| -> Result<String> {
        let path = root.join("wit").join(file);
        fs::read_to_string(&path)
            .map_err(|e| format!("{} cannot be read: {e}", path.display()).into())
    };
    let types = read("types.wit")?;
    let own = read(&format!("{name}.wit"))?;
    let is_package = |line: &str| line.starts_with("package ");
    // One document has one package line, which is the one of the types.
    if types.lines().find(|line| is_package(line)) != own.lines().find(|line| is_package(line)) {
        return Err(format!("wit/{name}.wit and wit/types.wit are of different packages").into());
    }
    let rest: String = own
        .split_inclusive('\n')
        .filter(|line| !is_package(line))
        .collect();
    Ok(format!("{types}{rest}"))
}
