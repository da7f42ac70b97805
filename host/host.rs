//! The host as a value: the components, the store, the models behind the tiers, the policy. Made once, shared by every task.

mod builder;
mod learned;
mod limits;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use builder::Builder;
pub(crate) use learned::policy_settings;

use crate::cache::Cache;
use crate::choose::{Callable, Candidates, Chain, Needs};
use crate::config::{self, BudgetPolicy, Config, FurtherLimits, Grants};
use crate::error::Error;
use crate::money::{Picodollars, Registry};
use crate::provider::breaker::{Breakers, Key};
use crate::provider::guarded::{Latencies, Span};
use crate::provider::{self, Provider, board};
use crate::runtime::{Name, Policy, Restored, Runtime};
use crate::store::Store;
use crate::task::Task;
use crate::tier::Tier;
use crate::wit::Classification;

/// Embeds TinyDancer: routes tasks, does them, records and learns.
///
/// ```no_run
/// # async fn example() -> Result<(), tinydancer::Error> {
/// use tinydancer::{Host, Task};
///
/// let host = Host::builder().build().await?;
/// let done = host.run(Task::new("Use const instead of var").with_code("var answer = 42;")).await;
/// println!("tier {:?}: {:?}", done.outcome.tier_done, done.result);
/// host.close().await?;
/// # Ok(())
/// # }
/// ```
pub struct Host {
    config: Config,
    home: PathBuf,
    runtime: Arc<Runtime>,
    transforms: Vec<String>,
    grants: Grants,
    registry: &'static Registry,
    /// By tier number, 1 to 4; a reason in words where none can be called.
    served: [Result<Callable, String>; 4],
    candidates: Candidates,
    /// By name; a reason in words where one cannot be called.
    providers: BTreeMap<String, Result<Arc<dyn Provider>, String>>,
    breakers: Breakers,
    latencies: Latencies,
    cache: Cache,
    policy: Policy,
    restored: Restored,
    store: Store,
    zone: TimeZone,
    daily_limit: Option<Picodollars>,
    task_limit: Option<Picodollars>,
    limits: FurtherLimits,
    clock: Clock,
    confirms_records: bool,
    warned: Once,
    budget_left: Mutex<Option<(Instant, Date, Picodollars)>>,
}

