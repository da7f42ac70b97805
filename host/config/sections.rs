//! The tables of the configuration file, each with its defaults. What can be right of their values is `check`'s to say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::FileGrants;
use crate::money::Picodollars;
use crate::tier::Tier;

/// What happens when a tier cannot do what it was chosen for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fallback {
    /// Go on at another tier, with the reason said. Off, a task that tier 0 does not answer ends as failed, and a budget that does
    /// not reach refuses it. `ROUTING_FALLBACK_ENABLED` wins over it.
    pub enabled: bool,
}

impl Default for Fallback {
    fn default() -> Self {
        Fallback { enabled: true }
    }
}

/// What serves a tier.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TierConfig {
    /// The model's id, as the price data has it.
    pub model: Option<String>,
    /// Which provider serves it; absent, the one that the price data names.
    pub provider: Option<String>,
    /// What is tried next where the model cannot be called or fails, in this order.
    pub fallbacks: Vec<Candidate>,
    /// How hard it thinks: `low`, `medium`, `high`, `xhigh` or `max`; absent leaves the model's own default. A model that takes
    /// a token budget instead gets one by this effort.
    pub effort: Option<String>,
    /// The most tokens an answer may have, thinking included.
    pub max_output_tokens: Option<u32>,
}

/// A model that may serve: in TOML a table, or just its name, with the provider before a slash where the price data does not name it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "CandidateForm")]
pub struct Candidate {
    /// The model's id.
    pub model: String,
    /// Which provider serves it.
    pub provider: Option<String>,
    /// How hard it thinks; the tier's figure when absent.
    pub effort: Option<String>,
    /// The most tokens an answer may have; the tier's figure when absent.
    pub max_output_tokens: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CandidateForm {
    Name(String),
    Table(CandidateTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateTable {
    model: String,
    provider: Option<String>,
    effort: Option<String>,
    max_output_tokens: Option<u32>,
}

impl From<CandidateForm> for Candidate {
    fn from(form: CandidateForm) -> Candidate {
        match form {
            CandidateForm::Name(model) => Candidate {
                model,
                ..Candidate::default()
            },
            CandidateForm::Table(table) => Candidate {
                model: table.model,
                provider: table.provider,
                effort: table.effort,
                max_output_tokens: table.max_output_tokens,
            },
        }
    }
}

/// Which of the models that may serve a tier does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Routing {
    /// The order in which they are tried.
    pub strategy: Strategy,
    /// The first rule that fits a task replaces the tier's models. Fewer words fit more tasks.
    pub rules: Vec<Rule>,
    /// Hedging: where a model takes longer than this share of its latest calls (`0.95`: than all but one in twenty), the next of the models
    /// that may serve is asked too, or the same one again where there is no other; the first answer wins and the other call is cut off,
    /// but stays booked at its bound. Absent is off.
    pub hedge_after: Option<f64>,
}

/// The order in which models that may serve a tier are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// As they are written.
    #[default]
    Manual,
    /// The cheapest for this request first.
    Cost,
    /// The one whose latest calls were quickest first; one that was never called comes before those.
    Latency,
}

/// A rule for the choice of a model. A list that is empty fits everything; all that is given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Types of agents, such as `coder`.
    pub agent: Vec<String>,
    /// Kinds of tasks.
    pub kind: Vec<String>,
    /// Domains.
    pub domain: Vec<String>,
    /// What the task needs: `tools`, `images`, `json`, or a word of the task's own capabilities.
    pub needs: Vec<String>,
    /// Tiers, 1 to 4.
    pub tiers: Vec<u8>,
    /// Only tasks with a prompt of more tokens than this, estimated.
    pub longer_than: Option<u64>,
    /// What serves them. Empty leaves the tier's own models.
    #[serde(rename = "use")]
    pub candidates: Vec<Candidate>,
    /// The order for these tasks.
    pub strategy: Option<Strategy>,
    /// These tasks never leave this machine.
    pub local_only: bool,
}

/// Answers that are kept in memory and given again to the same request.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// Which requests are looked up and kept.
    pub mode: CacheMode,
    /// Seconds that an answer is kept.
    pub ttl_s: u64,
    /// Bytes of answers that are kept in all.
    pub max_bytes: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Cache {
            mode: CacheMode::default(),
            ttl_s: 3_600,
            max_bytes: 64 << 20,
        }
    }
}

/// Which requests the cache serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// None.
    Off,
    /// Those that ask for the likeliest words (temperature 0).
    #[default]
    Deterministic,
    /// All of them: the second asker gets the first one's answer.
    All,
}

