//! What each variable of the routing sets: it wins over the file. Whether a variable can be read, and whether its name is one that anybody
//! reads, is seen to in `environment`.

use super::limits::dollars;
use super::{Config, ConfigError, in_share, out_of_range};

impl Config {
    pub(super) fn take_environment(
        &mut self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let share = |name: &str, target: &mut f32| -> Result<(), ConfigError> {
            if let Some(value) = set(name) {
                *target = value
                    .parse()
                    .map_err(|_| out_of_range(name, &value, "a number from 0 to 1"))?;
                in_share(name, *target)?;
            }
            Ok(())
        };
        share(
            "ROUTING_CONFIDENCE_SECURITY",
            &mut self.router.security_confidence,
        )?;
        share(
            "ROUTING_CONFIDENCE_MULTI_MODEL",
            &mut self.router.review_confidence,
        )?;
        share(
            "ROUTING_CONFIDENCE_HUMAN_REVIEW",
            &mut self.router.review_uncertainty,
        )?;
        share(
            "ROUTING_CONFIDENCE_ESCALATION",
            &mut self.router.escalation_confidence,
        )?;
        let switch = |name: &str, target: &mut bool| -> Result<(), ConfigError> {
            if let Some(value) = set(name) {
                *target =
                    truth(&value).ok_or_else(|| out_of_range(name, &value, "true or false"))?;
            }
            Ok(())
        };
        switch(
            "ROUTING_COST_PREFER_CHEAPER",
            &mut self.router.prefer_cheaper,
        )?;
        switch("ROUTING_FALLBACK_ENABLED", &mut self.fallback.enabled)?;
        switch("ROUTING_VERBOSE", &mut self.verbose)?;
        if let Some(limit) = set("ROUTING_COST_DAILY_LIMIT") {
            dollars("ROUTING_COST_DAILY_LIMIT", &limit)?;
            self.budget.daily_limit = Some(limit);
        }
        if let Some(attempts) = set("ROUTING_FALLBACK_MAX_ATTEMPTS") {
            let name = "ROUTING_FALLBACK_MAX_ATTEMPTS";
            let count = attempts
                .parse()
                .ok()
                .filter(|count| (1..=10).contains(count));
            self.max_attempts = Some(
                count
                    .ok_or_else(|| out_of_range(name, &attempts, "a whole number from 1 to 10"))?,
            );
        }
        Ok(())
    }
}

/// Whether a variable says yes or no; none where it says neither.
pub(crate) fn truth(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
