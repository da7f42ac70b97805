//! The environment as a whole: variables that cannot be read, and names that nobody reads. What each variable means is read elsewhere.

use std::ffi::{OsStr, OsString};

use super::ConfigError;

/// Every variable of the product's own, for the library and for the command line.
const KNOWN: [&str; 12] = [
    "ROUTING_CONFIDENCE_ESCALATION",
    "ROUTING_CONFIDENCE_HUMAN_REVIEW",
    "ROUTING_CONFIDENCE_MULTI_MODEL",
    "ROUTING_CONFIDENCE_SECURITY",
    "ROUTING_COST_DAILY_LIMIT",
    "ROUTING_COST_PREFER_CHEAPER",
    "ROUTING_FALLBACK_ENABLED",
    "ROUTING_FALLBACK_MAX_ATTEMPTS",
    "ROUTING_VERBOSE",
    "TINYDANCER_CONFIG",
    "TINYDANCER_HOME",
    "TINYDANCER_LOG",
];
/// These are read by the build and by what tests it.
const OF_THE_BUILD: [&str; 4] = [
    "TINYDANCER_NO_RUSTUP",
    "TINYDANCER_CI_TOOLS",
    "TINYDANCER_PROFILE",
    "TINYDANCER_KILLS",
];
/// These hold paths, which need be no text.
const PATHS: [&str; 2] = ["TINYDANCER_CONFIG", "TINYDANCER_HOME"];

/// Looks at every variable whose name begins as the product's own do. A name that nobody reads comes back as a warning: what it was to set, a
/// limit perhaps, is not set. `names_read` are further names that the settings name, such as one that holds a key.
///
/// # Errors
/// A variable that is no text.
pub(crate) fn check(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    names_read: &[&str],
) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let is_own = name.starts_with("ROUTING_") || name.starts_with("TINYDANCER_");
        if !is_own || names_read.contains(&&*name) || OF_THE_BUILD.contains(&&*name) {
            continue;
        }
        if !KNOWN.contains(&&*name) {
            warnings.push(unknown(&name));
        } else if value.to_str().is_none() && !PATHS.contains(&&*name) {
            return Err(unreadable(&name, &value));
        } else if value.is_empty() && !PATHS.contains(&&*name) {
            warnings.push(format!(
                "the environment variable {name} is empty and has no effect: set it, or unset it"
            ));
        }
    }
    warnings.sort();
    Ok(warnings)
}

fn unreadable(name: &str, value: &OsStr) -> ConfigError {
    ConfigError::Value {
        name: name.to_owned(),
        value: value.to_string_lossy().into_owned(),
        expected: "its bytes are no UTF-8 text: set it anew, or unset it",
    }
}

fn unknown(name: &str) -> String {
    let nearest = KNOWN
        .iter()
        .map(|known| (distance(name, known), *known))
        .min();
    match nearest {
        Some((distance, known)) if distance <= name.len() / 3 => {
            format!(
                "the environment variable {name} is not known and has no effect: {known} is like it"
            )
        }
        _ => format!(
            "the environment variable {name} is not known and has no effect: there are {}",
            KNOWN.join(", ")
        ),
    }
}

/// How many letters have to be put in, taken out or changed to make one word of the other (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (place, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[place + 1];
            row[place + 1] = changed.min(corner + 1).min(row[place] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(n, v)| (n.into(), v.into()));
        check(variables, &["TINYDANCER_MY_KEY"]).unwrap()
    }

    #[test]
    fn a_name_that_nobody_reads_is_told_with_the_one_that_is_like_it() {
        let told = warnings(&[
            ("ROUTING_COST_DAILY_LIMT", "5"),
            ("ROUTING_COST_DAILY_LIMIT", "5"),
            ("TINYDANCER_HOMES", "/x"),
            ("TINYDANCER_QUITE_ANOTHER_THING", "1"),
            ("TINYDANCER_MY_KEY", "k"),
            ("TINYDANCER_NO_RUSTUP", "1"),
            ("ROUTING_VERBOSE", ""),
            ("PATH", "/bin"),
        ]);
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told[0].contains("ROUTING_COST_DAILY_LIMT is")
                && told[0].contains("ROUTING_COST_DAILY_LIMIT is like it")
        );
        assert!(told[1].contains("ROUTING_VERBOSE is empty"));
        assert!(told[2].contains("TINYDANCER_HOME is like it"));
        assert!(told[3].contains("QUITE_ANOTHER") && !told[3].contains("is like it"));
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_refused_but_for_paths() {
        use std::os::unix::ffi::OsStringExt as _;
        let bytes = || OsString::from_vec(b"5\xff".to_vec());
        let error = check([("ROUTING_COST_DAILY_LIMIT".into(), bytes())], &[]).unwrap_err();
        assert!(error.to_string().contains("ROUTING_COST_DAILY_LIMIT"));
        assert_eq!(
            check([("TINYDANCER_HOME".into(), bytes())], &[]).unwrap(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_distance_counts_letters() {
        for (a, b, expected) in [
            ("", "ab", 2),
            ("ab", "ab", 0),
            ("limt", "limit", 1),
            ("abc", "xbz", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