/// What tells the time of the day. It may jump: each day's and each hour's limit is held whichever way it does.
type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Host {
    /// A host with the usual settings, to be changed before it is built.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The folder its state is in.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Its components.
    #[must_use]
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// Its store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who can be called for models, by name, or why somebody cannot, in words.
    #[must_use]
    pub fn providers(&self) -> &BTreeMap<String, Result<Arc<dyn Provider>, String>> {
        &self.providers
    }

    /// The breakers that have something to tell.
    #[must_use]
    pub fn breakers(&self) -> &Breakers {
        &self.breakers
    }

    /// What this process and others of the same home leave alone at this moment, because it kept failing.
    #[must_use]
    pub fn left_alone(&self) -> Vec<board::LeftAlone> {
        board::read(&self.home, Timestamp::now())
    }

    /// The providers of configured models that are set up, by name, and whether somebody is there. No key is sent and nothing is paid.
    pub async fn reach(&self) -> BTreeMap<String, Result<(), provider::Error>> {
        let wanted = self.candidates().flatten().map(|own| &own.provider);
        let wanted: BTreeSet<&String> = wanted.chain(self.config.providers.keys()).collect();
        let asked = wanted.into_iter().filter_map(|name| {
            let provider = self.providers.get(name)?.as_ref().ok()?;
            Some(async move { (name.clone(), provider.reach().await) })
        });
        futures_util::future::join_all(asked)
            .await
            .into_iter()
            .collect()
    }

    /// A tier's models in the order in which they are written, or why one cannot be used.
    pub fn candidates_at(&self, tier: Tier) -> &[Result<Callable, String>] {
        self.candidates.at(tier)
    }

    /// Every model that is configured, by tier and by rule, or why one cannot be used.
    pub fn candidates(&self) -> impl Iterator<Item = &Result<Callable, String>> {
        self.candidates.all()
    }

    /// Models that are configured and can never be called, each once, in words: one without a price, or of a provider that there is not.
    #[must_use]
    pub fn uncallable(&self) -> BTreeSet<String> {
        let words = self.candidates().filter_map(|candidate| match candidate {
            Err(reason) => Some(reason.clone()),
            Ok(own) if !self.providers.contains_key(&own.provider) => Some(format!(
                "tier {}: `{}` is to be served by `{}`, which is no provider: add [providers.{}] with its kind, or name another",
                own.tier, own.model, own.provider, own.provider
            )),
            Ok(_) => None,
        });
        words.collect()
    }

    /// Warns of them, once for a host.
    pub(crate) fn warn_of_uncallable(&self) {
        self.warned.call_once(|| {
            for words in self.uncallable() {
                tracing::warn!("{words}; `tinydancer doctor` looks at all of them");
            }
        });
    }

    /// What is known of models and prices.
    #[must_use]
    pub fn registry(&self) -> &'static Registry {
        self.registry
    }

    /// What became of the learned policy's snapshot at the start.
    #[must_use]
    pub fn restored(&self) -> Restored {
        self.restored
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What stands behind a tier, or why nothing does, in words.
    #[must_use]
    pub fn served(&self, tier: Tier) -> Option<&Result<Callable, String>> {
        usize::from(tier.number())
            .checked_sub(1)
            .and_then(|place| self.served.get(place))
    }

    /// Compacts what is older than it is to be kept, writes what is queued and gives the store back. Dropping the host writes too, for two seconds
    /// at most.
    ///
    /// # Errors
    /// What was queued cannot be written.
    pub async fn close(self) -> Result<(), Error> {
        if let Err(error) = self.keep_to_retention().await {
            tracing::warn!("old outcomes could not be compacted: {error}");
        }
        Ok(self.store.close().await?)
    }

    /// The tiers with a model that can be paid for, ascending.
    pub(crate) fn callable(&self) -> impl Iterator<Item = Tier> + '_ {
        self.served.iter().flatten().map(|callable| callable.tier)
    }

    pub(crate) fn callable_at(&self, tier: Tier) -> Option<&Callable> {
        self.served(tier)?.as_ref().ok()
    }

    pub(crate) fn why_not_callable(&self, tier: u8) -> String {
        match Tier::try_from(tier).ok().and_then(|tier| self.served(tier)) {
            Some(Err(reason)) => reason.clone(),
            _ => format!("tier {tier} has no model: see `tinydancer models`"),
        }
    }

    pub(crate) fn provider_for(&self, callable: &Callable) -> Option<&Arc<dyn Provider>> {
        self.providers.get(&callable.provider)?.as_ref().ok()
    }

    /// The models to be tried for a task at a tier, in order. `streams`: the answer is wanted in pieces.
    pub(crate) fn chain(
        &self,
        task: &Task,
        classification: &Classification,
        tier: Tier,
        streams: bool,
    ) -> Chain {
        let needs = Needs::of(task, u64::from(classification.input_tokens));
        let words = (classification.kind.as_str(), classification.domain.as_str());
        let is_set_up = |name: &str| match self.providers.get(name) {
            Some(Ok(provider)) if !needs.local_only || provider.is_local() => Ok(()),
            Some(Ok(_)) => Err("its address is not on this machine".to_owned()),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!(
                "there is no provider `{name}`: add [providers.{name}]"
            )),
        };
        let latency = |callable: &Callable| {
            let key = self.key_of(callable)?;
            self.latencies
                .quantile(&key, span(callable, streams), 0.5, 1)
        };
        self.candidates
            .chain(task, words, tier, &needs, &is_set_up, &latency)
    }

    /// How long an answer is waited for before a second one is asked for beside it; none where that is off, or where too few calls to
    /// the model were measured.
    pub(crate) fn hedge_after(&self, callable: &Callable, streams: bool) -> Option<Duration> {
        const LEAST: usize = 16;
        let share = self.config.routing.hedge_after?;
        let (key, span) = (self.key_of(callable)?, span(callable, streams));
        self.latencies
            .quantile(&key, span, share, LEAST)
            .map(Duration::from_nanos)
    }

    /// Takes in that an answer had not come when it was given up for another one. Without these the slow ones would be missing from
    /// what is measured, and ever more calls would count as slow.
    pub(crate) fn note_given_up(&self, callable: &Callable, streams: bool, after: Duration) {
        if let Some(key) = self.key_of(callable) {
            self.latencies.note(&key, span(callable, streams), after);
        }
    }

    fn key_of(&self, callable: &Callable) -> Option<Key> {
        Some(Key {
            provider: callable.provider.clone(),
            model: callable.vendor_model.clone(),
            endpoint: self.provider_for(callable)?.endpoint(),
        })
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What is vouched for in which file.
    pub(crate) fn grants(&self) -> &Grants {
        &self.grants
    }

    pub(crate) fn confirms_records(&self) -> bool {
        self.confirms_records
    }

    pub(crate) fn transforms(&self) -> &[String] {
        &self.transforms
    }

    pub(crate) fn may_downgrade(&self) -> bool {
        self.config.budget.policy == BudgetPolicy::Downgrade
    }
}

fn span(callable: &Callable, streams: bool) -> Span {
    if streams && callable.streams() {
        Span::FirstContent
    } else {
        Span::Whole
    }
}

/// Whether the booster knows every assumption that the configuration names; asked only where it names one.
pub(crate) fn check_assumptions(runtime: &Runtime, grants: &Grants) -> Result<(), Error> {
    match unknown_assumption(runtime, grants.names())? {
        None => Ok(()),
        Some(name) => Err(config::ConfigError::Value {
            name: "an assumption under `booster`".to_owned(),
            value: name,
            expected: "`tinydancer transform --list` names those that there are",
        }
        .into()),
    }
}

/// The first of these names that is no assumption of the booster's.
pub(crate) fn unknown_assumption<'a>(
    runtime: &Runtime,
    names: impl Iterator<Item = &'a str>,
) -> Result<Option<String>, Error> {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return Ok(None);
    }
    let known = runtime.assumptions();
    let known = known.map_err(|fault| runtime.failed(Name::Booster, fault))?;
    Ok(names
        .find(|name| !known.iter().any(|info| info.name == *name))
        .map(str::to_owned))
}
