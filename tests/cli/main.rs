//! The command line by its binary: what it prints, writes, and exits with.
//! One test program for all commands: each program is linked with the whole host, which takes seconds.

#[path = "../support/command.rs"]
mod command;
mod exit_codes;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod home;
mod plan;
mod reports;
mod route;
mod run;
#[cfg(unix)]
mod store;
#[path = "../support/mod.rs"]
mod support;
#[cfg(unix)]
mod terminal;
mod transform;
