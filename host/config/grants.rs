//! Which assumptions hold for which file: what is set for all, then what is set for some, then what a caller says.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use super::{Booster, ConfigError, out_of_range};
use crate::wit::Options;

/// What holds for some of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileGrants {
    /// The files, as globs. A pattern may begin at any folder of a path (`legacy/**`, `*.test.js`); one that begins with `/` is
    /// held against the absolute path.
    pub files: Vec<String>,
    /// What is vouched for in them.
    pub assumptions: Vec<String>,
    /// What does not hold in them, be it granted by default or for all files.
    pub withdrawn: Vec<String>,
}

/// The assumptions for every file, by layers of which a later one wins.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    files: Option<GlobSet>,
    assumptions: Vec<String>,
    withdrawn: Vec<String>,
}

impl Grants {
    /// What the configuration says.
    ///
    /// # Errors
    /// A pattern that is no glob, grants for no file, or an assumption that the same place both grants and withdraws.
    pub fn new(booster: &Booster) -> Result<Grants, ConfigError> {
        let mut grants =
            Grants::default().and("booster", &booster.assumptions, &booster.withdrawn)?;
        for (at, own) in booster.grants.iter().enumerate() {
            let name = format!("booster.grants[{at}]");
            let files = globs(&format!("{name}.files"), &own.files)?;
            grants = grants.and(&name, &own.assumptions, &own.withdrawn)?;
            if let Some(layer) = grants.layers.last_mut() {
                layer.files = Some(files);
            }
        }
        Ok(grants)
    }

    /// The same with a further layer for all files. `name` says in an error where it comes from.
    ///
    /// # Errors
    /// An assumption that is both granted and withdrawn.
    pub fn and(
        mut self,
        name: &str,
        assumptions: &[String],
        withdrawn: &[String],
    ) -> Result<Grants, ConfigError> {
        if let Some(both) = assumptions.iter().find(|one| withdrawn.contains(one)) {
            return Err(out_of_range(
                name,
                both,
                "an assumption is granted or withdrawn, not both",
            ));
        }
        self.layers.push(Layer {
            files: None,
            assumptions: assumptions.to_vec(),
            withdrawn: withdrawn.to_vec(),
        });
        Ok(self)
    }

    /// What holds for the file of this path, and then for this call: `assumptions` and `withdrawn` win over every layer.
    #[must_use]
    pub fn options(&self, path: &str, assumptions: &[String], withdrawn: &[String]) -> Options {
        let mut holds = BTreeMap::new();
        let mut apply = |assumptions: &[String], withdrawn: &[String]| {
            holds.extend(assumptions.iter().map(|name| (name.clone(), true)));
            holds.extend(withdrawn.iter().map(|name| (name.clone(), false)));
        };
        for layer in &self.layers {
            if layer
                .files
                .as_ref()
                .is_none_or(|files| files.is_match(path))
            {
                apply(&layer.assumptions, &layer.withdrawn);
            }
        }
        apply(assumptions, withdrawn);
        let named = |value: bool| {
            holds
                .iter()
                .filter(|(_, holds)| **holds == value)
                .map(|(name, _)| name.clone())
                .collect()
        };
        Options {
            assumptions: named(true),
            withdrawn: named(false),
        }
    }

    /// Every assumption that is named anywhere.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.layers
            .iter()
            .flat_map(|layer| layer.assumptions.iter().chain(&layer.withdrawn))
            .map(String::as_str)
    }
}

fn globs(name: &str, patterns: &[String]) -> Result<GlobSet, ConfigError> {
    let wrong = |pattern: &str| {
        out_of_range(
            name,
            pattern,
            "a glob such as `legacy/**` or `*.test.js`, and at least one",
        )
    };
    if patterns.is_empty() {
        return Err(wrong(""));
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anywhere = if pattern.starts_with('/') {
            pattern.clone()
        } else {
            format!("**/{}", pattern.strip_prefix("./").unwrap_or(pattern))
        };
        let glob = GlobBuilder::new(&anywhere)
            .literal_separator(true)
            .build()
            .map_err(|_| wrong(pattern))?;
        set.add(glob);
    }
    set.build().map_err(|_| wrong(&patterns.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn grants() -> Grants {
        let booster = Booster {
            assumptions: names(&["module"]),
            grants: vec![
                FileGrants {
                    files: names(&["legacy/**", "*.test.js"]),
                    assumptions: names(&["plain-calls"]),
                    withdrawn: names(&["module"]),
                },
                FileGrants {
                    files: names(&["/srv/app/**"]),
                    assumptions: names(&["errors-may-go"]),
                    withdrawn: vec![],
                },
            ],
            ..Booster::default()
        };
        Grants::new(&booster).unwrap()
    }

    #[test]
    fn a_later_layer_wins_for_the_files_that_it_names() {
        let granted = |path: &str| grants().options(path, &[], &[]).assumptions;
        assert_eq!(granted("src/a.js"), ["module"]);
        assert_eq!(granted("src/legacy/deep/a.js"), ["plain-calls"]);
        assert_eq!(granted("src/a.test.js"), ["plain-calls"]);
        assert_eq!(granted("/srv/app/a.js"), ["errors-may-go", "module"]);
        assert_eq!(granted("/home/srv/app/a.js"), ["module"]);
        assert_eq!(
            grants().options("legacy/a.js", &[], &[]).withdrawn,
            ["module"]
        );
    }

    #[test]
    fn the_call_wins_over_every_layer() {
        let options =
            grants().options("legacy/a.js", &names(&["module"]), &names(&["plain-calls"]));
        assert_eq!(options.assumptions, ["module"]);
        assert_eq!(options.withdrawn, ["plain-calls"]);
    }

    #[test]
    fn contradictions_and_bad_globs_are_refused_with_their_place() {
        let both = Booster {
            assumptions: names(&["module"]),
            withdrawn: names(&["module"]),
            ..Booster::default()
        };
        assert!(
            Grants::new(&both)
                .unwrap_err()
                .to_string()
                .contains("not both")
        );
        for files in [names(&["a[", "b"]), vec![]] {
            let booster = Booster {
                grants: vec![FileGrants {
                    files,
                    ..FileGrants::default()
                }],
                ..Booster::default()
            };
            let error = Grants::new(&booster).unwrap_err().to_string();
            assert!(error.contains("booster.grants[0].files"), "{error}");
        }
    }
}
