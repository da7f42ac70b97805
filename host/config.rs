//! Settings: one TOML file, then environment variables over it. Unknown keys are refused with their place.
//!
//! The file is `config.toml` in TinyDancer's home, or the one that is named by hand; a file in the current folder is never read
//! by itself, because a cloned repository could then redirect calls and keys. This module reads settings; what they mean is
//! the business of the modules they are handed to.

mod check;
mod environment;
mod error;
mod grants;
mod limits;
mod sections;
mod served;
mod variables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use error::ConfigError;
pub use grants::{FileGrants, Grants};
pub use sections::{
    Booster, Budget, BudgetPolicy, Cache, CacheMode, Candidate, Components, Fallback,
    FurtherLimits, Outcomes, Provider, Router, Routing, Rule, Runtime, Strategy, TierConfig,
};
pub use served::Served;
pub(crate) use variables::truth;

use crate::money::PriceOverride;

/// Where state lives, unless `TINYDANCER_HOME` says otherwise: the platform's data folder.
///
/// # Errors
/// Neither the variable nor a home folder is set.
pub fn default_home(env: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, ConfigError> {
    use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
    if let Some(home) = env("TINYDANCER_HOME").filter(|home| !home.is_empty()) {
        return Ok(PathBuf::from(home));
    }
    let args = AppStrategyArgs {
        top_level_domain: String::new(),
        author: String::new(),
        app_name: "tinydancer".into(),
    };
    choose_app_strategy(args)
        .map(|strategy| strategy.data_dir())
        .map_err(|_| ConfigError::NoHome)
}

/// [`default_home`] of this process's environment, where the folder's name need not be text.
pub(crate) fn home() -> Result<PathBuf, ConfigError> {
    match std::env::var_os("TINYDANCER_HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home)),
        None => default_home(&|name| std::env::var(name).ok()),
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Which model serves which tier: keys `1` to `4`.
    pub tiers: BTreeMap<String, TierConfig>,
    /// Which of a tier's models is called.
    pub routing: Routing,
    /// Answers that are kept and given again.
    pub cache: Cache,
    /// Money.
    pub budget: Budget,
    /// The decision.
    pub router: Router,
    /// What happens when a tier cannot do what it was chosen for.
    pub fallback: Fallback,
    /// Tier 0.
    pub booster: Booster,
    /// Limits of the components.
    pub runtime: Runtime,
    /// Component files that replace the embedded ones.
    pub components: Components,
    /// What is kept of a task.
    pub outcomes: Outcomes,
    /// Access to the vendors.
    pub providers: BTreeMap<String, Provider>,
    /// How often a call is tried at most, whoever is called: `ROUTING_FALLBACK_MAX_ATTEMPTS`. It wins over each provider's own figure.
    #[serde(skip)]
    pub max_attempts: Option<u32>,
    /// Prices by model id that replace or add to the registry's.
    pub prices: BTreeMap<String, PriceOverride>,
    /// The command line says why it decided as it did, and logs what it does. `ROUTING_VERBOSE` wins over it.
    pub verbose: bool,
}

impl Config {
    /// Reads the file, then what the environment says over it, and checks the whole.
    ///
    /// `named` must exist; the one in `home` may be absent. `env` looks up a variable: `&|name| std::env::var(name).ok()`.
    ///
    /// # Errors
    /// A file that cannot be read or understood, or a value out of range, with its name and place.
    pub fn load(
        named: Option<&Path>,
        home: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, ConfigError> {
        // A home that is absent is made where it is needed; one that is something else never can be.
        if home.symlink_metadata().is_ok()
            && let Some(fault) = error::no_folder(home)
        {
            return Err(fault);
        }
        let path = named.map_or_else(|| home.join("config.toml"), Path::to_owned);
        let mut config = match std::fs::read_to_string(&path) {
            Ok(text) => Config::parse(&text).map_err(|reason| ConfigError::Invalid {
                path: path.clone(),
                reason,
            })?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                Config::default()
            }
            Err(source) => {
                let home_fault = match named {
                    Some(_) => None,
                    None => error::home_fault(home, &path, &source),
                };
                return Err(home_fault.unwrap_or(ConfigError::Unreadable { path, source }));
            }
        };
        config.take_environment(env)?;
        config.check()?;
        // A path in the file is meant from where the file stands.
        if let Some(folder) = path.parent() {
            let components = &mut config.components;
            let files = [
                &mut components.classifier,
                &mut components.router,
                &mut components.booster,
            ];
            let keys = config
                .providers
                .values_mut()
                .map(|provider| &mut provider.api_key_file);
            for file in files.into_iter().chain(keys).flatten() {
                *file = folder.join(&*file);
            }
        }
        Ok(config)
    }

    /// [`Config::load`] with this process's environment, which is looked at as a whole: a variable of the product's own that nobody reads is warned about.
    ///
    /// # Errors
    /// As [`Config::load`], or a variable that is no text.
    pub(crate) fn from_environment(
        named: Option<&Path>,
        home: &Path,
    ) -> Result<Config, ConfigError> {
        // What cannot be read counts as not set below, so it is looked for first.
        environment::check(std::env::vars_os(), &[])?;
        let config = Config::load(named, home, &|name| std::env::var(name).ok())?;
        let read = config.variables_read();
        for warning in environment::check(std::env::vars_os(), &read)? {
            tracing::warn!("{warning}");
        }
        Ok(config)
    }

    /// The variables that the settings name.
    fn variables_read(&self) -> Vec<&str> {
        let named = self.providers.values().flat_map(|own| {
            [
                &own.api_key_env,
                &own.access_key_id_env,
                &own.secret_access_key_env,
                &own.session_token_env,
            ]
        });
        named.flatten().map(String::as_str).collect()
    }

    fn parse(text: &str) -> Result<Config, String> {
        toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())
    }

    /// What the runtime is made with.
    #[must_use]
    pub fn runtime(&self, home: &Path) -> crate::runtime::RuntimeConfig {
        let default = crate::runtime::RuntimeConfig::default();
        let set = &self.runtime;
        crate::runtime::RuntimeConfig {
            booster_deadline: set
                .booster_deadline_ms
                .map_or(default.booster_deadline, Duration::from_millis),
            decision_deadline: set
                .decision_deadline_ms
                .map_or(default.decision_deadline, Duration::from_millis),
            memory: set.memory.unwrap_or(default.memory),
            max_input: set.max_input.unwrap_or(default.max_input),
            classifier: self.components.classifier.clone(),
            router: self.components.router.clone(),
            booster: self.components.booster.clone(),
            spares: default.spares,
            cache: Some(home.join("compiled")),
        }
    }
}

fn in_share(name: &str, value: f32) -> Result<(), ConfigError> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(out_of_range(
            name,
            &value.to_string(),
            "a number from 0 to 1",
        ))
    }
}

