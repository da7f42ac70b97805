//! Which provider and model serve a task at its tier, and in which order they are tried: by hand, by rules, by cost, by latency. Pure
//! but for what `Candidates` was built from; calls and money are `execute`'s.
//!
//! What is left out is left out with a reason in words, and stands in the outcome: nothing is chosen silently.

use crate::config::{self, Config, Rule, Strategy};
use crate::money::{self, Capabilities, Picodollars, Prices, Registry, capabilities};
use crate::provider::{LimitField, Request, Thinking, Usage};
use crate::task::Task;
use crate::tier::Tier;

/// A model that stands behind a tier, with all that a call and its bill need.
#[derive(Clone, Debug)]
pub struct Callable {
    /// The tier it serves.
    pub tier: Tier,
    /// The model's id, an alias resolved.
    pub model: String,
    /// The id that was configured, where an alias table replaced it.
    pub replaced: Option<String>,
    /// The provider that serves it: the name of its entry in the configuration.
    pub provider: String,
    /// The model's id in the provider's own words.
    pub vendor_model: String,
    /// What it costs.
    pub prices: Prices,
    /// Its thinking setting.
    pub thinking: Option<Thinking>,
    /// The most tokens an answer of this tier may have.
    pub max_output_tokens: u32,
    /// The most tokens an answer of this model can have.
    pub model_output_limit: u32,
    /// The longest prompt in tokens, where it is known.
    pub max_input_tokens: Option<u64>,
    /// What its family takes, where that is known.
    pub capabilities: Option<&'static Capabilities>,
    /// It takes a temperature.
    pub takes_sampling: bool,
    /// It runs on this machine, as far as settings and names can tell.
    pub is_local: bool,
}

impl Callable {
    /// Where the limit of an answer goes in the chat completions form.
    pub(crate) fn limit_field(&self) -> LimitField {
        self.capabilities
            .map_or_else(LimitField::default, |family| family.limit_field)
    }

    /// It gives answers in pieces.
    pub(crate) fn streams(&self) -> bool {
        self.capabilities.is_none_or(|takes| takes.stream)
    }
}

/// Every model that may serve, by tier and by rule. Made once from the settings.
pub(crate) struct Candidates {
    tiers: ByTier,
    rules: Vec<(Rule, ByTier)>,
    strategy: Strategy,
}

/// For each tier that calls a model, its models in order, or why one cannot be used.
type ByTier = [Vec<Result<Callable, String>>; 4];

/// What a task asks of a model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    pub(crate) tools: bool,
    pub(crate) images: bool,
    pub(crate) json: bool,
    /// The prompt's tokens, estimated.
    pub(crate) input_tokens: u64,
    /// It never leaves this machine.
    pub(crate) local_only: bool,
}

impl Needs {
    /// `estimated` is the classifier's figure, which leaves out what it takes for noise around a person's words: a model reads all of it.
    pub(crate) fn of(task: &Task, estimated: u64) -> Needs {
        let texts = task.files.iter().map(|file| file.text.len());
        let said = task.history.iter().map(|message| message.content.len());
        let bytes = texts.chain(said).sum::<usize>()
            + task.instruction.len()
            + task.code_context.as_ref().map_or(0, String::len);
        let input_tokens = estimated.max(bytes as u64 / 4);
        Needs {
            tools: !task.tools.is_empty(),
            images: !task.images.is_empty(),
            json: task.output_schema.is_some(),
            input_tokens,
            local_only: task.privacy == Some(crate::task::Privacy::LocalOnly),
        }
    }
}

/// The models to be tried, in order, and why others are not.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    pub(crate) callables: Vec<Callable>,
    pub(crate) notes: Vec<String>,
    /// A model was left out because it cannot do this task.
    pub(crate) unfit: bool,
}

/// How quick a provider's model was lately: its median in nanoseconds, if it was called.
pub(crate) type Latency<'a> = &'a dyn Fn(&Callable) -> Option<u64>;

impl Candidates {
    pub(crate) fn new(config: &Config, registry: &Registry) -> Candidates {
        let of_tier = |tier: Tier| {
            let served = config.served(tier);
            let first = config::Candidate {
                model: served.model.clone(),
                provider: served.provider.clone(),
                ..config::Candidate::default()
            };
            [first]
                .iter()
                .chain(&served.fallbacks)
                .map(|candidate| resolve(config, registry, tier, candidate))
                .collect::<Vec<_>>()
        };
        let rules = config
            .routing
            .rules
            .iter()
            .map(|rule| {
                let of_rule = |tier: Tier| {
                    rule.candidates
                        .iter()
                        .map(|candidate| resolve(config, registry, tier, candidate))
                        .collect()
                };
                (rule.clone(), Tier::PAID.map(of_rule))
            })
            .collect();
        Candidates {
            tiers: Tier::PAID.map(of_tier),
            rules,
            strategy: config.routing.strategy,
        }
    }

