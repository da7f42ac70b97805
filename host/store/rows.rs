//! Outcomes and feedback to and from columns.

use std::sync::LazyLock;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, SqliteConnection};

use crate::money::Picodollars;
use crate::outcome::{Durations, HashedFeatures, Hop, Outcome, Status};
use crate::tier::Tier;
use crate::wit::{Features, Feedback};

/// The columns of a row and their places, in the order in which [`bind`] binds them, behind the words that begin the statement.
macro_rules! into_outcomes {
    ($begin:literal) => {
        concat!(
            $begin,
            " INTO outcomes (id, started_at, status, kind, domain, complexity, tier_asked, tier_decided, tier_done, model, provider, ",
            "quality, cost, baseline, usage, classify_ns, decide_ns, transform_ns, provider_ns, total_ns, confidence, propensity, ",
            "reasons, fallback_reason, transform, error, features, prompt, hops, cached, caller) VALUES ",
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
    };
}

/// Writes a new row.
pub(super) const INSERT: &str = into_outcomes!("INSERT");
/// Begins a transaction with a new row and its reservation, and says whether the model is held back for an overrun. Behind the row's come the
/// id once more, the owner, the day, the bound, the provider and the model.
pub(super) const BEGIN_RESERVE: &str = concat!(
    into_outcomes!("BEGIN IMMEDIATE; INSERT"),
    "; INSERT INTO reservations (outcome_id, owner, day, bound, state) VALUES (?, ?, ?, ?, 'reserved') ",
    "RETURNING EXISTS (SELECT 1 FROM overruns WHERE provider = ? AND model = ? AND accepted_at IS NULL) AS held"
);
/// Begins a transaction and writes a row that is there already: a paid task's, at its end.
pub(super) const BEGIN_REPLACE: &str = into_outcomes!("BEGIN IMMEDIATE; INSERT OR REPLACE");

pub(super) type Bound = sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments>;

/// SQLite's integers are signed; an amount beyond nine million dollars is held to the largest.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// So many rows are written by one statement where so many wait: a trip to the connection's thread costs more than a row.
pub(super) const TOGETHER: usize = 16;

/// Writes [`TOGETHER`] new rows, or none.
pub(super) fn insert_together(rows: impl Iterator<Item = Outcome>) -> Bound {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let (_, row) = INSERT.split_once(" VALUES ").unwrap_or_default();
        format!("{INSERT}{}", format!(", {row}").repeat(TOGETHER - 1))
    });
    rows.fold(sqlx::query(SQL.as_str()), bind_to)
}

pub(super) fn bind(sql: &'static str, row: Outcome) -> Bound {
    bind_to(sqlx::query(sql), row)
}

pub(super) fn bind_to(query: Bound, row: Outcome) -> Bound {
    let tier = |tier: Option<Tier>| tier.map(|tier| i64::from(tier.number()));
    let features = blob(&row.features.indices, &row.features.values);
    query
        .bind(row.id)
        .bind(row.started_at.as_microsecond())
        .bind(row.status.name())
        .bind(row.kind)
        .bind(row.domain)
        .bind(i64::from(row.complexity))
        .bind(tier(row.tier_asked))
        .bind(tier(row.tier_decided))
        .bind(tier(row.tier_done))
        .bind(row.model)
        .bind(row.provider)
        .bind(row.quality.map(f64::from))
        .bind(signed(row.cost.get()))
        .bind(signed(row.baseline.get()))
        .bind(
            row.usage
                .and_then(|usage| serde_json::to_string(&usage).ok()),
        )
        .bind(signed(row.durations.classify))
        .bind(signed(row.durations.decide))
        .bind(signed(row.durations.transform))
        .bind(signed(row.durations.provider))
        .bind(signed(row.durations.total))
        .bind(f64::from(row.confidence))
        .bind(f64::from(row.propensity))
        .bind(serde_json::to_string(&row.reasons).unwrap_or_default())
        .bind(row.fallback_reason)
        .bind(row.transform)
        .bind(row.error)
        .bind(features)
        .bind(row.prompt)
        .bind(hops_text(&row.hops))
        .bind(row.cached)
        .bind(row.caller)
}

fn hops_text(hops: &[Hop]) -> Option<String> {
    (!hops.is_empty())
        .then(|| serde_json::to_string(hops).ok())
        .flatten()
}

/// Adds to the row of a task that has not ended what is known of its way: hops, reasons and durations.
pub(super) async fn tell_more(
    connection: &mut SqliteConnection,
    id: &str,
    known: &Outcome,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE outcomes SET hops = ?, reasons = ?, fallback_reason = ?, provider_ns = ?, total_ns = ? WHERE id = ? AND status = 'started'",
    )
    .bind(hops_text(&known.hops))
    .bind(serde_json::to_string(&known.reasons).unwrap_or_default())
    .bind(known.fallback_reason.clone())
    .bind(signed(known.durations.provider))
    .bind(signed(known.durations.total))
    .bind(id.to_owned())
    .execute(connection)
    .await
    .map(drop)
}