fn out_of_range(name: &str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Picodollars;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        let env = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        Config::load(None, home.path(), &env).map_err(|e| e.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(
            "[budget]\ndaily_limit = \"5\"\n",
            &[("ROUTING_COST_DAILY_LIMIT", "2.5")],
        )
        .unwrap();
        assert_eq!(
            config.daily_limit().unwrap(),
            Some(Picodollars::new(2_500_000_000_000))
        );
    }

    #[test]
    fn every_variable_of_the_routing_is_taken() {
        let config = load(
            "[fallback]\nenabled = true\n",
            &[
                ("ROUTING_CONFIDENCE_MULTI_MODEL", "0.71"),
                ("ROUTING_CONFIDENCE_HUMAN_REVIEW", "0.72"),
                ("ROUTING_CONFIDENCE_SECURITY", "0.73"),
                ("ROUTING_CONFIDENCE_ESCALATION", "0.74"),
                ("ROUTING_COST_PREFER_CHEAPER", "yes"),
                ("ROUTING_FALLBACK_ENABLED", "off"),
                ("ROUTING_FALLBACK_MAX_ATTEMPTS", "7"),
                ("ROUTING_VERBOSE", "1"),
            ],
        )
        .unwrap();
        let router = &config.router;
        assert_eq!(
            [
                router.review_confidence,
                router.review_uncertainty,
                router.security_confidence,
                router.escalation_confidence
            ],
            [0.71, 0.72, 0.73, 0.74]
        );
        assert!(router.prefer_cheaper && !config.fallback.enabled && config.verbose);
        assert_eq!(config.max_attempts, Some(7));
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(
            load("", &[("ROUTING_COST_DAILY_LIMIT", "0")])
                .unwrap()
                .daily_limit()
                .unwrap(),
            None
        );
    }

    #[test]
    fn wrong_settings_are_refused_with_their_place() {
        for (text, variables, expected) in [
            ("[budgt]\n", &[][..], "budgt"),
            ("[budget]\ndaily_limt = \"5\"\n", &[], "line 2"),
            (
                "[budget]\ndaily_limit = \"five\"\n",
                &[],
                "budget.daily_limit",
            ),
            (
                "[budget]\ntime_zone = \"Mars/Olympus\"\n",
                &[],
                "budget.time_zone",
            ),
            ("[tiers.7]\nmodel = \"x\"\n", &[], "tiers"),
            ("[tiers.3]\neffort = \"huge\"\n", &[], "tiers.3.effort"),
            (
                "[router]\nquality_target = 1.5\n",
                &[],
                "router.quality_target",
            ),
            (
                "",
                &[("ROUTING_COST_DAILY_LIMIT", "lots")],
                "ROUTING_COST_DAILY_LIMIT",
            ),
            (
                "",
                &[("ROUTING_CONFIDENCE_SECURITY", "7")],
                "ROUTING_CONFIDENCE_SECURITY",
            ),
            (
                "",
                &[("ROUTING_FALLBACK_MAX_ATTEMPTS", "0")],
                "ROUTING_FALLBACK_MAX_ATTEMPTS",
            ),
            (
                "",
                &[("ROUTING_CONFIDENCE_ESCALATION", "-0.1")],
                "ROUTING_CONFIDENCE_ESCALATION",
            ),
            (
                "",
                &[("ROUTING_CONFIDENCE_MULTI_MODEL", "NaN")],
                "ROUTING_CONFIDENCE_MULTI_MODEL",
            ),
            (
                "",
                &[("ROUTING_CONFIDENCE_HUMAN_REVIEW", "high")],
                "ROUTING_CONFIDENCE_HUMAN_REVIEW",
            ),
            (
                "",
                &[("ROUTING_COST_PREFER_CHEAPER", "maybe")],
                "ROUTING_COST_PREFER_CHEAPER",
            ),
            (
                "",
                &[("ROUTING_FALLBACK_ENABLED", "2")],
                "ROUTING_FALLBACK_ENABLED",
            ),
            ("", &[("ROUTING_VERBOSE", "loud")], "ROUTING_VERBOSE"),
            ("[routing]\nhedge_after = 1.0\n", &[], "routing.hedge_after"),
            (
                "[router]\nescalation_confidence = 2.0\n",
                &[],
                "router.escalation_confidence",
            ),
            (
                "[router]\nexploration_share = 0.6\n",
                &[],
                "router.exploration_share",
            ),
            (
                "[router]\nexploration_share = 0.1\n",
                &[("ROUTING_COST_PREFER_CHEAPER", "true")],
                "router.prefer_cheaper",
            ),
        ] {
            let error = load(text, variables).unwrap_err();
            assert!(error.contains(expected), "{text} {variables:?}: {error}");
        }
    }

    #[test]
    fn a_named_file_must_exist_and_the_home_one_need_not() {
        let home = tempfile::tempdir().unwrap();
        let none = |_: &str| None;
        assert!(Config::load(None, home.path(), &none).is_ok());
        let named = home.path().join("other.toml");
        assert!(matches!(
            Config::load(Some(&named), home.path(), &none),
            Err(ConfigError::Unreadable { .. })
        ));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_a_way_on() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("latin.toml"), b"# \xe9").unwrap();
        for (name, way) in [
            ("none.toml", "name a file that is there"),
            (".", "name the file in that folder"),
            ("latin.toml", "UTF-8"),
        ] {
            let named = home.path().join(name);
            let words = Config::load(Some(&named), home.path(), &|_| None)
                .unwrap_err()
                .to_string();
            assert!(
                words.contains(&named.display().to_string()) && words.contains(way),
                "{words}"
            );
        }
    }
}
