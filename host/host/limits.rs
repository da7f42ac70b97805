//! Which limits hold at a moment, and what is left of the day's.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;

use super::Host;
use crate::error::Error;
use crate::money::{self, Picodollars};
use crate::store::{LimitState, ScopeLimit};
use crate::tier::Tier;

impl Host {
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

    /// What one task may cost, whatever is tried for it.
    #[must_use]
    pub fn task_limit(&self) -> Option<Picodollars> {
        self.task_limit
    }

    /// Where each limit stands that holds now: the day's, the hour's, those of tiers.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn limits(&self) -> Result<Vec<LimitState>, Error> {
        let now = self.now();
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
        self.states(money::day_of(now, &self.zone), scopes).await
    }

    /// Those of the limits that a call at a tier for a caller counts against now of which [`LimitState::WARNED_AT`] and more is used.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn limits_nearly_used(
        &self,
        tier: Tier,
        caller: &str,
    ) -> Result<Vec<LimitState>, Error> {
        let (day, scopes) = self.limits_at(self.now(), tier, caller);
        let mut states = self.states(day, scopes).await?;
        states.retain(LimitState::is_nearly_used);
        Ok(states)
    }

    /// Where the day's limit, if there is one, and further ones stand.
    async fn states(&self, day: Date, scopes: Vec<ScopeLimit>) -> Result<Vec<LimitState>, Error> {
        let mut states = Vec::new();
        if let Some(limit) = self.daily_limit {
            let (settled, reserved) = self.store.spent_on(day).await?;
            states.push(LimitState {
                scope: format!("day {day}"),
                limit,
                settled,
                reserved,
            });
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
}