/// Limits on money.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// US dollars a day, as a decimal such as `"2.50"`; absent or `"0"` is no limit. `ROUTING_COST_DAILY_LIMIT` wins over it.
    pub daily_limit: Option<String>,
    /// US dollars that one task may cost, whatever is tried for it; absent or `"0"` is no limit.
    pub task_limit: Option<String>,
    /// US dollars an hour of the clock, in the same form.
    pub hourly_limit: Option<String>,
    /// US dollars a day by tier: `{ "4" = "1.00" }`.
    pub tier_limits: BTreeMap<String, String>,
    /// US dollars a day by who asks, as tasks say in `caller`: `{ "ci" = "5.00", "*" = "1.00" }`. `*` is each caller that is not named, and
    /// the tasks that name none together.
    pub caller_limits: BTreeMap<String, String>,
    /// The time zone whose midnight begins a day, such as `Europe/Berlin`.
    pub time_zone: String,
    /// What happens to a task that the budget does not reach: a cheaper tier, or refusal.
    pub policy: BudgetPolicy,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            daily_limit: None,
            task_limit: None,
            hourly_limit: None,
            tier_limits: BTreeMap::new(),
            caller_limits: BTreeMap::new(),
            time_zone: "UTC".into(),
            policy: BudgetPolicy::default(),
        }
    }
}

/// Limits besides the day's and the task's; what is not there is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FurtherLimits {
    /// For an hour of the clock.
    pub hour: Option<Picodollars>,
    /// For a day, by tier.
    pub tiers: BTreeMap<Tier, Picodollars>,
    /// For a day, by caller; `*` is every other one.
    pub callers: BTreeMap<String, Picodollars>,
}

/// What happens when the budget does not reach. A tier set by hand is refused under either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetPolicy {
    /// The dearest tier that it reaches to, with the reason said.
    #[default]
    Downgrade,
    /// The task is refused.
    Refuse,
}

/// The decision's figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Router {
    /// The expected quality that is good enough, above 0 and below 1.
    pub quality_target: f32,
    /// Below this confidence a task that touches security needs review. `ROUTING_CONFIDENCE_SECURITY` wins over it.
    pub security_confidence: f32,
    /// Below this confidence any task needs review. `ROUTING_CONFIDENCE_MULTI_MODEL` wins over it.
    pub review_confidence: f32,
    /// Above this uncertainty a task needs review. `ROUTING_CONFIDENCE_HUMAN_REVIEW` wins over it.
    pub review_uncertainty: f32,
    /// Below this confidence a task goes one tier up from the one decided on; 0 is never. `ROUTING_CONFIDENCE_ESCALATION` wins over it.
    pub escalation_confidence: f32,
    /// Where the next cheaper tier is nearly as likely to do (its expected quality and half a standard deviation reach the quality
    /// target: some 3 chances in 10 where quality is normal), take it; never for a task that touches security.
    /// `ROUTING_COST_PREFER_CHEAPER` wins over it.
    pub prefer_cheaper: bool,
    /// Whether what comes of tasks changes later decisions.
    pub learn: bool,
    /// The share of tasks, 0 to 0.5, in which the next cheaper or stronger tier is tried, to learn what it can do; 0 is never. Not tried for a
    /// tier set by hand, for critical or security work, at tier 0, or where the budget has decided. Each outcome keeps the probability of its
    /// choice, which `tinydancer eval replay` needs.
    pub exploration_share: f32,
    /// What exploration is drawn from, together with each task's id.
    pub exploration_seed: u64,
}

impl Default for Router {
    fn default() -> Self {
        Router {
            quality_target: 0.8,
            security_confidence: 0.85,
            review_confidence: 0.8,
            review_uncertainty: 0.2,
            escalation_confidence: 0.0,
            prefer_cheaper: false,
            learn: true,
            exploration_share: 0.0,
            exploration_seed: 0,
        }
    }
}

/// Tier 0's figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Booster {
    /// The share of sites, 0 to 1, that has to be changed for tier 0 to answer; below it the task goes to a model.
    pub confidence_threshold: f32,
    /// What the caller vouches for in every text.
    pub assumptions: Vec<String>,
    /// What does not hold, though it is granted by default.
    pub withdrawn: Vec<String>,
    /// What holds for some of the files; a later entry wins over an earlier one.
    pub grants: Vec<FileGrants>,
}

impl Default for Booster {
    fn default() -> Self {
        Booster {
            confidence_threshold: 0.7,
            assumptions: Vec::new(),
            withdrawn: Vec::new(),
            grants: Vec::new(),
        }
    }
}