/// Pairs of place and value, little-endian; none for no features.
fn blob(indices: &[u32], values: &[f32]) -> Option<Vec<u8>> {
    if indices.is_empty() {
        return None;
    }
    let pairs = indices.iter().zip(values);
    Some(
        pairs
            .flat_map(|(index, value)| [index.to_le_bytes(), value.to_le_bytes()])
            .flatten()
            .collect(),
    )
}

fn features(blob: Option<Vec<u8>>) -> Features {
    let word = |bytes: &[u8]| bytes.first_chunk::<4>().copied().unwrap_or_default();
    let (indices, values) = blob
        .unwrap_or_default()
        .chunks_exact(8)
        .map(|pair| {
            (
                u32::from_le_bytes(word(pair)),
                f32::from_le_bytes(word(&pair[4..])),
            )
        })
        .unzip();
    Features { indices, values }
}

pub(super) fn outcome(row: &SqliteRow) -> Result<Outcome, sqlx::Error> {
    let tier = |name: &str| -> Result<Option<Tier>, sqlx::Error> {
        let number: Option<i64> = row.try_get(name)?;
        Ok(number
            .and_then(|number| u8::try_from(number).ok())
            .and_then(|number| Tier::try_from(number).ok()))
    };
    let number = |name: &str| -> Result<u64, sqlx::Error> { Ok(unsigned(row.try_get(name)?)) };
    let status: String = row.try_get("status")?;
    let usage: Option<String> = row.try_get("usage")?;
    let reasons: String = row.try_get("reasons")?;
    let hops: Option<String> = row.try_get("hops")?;
    let kept = features(row.try_get("features")?);
    Ok(Outcome {
        id: row.try_get("id")?,
        started_at: Timestamp::from_microsecond(row.try_get("started_at")?).unwrap_or_default(),
        status: Status::from_name(&status).unwrap_or(Status::Failure),
        kind: row.try_get("kind")?,
        domain: row.try_get("domain")?,
        caller: row.try_get("caller")?,
        complexity: u8::try_from(number("complexity")?).unwrap_or(100),
        tier_asked: tier("tier_asked")?,
        tier_decided: tier("tier_decided")?,
        tier_done: tier("tier_done")?,
        model: row.try_get("model")?,
        provider: row.try_get("provider")?,
        hops: hops
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        cached: row.try_get("cached")?,
        quality: row
            .try_get::<Option<f64>, _>("quality")?
            .map(|quality| quality as f32),
        cost: Picodollars::new(number("cost")?),
        baseline: Picodollars::new(number("baseline")?),
        usage: usage.and_then(|text| serde_json::from_str(&text).ok()),
        durations: Durations {
            classify: number("classify_ns")?,
            decide: number("decide_ns")?,
            transform: number("transform_ns")?,
            provider: number("provider_ns")?,
            total: number("total_ns")?,
        },
        confidence: row.try_get::<f64, _>("confidence")? as f32,
        propensity: row.try_get::<f64, _>("propensity")? as f32,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        fallback_reason: row.try_get("fallback_reason")?,
        transform: row.try_get("transform")?,
        error: row.try_get("error")?,
        features: HashedFeatures {
            indices: kept.indices,
            values: kept.values,
        },
        prompt: row.try_get("prompt")?,
    })
}

const INSERT_FEEDBACK: &str = "INSERT INTO feedback (outcome_id, at, verdict, tier, quality, weight, kind, complexity, features) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

pub(super) fn bind_feedback(id: String, verdict: &'static str, feedback: &Feedback) -> Bound {
    sqlx::query(INSERT_FEEDBACK)
        .bind(id)
        .bind(Timestamp::now().as_microsecond())
        .bind(verdict)
        .bind(i64::from(feedback.tier))
        .bind(f64::from(feedback.quality))
        .bind(f64::from(feedback.weight))
        .bind(feedback.kind.clone())
        .bind(i64::from(feedback.complexity))
        .bind(blob(&feedback.features.indices, &feedback.features.values))
}

pub(super) fn feedback(row: &SqliteRow) -> Result<(i64, Feedback), sqlx::Error> {
    let byte = |name: &str| -> Result<u8, sqlx::Error> {
        Ok(u8::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u8::MAX))
    };
    Ok((
        row.try_get("seq")?,
        Feedback {
            kind: row.try_get("kind")?,
            complexity: byte("complexity")?,
            features: features(row.try_get("features")?),
            tier: byte("tier")?,
            quality: row.try_get::<f64, _>("quality")? as f32,
            weight: row.try_get::<f64, _>("weight")? as f32,
        },
    ))
}
