//! The binary: reads the command line and hands it to its face.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    tinydancer::cli::run(tinydancer::cli::Arguments::parse())
}
