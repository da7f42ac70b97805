//! Reports as a SARIF 2.1.0 log (OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>): what code scanning and editors read.
//!
//! A file that changes is one result of level `warning`, with all its edits as one fix, because they belong together. Each site
//! that was left alone is a result of level `note`, under a rule `TRANSFORM/CODE`. A file that could not be read or parsed is a
//! notification of the run.

use serde_json::{Value, json};

use super::super::{Problem, show};
use super::report::{Report, ShownEdit, Summary};
use super::transforms;
use crate::boost::Refused;
use crate::runtime::Runtime;

pub(super) fn log(runtime: &Runtime, reports: &[Report]) -> Result<Value, Problem> {
    let transforms = transforms(runtime)?;
    let mut rules: Vec<(String, Value)> = Vec::new();
    for info in &transforms {
        rules.push((
            info.name.clone(),
            rule(&info.name, &info.summary, "warning"),
        ));
        for code in &info.codes {
            let id = format!("{}/{}", info.name, code.code);
            let mut own = rule(&id, &code.summary, "note");
            if !code.lifted_by.is_empty() {
                own["help"] = json!({ "text": format!("--assume {} lifts some of its cases", code.lifted_by.join(", --assume ")) });
            }
            rules.push((id, own));
        }
    }
    let index = |id: &str| rules.iter().position(|(known, _)| known == id);
    let mut results = Vec::new();
    for report in reports {
        results.extend(change(report, &index));
        results.extend(
            report
                .refused
                .iter()
                .map(|site| refusal(report, site, &index)),
        );
    }
    let failed: Vec<Value> = reports
        .iter()
        .filter_map(|report| {
            let words = report.error.as_ref()?;
            Some(json!({
                "level": "error",
                "message": { "text": words },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&report.path) } }],
            }))
        })
        .collect();
    let summary = Summary::of(reports);
    Ok(json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tinydancer",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(_, rule)| rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": failed.is_empty(), "toolExecutionNotifications": failed }],
            "results": results,
            "properties": {
                "files": summary.files,
                "filesChanged": summary.changed,
                "sitesChanged": summary.sites_changed,
                "sitesRefused": summary.sites_refused,
                "byCode": summary.codes,
            },
        }],
    }))
}

fn rule(id: &str, words: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": words },
        "defaultConfiguration": { "level": level },
    })
}

fn change(report: &Report, index: &impl Fn(&str) -> Option<usize>) -> Option<Value> {
    let (first, last) = (report.edits.first()?, report.edits.last()?);
    let by: Vec<&str> = report
        .by_transform
        .iter()
        .filter(|own| own.sites_changed > 0)
        .map(|own| own.transform.as_str())
        .collect();
    let rule = by.first()?;
    let words = format!(
        "{} can be changed by {} with the behaviour kept",
        show::count(report.sites_changed, "site"),
        by.join(" and ")
    );
    let region = json!({
        "startLine": first.start_line,
        "startColumn": first.start_column,
        "endLine": last.end_line,
        "endColumn": last.end_column,
    });
    let replacements: Vec<Value> = report
        .edits
        .iter()
        .map(|edit| json!({ "deletedRegion": deleted(edit), "insertedContent": { "text": edit.replacement } }))
        .collect();
    Some(json!({
        "ruleId": rule,
        "ruleIndex": index(rule),
        "level": "warning",
        "message": { "text": words },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact(&report.path), "region": region } }],
        "fixes": [{
            "description": { "text": words },
            "artifactChanges": [{ "artifactLocation": artifact(&report.path), "replacements": replacements }],
        }],
    }))
}

fn deleted(edit: &ShownEdit) -> Value {
    json!({
        "startLine": edit.start_line,
        "startColumn": edit.start_column,
        "endLine": edit.end_line,
        "endColumn": edit.end_column,
    })
}

fn refusal(report: &Report, site: &Refused, index: &impl Fn(&str) -> Option<usize>) -> Value {
    let id = format!("{}/{}", site.transform, site.code);
    json!({
        "ruleId": id,
        "ruleIndex": index(&id),
        "level": "note",
        "message": { "text": site.message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact(&report.path),
            "region": {
                "startLine": site.place.line,
                "startColumn": site.place.column,
                "endLine": site.end_place.line,
                "endColumn": site.end_place.column,
            },
        } }],
        "properties": { "code": site.code, "liftedBy": site.lifted_by },
    })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path) })
}

/// A path as a URI reference: relative ones stay relative, to wherever the reader has the files.
fn uri(path: &str) -> String {
    if path.is_empty() {
        return "stdin".to_owned();
    }
    // Elsewhere it is a character of a name.
    let path = match cfg!(windows) {
        true => path.replace('\\', "/"),
        false => path.to_owned(),
    };
    let path = path.strip_prefix("./").unwrap_or(&path);
    let mut text = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        // The unreserved characters of RFC 3986, and the slash.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        for (path, expected) in [
            ("src/a b.js", "src/a%20b.js"),
            ("./a.js", "a.js"),
            ("/tmp/ü.js", "file:///tmp/%C3%BC.js"),
            ("a:b#c.js", "a%3Ab%23c.js"),
            ("", "stdin"),
        ] {
            assert_eq!(uri(path), expected);
        }
        let of_backslash = if cfg!(windows) { "a/b.js" } else { "a%5Cb.js" };
        assert_eq!(uri("a\\b.js"), of_backslash);
    }
}
