//! The limits of money and the days they hold for, out of the texts that the file and the environment give. What is spent against them is
//! the store's; nothing is counted here.

use std::collections::BTreeMap;

use super::{Config, ConfigError, FurtherLimits, out_of_range};
use crate::money::Picodollars;
use crate::tier::Tier;

impl Config {
    /// The limit for a day; none when there is none.
    ///
    /// # Errors
    /// Text that is no amount of dollars.
    pub fn daily_limit(&self) -> Result<Option<Picodollars>, ConfigError> {
        let limit = self
            .budget
            .daily_limit
            .as_deref()
            .map(|text| dollars("budget.daily_limit", text))
            .transpose()?;
        Ok(limit.filter(|limit| limit.get() > 0))
    }

    /// What one task may cost; none when there is no limit.
    ///
    /// # Errors
    /// Text that is no amount of dollars.
    pub fn task_limit(&self) -> Result<Option<Picodollars>, ConfigError> {
        let limit = self
            .budget
            .task_limit
            .as_deref()
            .map(|text| dollars("budget.task_limit", text))
            .transpose()?;
        Ok(limit.filter(|limit| limit.get() > 0))
    }

    /// The limits besides the day's and the task's.
    ///
    /// # Errors
    /// Text that is no amount of dollars, or a tier that costs nothing or is none.
    pub fn further_limits(&self) -> Result<FurtherLimits, ConfigError> {
        let read = |name: &str, text: &Option<String>| -> Result<_, ConfigError> {
            let limit = text
                .as_deref()
                .map(|text| dollars(name, text))
                .transpose()?;
            Ok(limit.filter(|limit| limit.get() > 0))
        };
        let mut tiers = BTreeMap::new();
        for (name, text) in &self.budget.tier_limits {
            let tier = name
                .parse()
                .ok()
                .and_then(|number: u8| Tier::try_from(number).ok())
                .filter(|tier| *tier != Tier::Booster)
                .ok_or_else(|| {
                    out_of_range(
                        "budget.tier_limits",
                        name,
                        "the tiers with a model are 1, 2, 3 and 4",
                    )
                })?;
            let limit = read(&format!("budget.tier_limits.{name}"), &Some(text.clone()))?;
            tiers.extend(limit.map(|limit| (tier, limit)));
        }
        let mut callers = BTreeMap::new();
        for (name, text) in &self.budget.caller_limits {
            let limit = read(&format!("budget.caller_limits.{name}"), &Some(text.clone()))?;
            callers.extend(limit.map(|limit| (name.clone(), limit)));
        }
        Ok(FurtherLimits {
            callers,
            hour: read("budget.hourly_limit", &self.budget.hourly_limit)?,
            tiers,
        })
    }

    /// The time zone whose midnight begins a day.
    ///
    /// # Errors
    /// A name that the time zone database does not have.
    pub fn time_zone(&self) -> Result<jiff::tz::TimeZone, ConfigError> {
        let name = self.budget.time_zone.as_str();
        if name.eq_ignore_ascii_case("utc") {
            return Ok(jiff::tz::TimeZone::UTC);
        }
        jiff::tz::TimeZone::get(name).map_err(|_| {
            out_of_range(
                "budget.time_zone",
                name,
                "a name of the time zone database such as `UTC` or `Europe/Berlin`",
            )
        })
    }
}

pub(super) fn dollars(name: &str, text: &str) -> Result<Picodollars, ConfigError> {
    text.trim().parse().map_err(|_| {
        out_of_range(
            name,
            text,
            "an amount of US dollars such as 2.50; 0 is no limit",
        )
    })
}
