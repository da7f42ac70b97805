//! How long to wait between two tries.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Doubling from a quarter of a second, spread over half of it, so that many callers do not come back at once.
pub(super) fn backoff(attempt: u32) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let base = Duration::from_millis(250).saturating_mul(1 << attempt.saturating_sub(1).min(6));
    // The standard library seeds its hashers anew for each of them: a draw without another dependency.
    let draw = u32::try_from(RandomState::new().hash_one(attempt) % 1_000).unwrap_or(0);
    base / 2 + base.saturating_mul(draw) / 2_000
}

/// When to come back: milliseconds, seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse::<u64>().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = at.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn waits_double_are_spread_and_stay_within_bounds() {
        for (attempt, most) in [(1, 250), (2, 500), (3, 1_000), (7, 16_000), (40, 16_000)] {
            let waits: Vec<u64> = (0..50)
                .map(|_| u64::try_from(backoff(attempt).as_millis()).unwrap())
                .collect();
            assert!(
                waits.iter().all(|wait| (most / 2..=most).contains(wait)),
                "{waits:?}"
            );
            assert!(
                waits.iter().any(|wait| *wait != waits[0]),
                "callers would come back at once"
            );
        }
    }

    #[test]
    fn a_vendor_may_say_when_in_milliseconds_seconds_or_by_a_date() {
        let told = |name: &'static str, value: &str| {
            let name = HeaderName::from_static(name);
            let value = HeaderValue::from_str(value).unwrap();
            retry_after(&HeaderMap::from_iter([(name, value)]))
        };
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(
            told("retry-after-ms", "1500"),
            Some(Duration::from_millis(1_500))
        );
        assert_eq!(told("retry-after", " 7 "), seconds(7));
        assert_eq!(told("retry-after", "soon"), None);
        assert_eq!(
            told("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
            seconds(0)
        );
        let later = jiff::Timestamp::now() + Duration::from_secs(60);
        let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
        let date = printer.timestamp_to_rfc9110_string(&later).unwrap();
        let wait = told("retry-after", &date).unwrap();
        assert!((58..=60).contains(&wait.as_secs()), "{wait:?}");
    }
}
