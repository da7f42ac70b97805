//! The host as a value: the components, the store, the models behind the tiers, the policy. Made once, shared by every task.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::cache::Cache;
use crate::choose::{Callable, Candidates, Chain, Needs};
use crate::config::{self, BudgetPolicy, Config, FurtherLimits, Grants};
use crate::error::Error;
use crate::money::{self, Picodollars, Registry};
use crate::outcome::Outcome;
use crate::provider::breaker::{Breakers, Key};
use crate::provider::guarded::{Guarded, Latencies, Span};
use crate::provider::{self, Provider, board};
use crate::runtime::{Policy, Restored, Runtime, RuntimeConfig};
use crate::store::{self, LimitState, ScopeLimit, Store};
use crate::task::Task;
use crate::tier::Tier;
use crate::wit::{Classification, Feedback, Settings, TierPrice};

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

/// What tells the time of the day. It may jump: each day's and each hour's limit is held whichever way it does.
type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

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
                .transforms()?
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

    /// Takes in a verdict on a task that was done before: the stored outcome gets its quality, and later decisions change.
    ///
    /// # Errors
    /// No such task, a task that cannot be judged, or a store that cannot be written.
    pub async fn feedback(&self, id: &str, verdict: store::Verdict) -> Result<Outcome, Error> {
        for piece in self.store.feedback(id, verdict).await? {
            self.take_in(piece);
        }
        Ok(self.store.outcome(id).await?)
    }

    /// Makes sums of the outcomes before a time, with what they taught kept in a base of the policy. Outcomes of the last two days stay, because
    /// their limits may still hold somewhere.
    ///
    /// # Errors
    /// A component that fails, or a store that cannot be written.
    pub async fn compact(&self, before: Timestamp) -> Result<store::Compacted, Error> {
        let kept = self.now().checked_sub(DAYS_KEPT).unwrap_or(Timestamp::MIN);
        let before = before.min(kept);
        if !self.store.has_before(before).await? {
            return Ok(store::Compacted::default());
        }
        if self.config.router.learn {
            // A replay of the log, because the policy in use may have learned in another order.
            let settings = settings_with_stand_ins(&self.config, &self.served);
            rebuild_policy(&self.runtime, &self.store, settings, true, 1).await?;
        }
        Ok(self.store.compact(before).await?)
    }

    async fn keep_to_retention(&self) -> Result<(), Error> {
        if let Some(days) = self.config.outcomes.keep_days
            && self.store.fault().is_none()
        {
            let kept = SignedDuration::from_hours(24 * i64::from(days));
            let before = self.now().checked_sub(kept).unwrap_or(Timestamp::MIN);
            self.compact(before).await?;
        }
        Ok(())
    }

    /// Undoes learning: the policy is made anew from the feedback up to a place in the log, and kept as the base that the next host starts from.
    /// The log stays whole, so that a later place can be gone to again, and so does what was learned since by hosts that run. Returns how many
    /// pieces of feedback it was made of. A router of another version does not read the base, and learns from the whole log.
    ///
    /// Where compaction has taken old feedback out of the log, what it taught stands in a base alone: then the place cannot lie before it.
    ///
    /// # Errors
    /// The store cannot be read or written, the router fails, or the place lies before what compaction has left.
    pub async fn unlearn(self, through: i64) -> Result<u64, Error> {
        let settings = settings_with_stand_ins(&self.config, &self.served);
        let (base, after) = if self.store.feedback_is_whole().await? {
            (None, 0)
        } else {
            let base = self.store.snapshot_through(through).await?;
            let base = base.ok_or(Error::Compacted(through))?;
            (Some(base.bytes), base.through_seq)
        };
        let has_base = base.is_some();
        let (policy, restored) = self.runtime.policy(settings, base)?;
        if has_base && restored != Restored::FromSnapshot {
            return Err(Error::Compacted(through));
        }
        let log = self.store.feedback_after(after).await?;
        let last = log.last().map(|(seq, _)| *seq);
        for (_, feedback) in log.into_iter().filter(|(seq, _)| *seq <= through) {
            policy.learn(feedback)?;
        }
        let learned = policy.learned()?;
        if let Some(through_seq) = last {
            let bytes = policy.snapshot()?;
            let base = store::Snapshot { bytes, through_seq };
            self.store.save_snapshot(base).await?;
        }
        self.close().await?;
        Ok(learned)
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

    /// Which day it is where the budget's day begins.
    #[must_use]
    pub fn today(&self) -> Date {
        money::day_of(self.now(), &self.zone)
    }

    /// The time of the day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The limit for a day, if there is one.
    #[must_use]
    pub fn daily_limit(&self) -> Option<Picodollars> {
        self.daily_limit
    }

    /// Where each limit stands that holds now: the day's, the hour's, those of tiers.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn limits(&self) -> Result<Vec<LimitState>, Error> {
        let now = self.now();
        let mut states = Vec::new();
        if let Some(limit) = self.daily_limit {
            let day = money::day_of(now, &self.zone);
            let (settled, reserved) = self.store.spent_on(day).await?;
            states.push(LimitState {
                scope: format!("day {day}"),
                limit,
                settled,
                reserved,
            });
        }
        let mut scopes: Vec<ScopeLimit> = Vec::new();
        // Of the callers those that the configuration names: whom `*` is for, only tasks tell.
        let named = self.limits.callers.keys().map(String::as_str);
        let callers: Vec<&str> = named
            .map(|name| if name == "*" { "" } else { name })
            .collect();
        let pairs = Tier::PAID
            .into_iter()
            .map(|tier| (tier, callers.first().copied().unwrap_or_default()))
            .chain(callers.iter().map(|caller| (Tier::Small, *caller)));
        for (tier, caller) in pairs {
            for own in self.limits_at(now, tier, caller).1 {
                if scopes.iter().all(|known| known.scope != own.scope) {
                    scopes.push(own);
                }
            }
        }
        for own in scopes {
            let (settled, reserved) = self.store.spent_of(&own.scope).await?;
            states.push(LimitState {
                scope: own.scope,
                limit: own.limit,
                settled,
                reserved,
            });
        }
        Ok(states)
    }

    /// The day that a moment's money belongs to, and the limits besides the day's that a call at a tier then counts against. An hour's
    /// name holds its offset, so that the hour that a clock change repeats is two.
    pub(crate) fn limits_at(
        &self,
        at: Timestamp,
        tier: Tier,
        caller: &str,
    ) -> (Date, Vec<ScopeLimit>) {
        let day = money::day_of(at, &self.zone);
        let hour = self.limits.hour.map(|limit| ScopeLimit {
            scope: format!(
                "hour {}{}",
                self.zone.to_datetime(at).strftime("%FT%H"),
                self.zone.to_offset(at)
            ),
            limit,
        });
        let of_tier = self.limits.tiers.get(&tier).map(|limit| ScopeLimit {
            scope: format!("tier {tier} on {day}"),
            limit: *limit,
        });
        let callers = &self.limits.callers;
        let of_caller = callers.get(caller).or_else(|| callers.get("*"));
        let of_caller = of_caller.map(|limit| ScopeLimit {
            scope: if caller.is_empty() {
                format!("tasks without a caller on {day}")
            } else {
                format!("caller {caller} on {day}")
            },
            limit: *limit,
        });
        let all = hour.into_iter().chain(of_tier).chain(of_caller);
        (day, all.collect())
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

    /// What one task may cost, whatever is tried for it.
    #[must_use]
    pub fn task_limit(&self) -> Option<Picodollars> {
        self.task_limit
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

    /// What is left of today's limit, as the router may know it: at most a quarter of a second old. The reservation that comes
    /// before a call is exact.
    pub(crate) async fn budget_left(&self) -> Option<Picodollars> {
        const FRESH: Duration = Duration::from_millis(250);
        let limit = self.daily_limit?;
        let today = self.today();
        let known = *self
            .budget_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, left)) =
            known.filter(|(at, day, _)| *day == today && at.elapsed() < FRESH)
        {
            return Some(left);
        }
        // A ledger that cannot be read stops the reservation, and with it every paid call; the decision need not.
        let spent = self.store.spent(today).await.unwrap_or_default();
        let left = limit.saturating_sub(spent);
        *self
            .budget_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), today, left));
        Some(left)
    }

    /// Takes a task's cost from what is known to be left: reading it anew for each decision would cost more than the decision. `since` is
    /// when `bound` was set aside for it; who looked after that has seen the bound.
    pub(crate) fn count_spent(&self, cost: Picodollars, bound: Picodollars, since: Instant) {
        let mut known = self
            .budget_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((at, _, left)) = &mut *known {
            let seen = if *at >= since {
                bound
            } else {
                Picodollars::default()
            };
            *left = left.saturating_add(seen).saturating_sub(cost);
        }
    }

    pub(crate) fn forget_budget(&self) {
        *self
            .budget_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Gives a piece of feedback, which the store has, to the policy too.
    pub(crate) fn take_in(&self, feedback: Feedback) {
        if !self.config.router.learn {
            return;
        }
        if let Err(fault) = self.policy.learn(feedback) {
            tracing::warn!(
                reason = fault.code(),
                "the policy did not take in a piece of feedback; it is in the log"
            );
        }
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
    let known = runtime.assumptions()?;
    Ok(names
        .find(|name| !known.iter().any(|info| info.name == *name))
        .map(str::to_owned))
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

/// What a policy is made with by configuration and registry.
pub(crate) fn policy_settings(config: &Config) -> Settings {
    let candidates = Candidates::new(config, Registry::embedded());
    settings(config, &Tier::PAID.map(|tier| candidates.first(tier)))
}

/// What the policy is made with.
fn settings(config: &Config, served: &[Result<Callable, String>; 4]) -> Settings {
    let router = &config.router;
    Settings {
        prices: served
            .iter()
            .flatten()
            .map(|callable| TierPrice {
                tier: callable.tier.number(),
                input: callable.prices.base.input.get(),
                output: callable.prices.base.output.get(),
                output_tokens: usual_output(callable.tier).min(callable.max_output_tokens),
            })
            .collect(),
        quality_target: router.quality_target,
        security_confidence: router.security_confidence,
        review_confidence: router.review_confidence,
        review_uncertainty: router.review_uncertainty,
        exploration_share: router.exploration_share,
    }
}

/// The same with the price of this release's own model for a tier whose configured one cannot be called: no task goes there, and what would have
/// gone there can be told.
fn settings_with_stand_ins(config: &Config, served: &[Result<Callable, String>; 4]) -> Settings {
    if served.iter().all(Result::is_ok) {
        return settings(config, served);
    }
    let pinned = Candidates::new(&Config::default(), Registry::embedded());
    let served = std::array::from_fn(|place| match &served[place] {
        Ok(callable) => Ok(callable.clone()),
        Err(_) => pinned.first(Tier::PAID[place]),
    });
    settings(config, &served)
}

/// How many tokens an answer usually has, thinking included: a round figure for an expectation, never for a bound.
fn usual_output(tier: Tier) -> u32 {
    match tier {
        Tier::Booster => 0,
        Tier::Small => 500,
        Tier::Middle => 1_500,
        Tier::Thinking => 4_000,
        Tier::Strong => 5_000,
    }
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
        let (policy, restored) =
            rebuild_policy(runtime, &store, settings.clone(), learn, COMPACT_AFTER).await?;
        Ok((store, policy, restored))
    };
    match opened.await {
        Ok(opened) => Ok(Ok(opened)),
        Err(Error::Store(reason)) => Ok(Err(reason)),
        Err(other) => Err(other),
    }
}

/// Outcomes so young are never compacted: wherever a day begins, its limits are over then.
const DAYS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// So much feedback is replayed at a start before a new base snapshot is written.
const COMPACT_AFTER: usize = 1_000;

/// The policy is the replay of the feedback log over the last base snapshot. A base that this router does not take is left out,
/// and the whole log is replayed. A new base is written where so many pieces were replayed.
async fn rebuild_policy(
    runtime: &Runtime,
    store: &Store,
    settings: Settings,
    learn: bool,
    base_after: usize,
) -> Result<(Policy, Restored), Error> {
    if !learn {
        return Ok(runtime.policy(settings, None)?);
    }
    let base = store.latest_snapshot().await?;
    let (bytes, base_seq) = base.map_or((None, 0), |base| (Some(base.bytes), base.through_seq));
    let (policy, restored) = runtime.policy(settings, bytes)?;
    let after = if restored == Restored::FromSnapshot {
        base_seq
    } else {
        0
    };
    let log = store.feedback_after(after).await?;
    let last = log.last().map(|(seq, _)| *seq);
    let replayed = log.len();
    for (_, feedback) in log {
        if let Err(fault) = policy.learn(feedback) {
            tracing::warn!(
                reason = fault.code(),
                "a piece of feedback could not be replayed"
            );
        }
    }
    if let Some(through_seq) = last.filter(|_| replayed >= base_after) {
        let bytes = policy.snapshot()?;
        store
            .save_snapshot(store::Snapshot { bytes, through_seq })
            .await?;
    }
    Ok((policy, restored))
}