/// Limits of the components.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Runtime {
    /// Milliseconds that one booster call may take.
    pub booster_deadline_ms: Option<u64>,
    /// Milliseconds that one classifier or policy call may take.
    pub decision_deadline_ms: Option<u64>,
    /// Bytes of memory that a component may have.
    pub memory: Option<usize>,
    /// The longest source text for the booster, in bytes.
    pub max_input: Option<usize>,
}

/// Component files that replace the embedded ones.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Components {
    /// The classifier's .wasm.
    pub classifier: Option<PathBuf>,
    /// The router's .wasm.
    pub router: Option<PathBuf>,
    /// The booster's .wasm.
    pub booster: Option<PathBuf>,
}

/// What is kept of a task.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outcomes {
    /// Keep the instruction's words. Off: they are somebody's.
    pub store_prompts: bool,
    /// Keep the hashed features, which a dictionary attack can guess words from. Off also ends what can be learned after the fact.
    pub store_features: bool,
    /// Survive a power cut too, at the price of a slower write.
    pub survive_power_cut: bool,
    /// After so many days an outcome becomes part of its day's sums, at the next start or end; absent keeps every one. The last two days stay
    /// whatever is set.
    pub keep_days: Option<u32>,
}

impl Default for Outcomes {
    fn default() -> Self {
        Outcomes {
            store_prompts: false,
            store_features: true,
            survive_power_cut: false,
            keep_days: None,
        }
    }
}

/// Access to a vendor. Which of the settings mean anything differs by vendor. No key has a place here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provider {
    /// Whose form it speaks, where the entry has another name than its vendor: `claude`, `openai`, `ollama`, `openrouter`, `gemini`,
    /// `azure` or `bedrock`.
    pub kind: Option<String>,
    /// Where it is. Absent, it is the vendor's own address, or the one in the vendor's variable (`ANTHROPIC_BASE_URL`, ...).
    pub base_url: Option<String>,
    /// The environment variable that holds the key; the vendor's own (`ANTHROPIC_API_KEY`, ...) when absent.
    pub api_key_env: Option<String>,
    /// A file that holds the key, read when the variable is not set.
    pub api_key_file: Option<PathBuf>,
    /// A program and its arguments that print the key; run when neither variable nor file is there, at the first call.
    pub api_key_command: Option<Vec<String>>,
    /// Allow plain http to a host that is not this machine. The key then crosses the network in the clear.
    pub allow_plain_http: bool,
    /// Milliseconds to connect.
    pub connect_timeout_ms: Option<u64>,
    /// Milliseconds to the first byte of an answer.
    pub first_byte_timeout_ms: Option<u64>,
    /// Milliseconds between two pieces of an answer.
    pub idle_timeout_ms: Option<u64>,
    /// Milliseconds for a whole call, retries included.
    pub total_timeout_ms: Option<u64>,
    /// How often a call is tried at most. `ROUTING_FALLBACK_MAX_ATTEMPTS` wins over it.
    pub max_attempts: Option<u32>,
    /// How many calls may be under way at once; absent is no limit.
    pub max_concurrent: Option<u32>,
    /// How many calls may begin in a minute; absent is no limit.
    pub requests_per_minute: Option<u32>,
    /// OpenAI and Azure: `chat` (chat completions, the default) or `responses`.
    pub api: Option<String>,
    /// Azure: the version of the older interface, with the deployment in the address; absent is the newer one.
    pub api_version: Option<String>,
    /// Azure: which deployment serves which model.
    pub deployments: BTreeMap<String, String>,
    /// Its models run on this machine: they may serve tasks that must not leave it. Taken to be so for an Ollama on loopback, but for
    /// its models named `...cloud`; of another server on loopback only its owner can know.
    pub local: Option<bool>,
    /// Azure: the key is a bearer token (Entra ID), not an `api-key`.
    pub bearer: bool,
    /// Bedrock: the region; `AWS_REGION` when absent.
    pub region: Option<String>,
    /// Bedrock: the profile of the shared credentials file.
    pub profile: Option<String>,
    /// Bedrock: the variable that holds the access key's id, where it is not `AWS_ACCESS_KEY_ID`.
    pub access_key_id_env: Option<String>,
    /// Bedrock: the variable that holds the secret access key.
    pub secret_access_key_env: Option<String>,
    /// Bedrock: the variable that holds the session token, if there is one.
    pub session_token_env: Option<String>,
}
