//! The binary: reads the command line and hands it to its face.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let level = tracing_subscriber::EnvFilter::try_from_env("TINYDANCER_LOG")
        .unwrap_or_else(|_| tinydancer::cli::usual_log_level().into());
    tracing_subscriber::fmt()
        .with_env_filter(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    tinydancer::cli::run(tinydancer::cli::Arguments::parse())
}
