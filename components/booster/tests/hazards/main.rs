//! Every hazard on both sides of its line: the nearest shape that is changed, and the one that is left alone.
//!
//! One table for each transform; its rows are grouped by the numbers of what could go wrong.

mod func_to_arrow;
mod remove_console;
#[path = "../support/mod.rs"]
mod support;
mod var_to_const;

use support::{As, file, granting, names, none, without};
use tinydancer_booster::{Options, TransformInfo, Transformation, transform, transforms};

/// Hazard, how the text is read, before, after. Every site of the text is changed.
type Changed = (u32, As, &'static str, &'static str);
/// Hazard, how the text is read, the text, a code that it is refused with.
type Refused = (u32, As, &'static str, &'static str);
/// Assumption, how the text is read, before, after. Without the assumption a site is refused that names it.
type Lifted = (&'static str, As, &'static str, &'static str);

/// What is asked of one transform.
struct Table {
    transform: &'static str,
    /// The highest number of a hazard.
    hazards: u32,
    changed: &'static [Changed],
    refused: &'static [Refused],
    lifted: &'static [Lifted],
    /// Hazards that leave no site alone.
    without_refusal: &'static [u32],
}

const TABLES: [Table; 3] = [
    var_to_const::TABLE,
    func_to_arrow::TABLE,
    remove_console::TABLE,
];

/// Where each transform says what it does, in the order of the tables.
const PAGES: [&str; 3] = [
    include_str!("../../src/transforms/var_to_const.rs"),
    include_str!("../../src/transforms/func_to_arrow.rs"),
    include_str!("../../src/transforms/remove_console.rs"),
];

impl Table {
    fn run(&self, text: &str, how: As, options: &Options) -> Transformation {
        transform(&file(text, how), &names(&[self.transform]), options)
            .unwrap_or_else(|refusal| panic!("{}: {text}: {refusal:?}", self.transform))
    }

    fn info(&self) -> TransformInfo {
        let found = transforms()
            .into_iter()
            .find(|info| info.name == self.transform);
        found.expect("the transform exists")
    }

    /// The texts of all rows.
    fn texts(&self) -> impl Iterator<Item = (As, &'static str)> {
        let changed = self.changed.iter().map(|&(_, how, text, _)| (how, text));
        let refused = self.refused.iter().map(|&(_, how, text, _)| (how, text));
        let lifted = self.lifted.iter().map(|&(_, how, text, _)| (how, text));
        changed.chain(refused).chain(lifted)
    }
}

#[test]
fn the_examples_on_its_own_page_are_true() {
    for (table, page) in TABLES.iter().zip(PAGES) {
        let examples: Vec<_> = (page.lines())
            .take_while(|line| line.starts_with("//!"))
            .filter_map(|line| line.strip_prefix("//! ")?.split_once("->  "))
            .collect();
        let is_refusal = |after: &str| after.starts_with("left alone: ");
        let refusals = examples.iter().filter(|(_, after)| is_refusal(after));
        assert!((1..examples.len()).contains(&refusals.count()));
        for (before, after) in examples {
            let before = before.trim();
            let done = table.run(before, As::Module, &none());
            let found = match done.sites_refused.first() {
                Some(site) => format!("left alone: {}", site.code),
                None => done.text.clone(),
            };
            assert_eq!(found, after, "{}: {before}", table.transform);
            assert_eq!(done.text == before, is_refusal(after), "{before}");
        }
    }
}

#[test]
fn changes_what_can_be_shown_safe() {
    for table in TABLES {
        for &(hazard, how, before, after) in table.changed {
            let done = table.run(before, how, &none());
            assert_eq!(
                done.text, after,
                "{} {hazard}: {:?}",
                table.transform, done.sites_refused
            );
            assert!(
                done.sites_refused.is_empty(),
                "{hazard}: {before}: {:?}",
                done.sites_refused
            );
            let expected = if before == after { 0.0 } else { 1.0 };
            assert!(
                (done.confidence - expected).abs() < f32::EPSILON,
                "{hazard}: {before}"
            );
        }
    }
}

#[test]
fn leaves_alone_what_cannot_and_says_why() {
    for table in TABLES {
        let known = table.info().codes;
        for &(hazard, how, text, expected) in table.refused {
            let done = table.run(text, how, &none());
            let codes: Vec<&str> = done
                .sites_refused
                .iter()
                .map(|site| site.code.as_str())
                .collect();
            assert!(
                codes.contains(&expected),
                "{} {hazard}: {text}: refused {codes:?}, became {}",
                table.transform,
                done.text
            );
            for site in &done.sites_refused {
                let info = known.iter().find(|info| info.code == site.code);
                let lifted_by = info
                    .map(|info| &info.lifted_by[..])
                    .expect("the code is explained");
                assert!(
                    site.lifted_by.iter().all(|by| lifted_by.contains(by)),
                    "{text}: {site:?}"
                );
            }
        }
    }
}

#[test]
fn every_code_is_shown_by_a_row() {
    for table in TABLES {
        for code in table.info().codes {
            let is_shown = table
                .refused
                .iter()
                .any(|&(_, _, _, expected)| expected == code.code);
            assert!(is_shown, "{}: no row shows {}", table.transform, code.code);
        }
    }
}

#[test]
fn an_assumption_lifts_the_refusals_that_name_it() {
    for table in TABLES {
        for &(assumption, how, before, after) in table.lifted {
            let refused = table.run(before, how, &without(assumption)).sites_refused;
            let named = |by: &Option<String>| by.as_deref() == Some(assumption);
            // A refusal names one assumption, though another may lift it too.
            let codes: Vec<_> = table.info().codes;
            let lifts = |code: &str| {
                codes.iter().any(|info| {
                    info.code == code && info.lifted_by.iter().any(|by| by == assumption)
                })
            };
            assert!(
                refused
                    .iter()
                    .any(|site| named(&site.lifted_by) || lifts(&site.code)),
                "{before}: {refused:?}"
            );
            let done = table.run(before, how, &granting(&[assumption]));
            assert_eq!(done.text, after, "{assumption}: {:?}", done.sites_refused);
        }
        for code in table.info().codes {
            for by in code.lifted_by {
                let is_shown = table
                    .lifted
                    .iter()
                    .any(|&(assumption, ..)| assumption == by);
                assert!(
                    is_shown,
                    "{}: no row shows that {by} lifts {}",
                    table.transform, code.code
                );
            }
        }
    }
}

#[test]
fn both_sides_of_every_hazard_are_shown() {
    for table in TABLES {
        for hazard in 1..=table.hazards {
            let name = table.transform;
            assert!(
                table.changed.iter().any(|row| row.0 == hazard),
                "{name} {hazard}: nothing is changed"
            );
            let is_refused = table.refused.iter().any(|row| row.0 == hazard);
            assert_ne!(
                is_refused,
                table.without_refusal.contains(&hazard),
                "{name} {hazard}"
            );
        }
    }
}

#[test]
fn a_result_is_not_changed_again() {
    for table in TABLES {
        for (how, text) in table.texts() {
            let once = table.run(text, how, &none());
            let twice = table.run(&once.text, how, &none());
            assert_eq!(
                (twice.sites_changed, &twice.text),
                (0, &once.text),
                "{text}"
            );
        }
    }
}

#[test]
fn the_order_in_which_transforms_are_named_does_not_matter() {
    let mut forth = support::all();
    let texts = TABLES.iter().flat_map(Table::texts);
    for (how, text) in texts {
        let one = transform(&file(text, how), &forth, &none());
        forth.reverse();
        let other = transform(&file(text, how), &forth, &none());
        assert_eq!(one, other, "{text}");
        let done = one.expect("it parses");
        assert_eq!(support::edited(text, &done), done.text, "{text}");
        let again = transform(&file(&done.text, how), &forth, &none()).expect("it parses");
        assert_eq!(again.text, done.text, "{text}");
    }
}
