//! Calls that only make sense together: none of them goes unless all do.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::ast::{Argument, CallExpression};

use super::calls::Call;
use super::codes;
use super::methods::{self, Family, Method};
use crate::transforms::{Fate, Hazard, Site};

/// Calls that go together, by family and label; without a label where one of the family is only known when the program runs.
type Pairs = BTreeMap<(Family, Option<String>), Vec<usize>>;

/// Refuses all calls of a family where one of them stays, is missing, or may be made under another name.
pub(super) fn refuse_broken(calls: &[Call<'_>], read: &[Family], sites: &mut [Site]) {
    let mut pairs: Pairs = BTreeMap::new();
    let is_open = calls.iter().any(|call| call.method.is_none());
    let families = calls.iter().map(|call| {
        let method = methods::named(call.method?)?;
        Some((method.family?, label(method, call.call)))
    });
    let families: Vec<_> = families.collect();
    let unlabelled: BTreeSet<Family> = families
        .iter()
        .flatten()
        .filter_map(|(family, label)| label.is_none().then_some(*family))
        .collect();
    let is_known = |family: &Family| !unlabelled.contains(family);
    for (place, family) in families.into_iter().enumerate() {
        let Some((family, label)) = family else {
            continue;
        };
        let label = label.filter(|_| is_known(&family));
        pairs.entry((family, label)).or_default().push(place);
    }
    for ((family, _), places) in pairs {
        let has = |name: &str| {
            places
                .iter()
                .any(|&place| calls[place].method == Some(name))
        };
        let is_whole = match family {
            Family::Count => true,
            Family::Group => (has("group") || has("groupCollapsed")) && has("groupEnd"),
            Family::Time => has("time") && has("timeEnd"),
        };
        let is_pair = family != Family::Count || has("countReset");
        let stays = |place: &usize| matches!(sites[*place].fate, Fate::Refused(_));
        let is_kept = places.iter().any(stays) && is_pair;
        if is_whole && !is_kept && !is_open && !read.contains(&family) {
            continue;
        }
        for place in places {
            if let Fate::Changed(..) = sites[place].fate {
                sites[place].fate = Fate::Refused(Hazard::new(
                    &codes::PAIRED,
                    "another call that this one goes together with stays, or stands elsewhere",
                ));
            }
        }
    }
}

/// The label that ties a call to others of its family; the group's calls have none to tell.
fn label(method: Method, call: &CallExpression<'_>) -> Option<String> {
    if method.family == Some(Family::Group) {
        return Some(String::new());
    }
    match call.arguments.first() {
        None => Some("default".to_owned()),
        Some(Argument::StringLiteral(label)) => Some(label.value.to_string()),
        Some(Argument::TemplateLiteral(label)) => label.single_quasi().map(|text| text.to_string()),
        _ => None,
    }
}
