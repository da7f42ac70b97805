//! What is told on standard error beside the output: warnings in words, or a log where `TINYDANCER_LOG` asks for one.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::Problem;
use crate::Error;
use crate::config::{ConfigError, truth};

const VARIABLE: &str = "TINYDANCER_LOG";

/// Begins to tell what the host warns of.
///
/// # Errors
/// A filter that is none.
pub(super) fn start() -> Result<(), Problem> {
    let Some(wanted) = std::env::var_os(VARIABLE).filter(|wanted| !wanted.is_empty()) else {
        let verbose = std::env::var("ROUTING_VERBOSE").ok();
        let filter = match verbose.as_deref().and_then(truth) {
            Some(true) => "warn,tinydancer=info",
            _ => "warn",
        };
        // What is started already, by a program around this one, is kept.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(std::io::stderr)
            .event_format(InWords)
            .try_init();
        return Ok(());
    };
    let filter = wanted
        .to_str()
        .and_then(|wanted| EnvFilter::try_new(wanted).ok())
        .ok_or_else(|| {
            Problem::Host(Error::Config(ConfigError::Value {
                name: VARIABLE.to_owned(),
                value: wanted.to_string_lossy().into_owned(),
                expected: "a level (error, warn, info, debug, trace) or levels by module, such as `warn,tinydancer=debug`",
            }))
        })?;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init();
    Ok(())
}

/// An event as a line for people: its level in a word, what it says, and what belongs to it.
struct InWords;

impl<S, N> FormatEvent<S, N> for InWords
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = event.metadata().level();
        let word = match *level {
            Level::ERROR => "error",
            Level::WARN => "warning",
            _ => "note",
        };
        let mut said = Said::default();
        event.record(&mut said);
        writeln!(writer, "{word}: {}{}", said.message, said.fields)
    }
}

#[derive(Default)]
struct Said {
    message: String,
    fields: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}"));
    }
}

impl Said {
    fn take(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
        } else {
            self.fields.push_str(&format!("; {} {value}", field.name()));
        }
    }
}
