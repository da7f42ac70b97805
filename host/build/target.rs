//! Makes sure that the compiler has the guests' target. The build script and its test include this file.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// Set to anything to forbid the build from calling rustup.
pub(crate) const NO_RUSTUP: &str = "TINYDANCER_NO_RUSTUP";

/// The commands that are asked.
pub(crate) struct Commands<'a> {
    pub(crate) rustc: &'a OsStr,
    /// None where the build may not call it.
    pub(crate) rustup: Option<&'a OsStr>,
}

/// Looks for a target of the compiler's, and adds it through rustup where it is missing and that is allowed. `warn` is told before anything
/// is added.
pub(crate) fn require_target(
    target: &str,
    commands: &Commands<'_>,
    warn: impl FnOnce(&str),
) -> Result<(), String> {
    let is_installed = || {
        Command::new(commands.rustc)
            .args(["--print", "target-libdir", "--target", target])
            .output()
            .map(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
            .map_err(|e| format!("`{}` cannot be started: {e}", commands.rustc.display()))
    };
    if is_installed()? {
        return Ok(());
    }
    let remedy =
        format!("install it with `rustup target add {target}`, or from where your Rust came from");
    let Some(rustup) = commands.rustup else {
        return Err(format!(
            "the target {target} is missing and {NO_RUSTUP} forbids adding it: {remedy}"
        ));
    };
    warn(&format!(
        "the target {target} is missing: adding it through rustup ({NO_RUSTUP}=1 forbids that)"
    ));
    match Command::new(rustup)
        .args(["target", "add", target])
        .status()
    {
        Ok(status) if status.success() && is_installed()? => Ok(()),
        Ok(_) => Err(format!(
            "rustup could not add the target {target}: {remedy}"
        )),
        Err(_) => Err(format!(
            "the target {target} is missing and there is no rustup to add it: {remedy}"
        )),
    }
}