    /// What serves a tier where no rule fits: the first model that can be paid for, or why none can.
    pub(crate) fn first(&self, tier: Tier) -> Result<Callable, String> {
        let all = self.at(tier);
        all.iter()
            .flatten()
            .next()
            .cloned()
            .ok_or_else(|| match all.first() {
                Some(Err(reason)) => reason.clone(),
                _ => format!("tier {tier} has no model"),
            })
    }

    /// A tier's own models, in the order in which they are written.
    pub(crate) fn at(&self, tier: Tier) -> &[Result<Callable, String>] {
        let all = place(tier).and_then(|place| self.tiers.get(place));
        all.map_or(&[][..], Vec::as_slice)
    }

    /// Everything that is configured, tiers' and rules'.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Result<Callable, String>> {
        let rules = self.rules.iter().flat_map(|(_, tiers)| tiers);
        self.tiers.iter().chain(rules).flatten()
    }

    /// The models for a task at a tier. `is_set_up` says whether a provider can be called.
    pub(crate) fn chain(
        &self,
        task: &Task,
        (kind, domain): (&str, &str),
        tier: Tier,
        needs: &Needs,
        is_set_up: &dyn Fn(&str) -> Result<(), String>,
        latency: Latency<'_>,
    ) -> Chain {
        let Some(place) = place(tier) else {
            return Chain::default();
        };
        let rule = self
            .rules
            .iter()
            .enumerate()
            .find(|(_, (rule, _))| fits(rule, task, kind, domain, tier, needs));
        let mut chain = Chain::default();
        let mut strategy = self.strategy;
        let mut candidates = &self.tiers[place];
        let mut local_only = needs.local_only;
        if let Some((number, (rule, tiers))) = rule {
            strategy = rule.strategy.unwrap_or(strategy);
            local_only |= rule.local_only;
            if !rule.candidates.is_empty() {
                candidates = &tiers[place];
            }
            chain
                .notes
                .push(format!("rule {} of routing.rules", number + 1));
        }
        let mut fit = Vec::new();
        for candidate in candidates {
            match candidate {
                Err(reason) => chain.notes.push(format!("left out: {reason}")),
                Ok(callable) => match unfit(callable, needs, local_only)
                    .inspect(|_| chain.unfit = true)
                    .or_else(|| is_set_up(&callable.provider).err())
                {
                    Some(reason) => chain
                        .notes
                        .push(format!("left out {}: {reason}", callable.model)),
                    None => fit.push(callable.clone()),
                },
            }
        }
        match strategy {
            Strategy::Manual => {}
            Strategy::Cost => fit.sort_by_key(|callable| expected(callable, needs.input_tokens)),
            Strategy::Latency => fit.sort_by_key(|callable| latency(callable).unwrap_or(0)),
        }
        chain.callables = fit;
        chain
    }
}

fn place(tier: Tier) -> Option<usize> {
    usize::from(tier.number()).checked_sub(1)
}

/// Whether all that a rule says fits the task.
fn fits(rule: &Rule, task: &Task, kind: &str, domain: &str, tier: Tier, needs: &Needs) -> bool {
    let any = |wanted: &[String], is: &str| {
        wanted.is_empty() || wanted.iter().any(|word| word.eq_ignore_ascii_case(is))
    };
    let needed = |word: &String| match word.as_str() {
        "tools" => needs.tools,
        "images" => needs.images,
        "json" => needs.json,
        word => task
            .capabilities
            .iter()
            .any(|own| own.eq_ignore_ascii_case(word)),
    };
    any(&rule.agent, &task.agent)
        && any(&rule.kind, kind)
        && any(&rule.domain, domain)
        && rule.needs.iter().all(needed)
        && (rule.tiers.is_empty() || rule.tiers.contains(&tier.number()))
        && rule
            .longer_than
            .is_none_or(|tokens| needs.input_tokens > tokens)
}

/// Why a model cannot do the task.
fn unfit(callable: &Callable, needs: &Needs, local_only: bool) -> Option<String> {
    if local_only && !callable.is_local {
        return Some("the task may not leave this machine".to_owned());
    }
    let takes = callable.capabilities;
    if needs.tools && takes.is_some_and(|takes| !takes.tools) {
        return Some("it takes no tools".to_owned());
    }
    if needs.images && takes.is_some_and(|takes| !takes.images) {
        return Some("it takes no pictures".to_owned());
    }
    if needs.json && takes.is_some_and(|takes| !takes.json_schema) {
        return Some("it does not hold itself to a JSON schema".to_owned());
    }
    match callable.max_input_tokens {
        Some(longest) if needs.input_tokens > longest => Some(format!(
            "the prompt has about {} tokens, and it takes {longest}",
            needs.input_tokens
        )),
        _ => None,
    }
}

/// What a request is expected to cost, for an order.
fn expected(callable: &Callable, input_tokens: u64) -> Picodollars {
    const USUAL_OUTPUT: u64 = 1_000;
    money::cost(
        &callable.prices,
        &Usage {
            input: input_tokens,
            output: USUAL_OUTPUT,
            ..Usage::default()
        },
    )
}

