//! What may be spent and is spent, what is set aside, what was billed above its bound; and the ledger's old rows.

use jiff::Timestamp;
use serde_json::json;

use super::history::time;
use super::report::{print, print_json};
use super::{Common, Exit, Problem, show};
use crate::money::Picodollars;
use crate::store::{DaySpend, LimitState, Overrun, UnderWay};
use crate::{Error, Host};

/// Where limits come from.
pub(super) const LIMITS: &str = "\
ROUTING_COST_DAILY_LIMIT or `budget.daily_limit` in the configuration limits a day, in US dollars; 0 is no limit, there and for every other limit of \
`[budget]`.";

#[derive(Debug, clap::Args)]
pub(super) struct BudgetArguments {
    /// So many days back
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Let models be called again that were billed above what a call could cost at most
    #[arg(long)]
    accept_overruns: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What there is to tell.
struct Report {
    today: String,
    zone: String,
    limit: Option<Picodollars>,
    days: Vec<DaySpend>,
    limits: Vec<LimitState>,
    under_way: UnderWay,
    overruns: Vec<Overrun>,
}

impl Report {
    async fn of(host: &Host, days: u32) -> Result<Report, Error> {
        let store = host.store();
        Ok(Report {
            today: host.today().to_string(),
            zone: host.config().budget.time_zone.clone(),
            limit: host.daily_limit(),
            days: store.spending(days).await?,
            limits: host.limits().await?,
            under_way: store.under_way().await?,
            overruns: store.overruns().await?,
        })
    }

    /// Spent and set aside today.
    fn own(&self) -> (Picodollars, Picodollars) {
        let day = self.days.iter().find(|day| day.day == self.today);
        day.map_or_else(Default::default, |day| (day.settled, day.reserved))
    }

    fn left(&self) -> Option<Picodollars> {
        let (settled, reserved) = self.own();
        self.limit
            .map(|limit| limit.saturating_sub(settled.saturating_add(reserved)))
    }

    fn held_back(&self) -> Vec<&Overrun> {
        let open = self.overruns.iter();
        open.filter(|own| own.accepted_at.is_none()).collect()
    }

    fn warnings(&self) -> Vec<String> {
        let nearly_used = self.limits.iter().filter(|limit| limit.is_nearly_used());
        nearly_used.map(nearly_used_words).collect()
    }

    fn json(&self) -> serde_json::Value {
        let (settled, reserved) = self.own();
        json!({
            "today": self.today,
            "timeZone": self.zone,
            "dailyLimitPicodollars": self.limit.map(Picodollars::get),
            "settledPicodollars": settled.get(),
            "reservedPicodollars": reserved.get(),
            "leftPicodollars": self.left().map(Picodollars::get),
            "underWay": self.under_way,
            "limits": self.limits,
            "warnings": self.warnings(),
            "days": self.days,
            "overruns": self.overruns,
        })
    }

