//! Makes a host: settings, components, store, providers and what was learned come together here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};

use jiff::Timestamp;

use super::learned::{COMPACT_AFTER, rebuild_policy, settings_with_stand_ins};
use super::{Clock, Host, check_assumptions};
use crate::cache::Cache;
use crate::choose::Candidates;
use crate::config::{self, Config, Grants};
use crate::error::Error;
use crate::money::Registry;
use crate::provider::breaker::Breakers;
use crate::provider::guarded::{Guarded, Latencies};
use crate::provider::{self, Provider};
use crate::runtime::{Name, Policy, Restored, Runtime, RuntimeConfig};
use crate::store::{self, Store};
use crate::task::Task;
use crate::tier::Tier;
use crate::wit::Settings;

/// Makes a [`Host`].
#[derive(Default)]
pub struct Builder {
    config: Option<Config>,
    config_file: Option<PathBuf>,
    home: Option<PathBuf>,
    providers: Vec<Arc<dyn Provider>>,
    clock: Option<Clock>,
    confirms_records: bool,
}

impl Builder {
    /// Settings made by the program; no file and no `ROUTING_*` variable is read then.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// The configuration file, instead of `config.toml` in the home folder.
    #[must_use]
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// The folder for state, instead of `TINYDANCER_HOME` or the platform's data folder.
    #[must_use]
    pub fn home(mut self, path: impl Into<PathBuf>) -> Self {
        self.home = Some(path.into());
        self
    }

    /// Calls models through this provider instead of the configured one of the same name.
    #[must_use]
    pub fn provider(mut self, provider: Arc<dyn Provider>) -> Self {
        self.providers.push(provider);
        self
    }

    /// Takes the time of the day from here instead of the machine's clock: when tasks arrive, and which day and hour their money belongs to.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// [`Host::run`] comes back only when the outcome is in the store's file, or is known to be lost; otherwise a task that cost nothing does not
    /// wait for the disk. For a process that does one task and says what became of it.
    #[must_use]
    pub fn confirm_records(mut self) -> Self {
        self.confirms_records = true;
        self
    }

    /// Loads the components, opens the store, settles what a crashed process left, and rebuilds what was learned.
    ///
    /// A store that cannot be used is no error: tier 0 goes on, unrecorded, every paid call is refused, and [`Store::fault`] has the reason.
    ///
    /// # Errors
    /// A configuration or component that cannot be used, each with what to do.
    pub async fn build(self) -> Result<Host, Error> {
        let env = |name: &str| std::env::var(name).ok();
        let home = self.home.map_or_else(config::home, Ok)?;
        let config = match self.config {
            Some(config) => config,
            None => Config::from_environment(self.config_file.as_deref(), &home)?,
        };
        let registry = Registry::embedded();
        let runtime = Arc::new(Runtime::new(RuntimeConfig {
            // Tasks come one by one, and each waits for its answer.
            spares: true,
            ..config.runtime(&home)
        })?);
        runtime.load_all()?;
        warm_classifier(&runtime);
        let grants = Grants::new(&config.booster)?;
        check_assumptions(&runtime, &grants)?;
        let candidates = Candidates::new(&config, registry);
        let served = Tier::PAID.map(|tier| candidates.first(tier));
        let options = store::Options {
            survive_power_cut: config.outcomes.survive_power_cut,
            ..store::Options::default()
        };
        let settings = settings_with_stand_ins(&config, &served);
        let path = home.join("tinydancer.db");
        let opened = open_store(&runtime, &path, options, &settings, config.router.learn).await?;
        let (store, policy, restored) = match opened {
            Ok(opened) => opened,
            Err(reason) => match runtime.policy(settings, None) {
                Ok((policy, restored)) => (Store::unavailable(&path, reason), policy, restored),
                // What failed first may be the cause.
                Err(_) => return Err(reason.into()),
            },
        };
        let (breakers, latencies) = (Breakers::told_in(&home), Latencies::default());
        let providers = providers(&config, self.providers, &breakers, &latencies, &env);
        let host = Host {
            transforms: runtime
                .transforms()
                .map_err(|fault| runtime.failed(Name::Booster, fault))?
                .into_iter()
                .map(|info| info.name)
                .collect(),
            grants,
            zone: config.time_zone()?,
            daily_limit: config.daily_limit()?,
            task_limit: config.task_limit()?,
            cache: Cache::new(&config.cache),
            limits: config.further_limits()?,
            clock: self.clock.unwrap_or_else(|| Arc::new(Timestamp::now)),
            confirms_records: self.confirms_records,
            warned: Once::new(),
            budget_left: Mutex::new(None),
            config,
            home,
            runtime,
            registry,
            served,
            candidates,
            providers,
            breakers,
            latencies,
            policy,
            restored,
            store,
        };
        if let Err(error) = host.keep_to_retention().await {
            tracing::warn!("old outcomes could not be compacted: {error}");
        }
        Ok(host)
    }
}

/// Every vendor and every entry of the configuration, set up where that is possible.
fn providers(
    config: &Config,
    given: Vec<Arc<dyn Provider>>,
    breakers: &Breakers,
    latencies: &Latencies,
    env: &dyn Fn(&str) -> Option<String>,
) -> BTreeMap<String, Result<Arc<dyn Provider>, String>> {
    let names = provider::VENDORS
        .iter()
        .map(|name| (*name).to_owned())
        .chain(config.providers.keys().cloned());
    let guarded = |inner: Arc<dyn Provider>, own: &config::Provider| {
        let guarded = Guarded::new(inner, own, breakers.clone(), latencies.clone());
        Arc::new(guarded) as Arc<dyn Provider>
    };
    let mut providers: BTreeMap<_, _> = names
        .map(|name| {
            let mut own = config.providers.get(&name).cloned().unwrap_or_default();
            own.max_attempts = config.max_attempts.or(own.max_attempts);
            let made = provider::from_config(&name, &own, env)
                .map(|inner| guarded(inner, &own))
                .map_err(|e| e.to_string());
            (name, made)
        })
        .collect();
    for inner in given {
        let name = inner.name().to_owned();
        let own = config.providers.get(&name).cloned().unwrap_or_default();
        providers.insert(name, Ok(guarded(inner, &own)));
    }
    providers
}

/// Has the classifier make its tables of words beside what else is done at the start: the first task would wait some milliseconds for them. Where the thread
/// or the call fails, the first task does it.
fn warm_classifier(runtime: &Arc<Runtime>) {
    let runtime = Arc::clone(runtime);
    let task = Task::new("Replace var by const or let").with_code("var x = 1;");
    let warm = move || drop(runtime.classify(&task.to_contract()));
    drop(
        std::thread::Builder::new()
            .name("tinydancer-warm".to_owned())
            .spawn(warm),
    );
}

/// The store with the policy that its log makes; the inner error is a store that cannot be used.
async fn open_store(
    runtime: &Runtime,
    path: &Path,
    options: store::Options,
    settings: &Settings,
    learn: bool,
) -> Result<Result<(Store, Policy, Restored), store::Error>, Error> {
    let opened = async {
        let store = Store::open(path, options).await?;
        let (policy, restored, _) =
            rebuild_policy(runtime, &store, settings.clone(), learn, COMPACT_AFTER).await?;
        Ok((store, policy, restored))
    };
    match opened.await {
        Ok(opened) => Ok(Ok(opened)),
        Err(Error::Store(reason)) => Ok(Err(reason)),
        Err(other) => Err(other),
    }
}