/// What stands behind a candidate by configuration, registry and alias table.
fn resolve(
    config: &Config,
    registry: &Registry,
    tier: Tier,
    candidate: &config::Candidate,
) -> Result<Callable, String> {
    let failed = |e: &dyn std::fmt::Display| format!("tier {tier}: {e}");
    let served = config.served(tier);
    let known =
        registry.model(&candidate.model).is_some() || config.prices.contains_key(&candidate.model);
    // `openai/gpt-5-mini`: a provider, and its model.
    let named = candidate
        .model
        .split_once('/')
        .filter(|(name, _)| !known && is_provider(config, name));
    let (provider, name) = match (&candidate.provider, named) {
        (Some(provider), _) => (Some(provider.as_str()), candidate.model.as_str()),
        (None, Some((provider, name))) => (Some(provider), name),
        (None, None) => (None, candidate.model.as_str()),
    };
    let vendor_of = |provider: &str| {
        config
            .providers
            .get(provider)
            .and_then(|own| own.kind.clone())
            .unwrap_or_else(|| provider.to_owned())
    };
    let (id, replaced) = match provider {
        Some(provider) => {
            let vendor = vendor_of(provider);
            let spellings = [
                format!("{provider}/{name}"),
                format!("{vendor}/{name}"),
                name.to_owned(),
            ];
            let found = spellings.iter().find(|id| {
                config.prices.contains_key(*id)
                    || registry.model(id).is_some_and(|row| row.provider == vendor)
            });
            (found.cloned().unwrap_or_else(|| name.to_owned()), None)
        }
        None => {
            let resolved = registry
                .resolve(name, &config.prices)
                .map_err(|e| failed(&e))?;
            let replaced = resolved.replaced.is_some().then(|| name.to_owned());
            (resolved.id, replaced)
        }
    };
    let row = registry
        .model(&id)
        .filter(|row| provider.is_none_or(|provider| row.provider == vendor_of(provider)));
    let provider = provider
        .map(str::to_owned)
        .unwrap_or_else(|| row.map_or_else(|| "claude".to_owned(), |row| row.provider.clone()));
    let vendor = vendor_of(&provider);
    let vendor_model = [&vendor, &provider]
        .iter()
        .find_map(|prefix| id.strip_prefix(prefix.as_str())?.strip_prefix('/'))
        .unwrap_or(&id)
        .to_owned();
    let is_local = is_local(config, &provider, &vendor, &vendor_model);
    let prices = match registry.prices(&id, &config.prices) {
        Ok(prices) => prices,
        // A model on the user's own machine sends no bill.
        Err(money::PriceError::Unknown(_)) if is_local => Prices::default(),
        Err(e) => return Err(failed(&e)),
    };
    let effort = candidate.effort.as_deref().or(served.effort.as_deref());
    let thinks = served.thinks || candidate.effort.is_some();
    let family = row.map_or_else(
        || capabilities(&vendor, &vendor_model),
        |row| row.capabilities,
    );
    let limit = row
        .and_then(|row| row.max_output_tokens)
        .and_then(|limit| u32::try_from(limit).ok())
        .unwrap_or(u32::MAX);
    Ok(Callable {
        tier,
        replaced,
        thinking: match row {
            Some(row) => row.thinking(effort, thinks),
            None => family.and_then(|family| family.thinking(effort, thinks)),
        },
        prices,
        max_output_tokens: candidate
            .max_output_tokens
            .unwrap_or(served.max_output_tokens)
            .min(limit),
        model_output_limit: limit,
        max_input_tokens: row.and_then(|row| row.max_input_tokens),
        takes_sampling: row.map_or_else(
            || family.is_none_or(|family| family.sampling),
            |row| row.takes_sampling,
        ),
        capabilities: family,
        is_local,
        vendor_model,
        provider,
        model: id,
    })
}

fn is_provider(config: &Config, name: &str) -> bool {
    config.providers.contains_key(name) || crate::provider::VENDORS.contains(&name)
}

/// Whether a model runs on this machine. An Ollama on loopback hands models named `...cloud` on to Ollama's own servers; of another
/// server on loopback only the user can know.
fn is_local(config: &Config, provider: &str, vendor: &str, model: &str) -> bool {
    let own = config.providers.get(provider);
    let is_cloud = model.to_ascii_lowercase().trim_end().ends_with("cloud");
    let vouched = own.and_then(|own| own.local);
    vouched.unwrap_or(vendor == "ollama") && !is_cloud
}

/// Clamps a request to what the model takes, and says what was changed.
pub(crate) fn clamp(request: &mut Request, callable: &Callable) -> Vec<String> {
    let mut notes = Vec::new();
    if request.max_output_tokens > callable.model_output_limit {
        notes.push(format!(
            "an answer of {} has at most {} tokens; {} were asked for",
            callable.model, callable.model_output_limit, request.max_output_tokens
        ));
        request.max_output_tokens = callable.model_output_limit;
    }
    if !callable.takes_sampling && (request.temperature.is_some() || request.top_p.is_some()) {
        notes.push(format!("{} takes no temperature", callable.model));
        request.temperature = None;
        request.top_p = None;
    }
    notes
}