    fn text(&self) -> String {
        let (today, zone) = (&self.today, &self.zone);
        let mut text = match (self.limit, self.left()) {
            (Some(limit), Some(left)) => {
                format!("today ({today}, {zone}): {left} of {limit} left\n")
            }
            _ => format!("today ({today}, {zone}): no limit; ROUTING_COST_DAILY_LIMIT sets one\n"),
        };
        text.push_str(&under_way_text(&self.under_way));
        for table in [
            limits_text(&self.limits),
            days_text(&self.days),
            overruns_text(&self.held_back()),
        ]
        .into_iter()
        .flatten()
        {
            text.push('\n');
            text.push_str(&table);
        }
        text
    }
}

pub(super) async fn budget(common: &Common, arguments: BudgetArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let accepted = if arguments.accept_overruns {
        Some(host.store().accept_overruns().await.map_err(Error::from)?)
    } else {
        None
    };
    let report = Report::of(&host, arguments.days).await?;
    if arguments.json {
        print_json(&report.json())?;
    } else {
        if let Some(count) = accepted {
            let words = show::count(count, "overrun");
            print(&format!(
                "{words} accepted: every model may be called again\n"
            ))?;
        }
        print(&report.text())?;
        for words in report.warnings() {
            show::warning(&words);
        }
        let mut told = std::collections::BTreeSet::new();
        for own in report.held_back() {
            if told.insert((&own.provider, &own.model)) {
                show::warning(&format!(
                    "{} of `{}` is not called, because it was billed above its bound: check its price in `tinydancer models`, then `tinydancer budget --accept-overruns`",
                    own.model, own.provider
                ));
            }
        }
    }
    host.close().await?;
    Ok(Exit::Done)
}

/// A limit of which little is left, in words.
pub(super) fn nearly_used_words(limit: &LimitState) -> String {
    format!(
        "{:.0} % of the limit of {} for {} is spent or reserved",
        limit.share() * 100.0,
        limit.limit,
        limit.scope
    )
}

/// What is set aside now, in words; nothing where nothing is.
pub(super) fn under_way_text(under_way: &UnderWay) -> String {
    let calls = show::count(under_way.calls, "call");
    let leased = if under_way.leased.get() > 0 {
        format!(
            "; processes hold {} ready for further calls",
            under_way.leased
        )
    } else {
        String::new()
    };
    format!(
        "reserved now: {} for {calls} under way{leased}\n",
        under_way.reserved
    )
}

fn bar(share: f64) -> String {
    let used = (share.clamp(0.0, 1.0) * 20.0).round() as usize;
    format!("{}{}", "█".repeat(used), "░".repeat(20 - used))
}

/// A line and a bar for each limit that holds now.
fn limits_text(limits: &[LimitState]) -> Option<String> {
    let rows: Vec<Vec<String>> = limits
        .iter()
        .map(|own| {
            vec![
                own.scope.clone(),
                own.settled.to_string(),
                own.reserved.to_string(),
                own.left().to_string(),
                own.limit.to_string(),
                bar(own.share()),
            ]
        })
        .collect();
    let headings = ["limit", "spent", "reserved", "left", "of", ""];
    (!rows.is_empty()).then(|| show::table(&headings, &rows))
}

/// A line and a bar for each day; the bars are shares of the dearest one.
fn days_text(days: &[DaySpend]) -> Option<String> {
    let most = days.iter().map(|day| day.settled.get()).max()?.max(1);
    let rows: Vec<Vec<String>> = days
        .iter()
        .map(|day| {
            vec![
                day.day.clone(),
                day.settled.to_string(),
                day.reserved.to_string(),
                day.overrun.to_string(),
                "█".repeat((day.settled.get() as f64 * 20.0 / most as f64).ceil() as usize),
            ]
        })
        .collect();
    Some(show::table(
        &["day", "spent", "reserved", "overrun", ""],
        &rows,
    ))
}

fn overruns_text(overruns: &[&Overrun]) -> Option<String> {
    let rows: Vec<Vec<String>> = overruns
        .iter()
        .map(|own| {
            vec![
                own.at.strftime("%F %T").to_string(),
                own.model.clone(),
                own.provider.clone(),
                own.bound.to_string(),
                own.cost.to_string(),
                own.task.clone(),
            ]
        })
        .collect();
    let headings = [
        "overrun (UTC)",
        "model",
        "provider",
        "at most",
        "billed",
        "task",
    ];
    (!rows.is_empty()).then(|| show::table(&headings, &rows))
}

#[derive(Debug, clap::Args)]
pub(super) struct CompactArguments {
    /// What arrived before this time: 2026-01-31T12:00:00Z, or a span back from now such as 90d; the last two days stay
    #[arg(long, value_parser = time)]
    before: Timestamp,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn compact(common: &Common, arguments: CompactArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let done = host.compact(arguments.before).await?;
    if done.outcomes > 0 {
        host.store().shrink().await.map_err(Error::from)?;
    }
    if arguments.json {
        print_json(&json!(done))?;
    } else {
        print(&format!(
            "{} became sums\n",
            show::count(done.outcomes, "outcome")
        ))?;
    }
    host.close().await?;
    Ok(Exit::Done)
}
