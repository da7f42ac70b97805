//! What transforms there are, what their refusal codes mean and what can be vouched for.

use serde_json::{Value, json};

use super::super::{Exit, Problem, report, show};
use super::transforms;
use crate::Error;
use crate::runtime::{Name, Runtime};
use crate::wit::{AssumptionInfo, CodeInfo, TransformInfo};

pub(super) fn list(runtime: &Runtime, as_json: bool) -> Result<Exit, Problem> {
    let transforms = transforms(runtime)?;
    let assumptions = assumptions(runtime)?;
    if as_json {
        return document(&json!({
            "transforms": transforms.iter().map(transform_value).collect::<Vec<_>>(),
            "assumptions": assumptions.iter().map(assumption_value).collect::<Vec<_>>(),
        }));
    }
    let mut text = String::new();
    for info in &transforms {
        text.push_str(&format!(
            "{}\n  {}\n  takes .{}\n",
            show::bold(&info.name),
            info.summary,
            info.extensions.join(", .")
        ));
        let width = info.codes.iter().map(|code| code.code.len()).max();
        for code in &info.codes {
            let lifted: String = code
                .lifted_by
                .iter()
                .map(|name| format!(" [--assume {name}]"))
                .collect();
            text.push_str(&format!(
                "    {:width$}  {}{lifted}\n",
                code.code,
                code.summary,
                width = width.unwrap_or(0)
            ));
        }
    }
    text.push_str(&format!("{}\n", show::bold("assumptions")));
    for info in &assumptions {
        text.push_str(&format!("  {}\n", assumption_words(info)));
    }
    print(&text)
}

/// What can be vouched for.
pub(super) fn assumptions(runtime: &Runtime) -> Result<Vec<AssumptionInfo>, Error> {
    let asked = runtime.assumptions();
    Ok(asked.map_err(|fault| runtime.failed(Name::Booster, fault))?)
}

/// Says what a code means in each transform that has it, or what an assumption promises and lifts.
pub(super) fn explain(runtime: &Runtime, code: &str, as_json: bool) -> Result<Exit, Problem> {
    let transforms = transforms(runtime)?;
    let assumptions = assumptions(runtime)?;
    let all = || {
        transforms
            .iter()
            .flat_map(|info| info.codes.iter().map(move |code| (info, code)))
    };
    let meant: Vec<(&TransformInfo, &CodeInfo)> =
        all().filter(|(_, own)| own.code == code).collect();
    let assumption = assumptions.iter().find(|info| info.name == code);
    let lifts: Vec<(&TransformInfo, &CodeInfo)> = match assumption {
        Some(info) => all()
            .filter(|(_, own)| own.lifted_by.contains(&info.name))
            .collect(),
        None => Vec::new(),
    };
    if meant.is_empty() && assumption.is_none() {
        let mut codes: Vec<&str> = all().map(|(_, own)| own.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        return Err(Problem::Input(format!(
            "there is no refusal code or assumption `{code}`; the codes are {}",
            codes.join(", ")
        )));
    }
    let lifting = |own: &CodeInfo| -> Vec<&AssumptionInfo> {
        assumptions
            .iter()
            .filter(|info| own.lifted_by.contains(&info.name))
            .collect()
    };
    if as_json {
        return document(&json!({
            "codes": meant.iter().map(|(info, own)| json!({
                "transform": info.name,
                "code": own.code,
                "summary": own.summary,
                "liftedBy": lifting(own).into_iter().map(assumption_value).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "assumption": assumption.map(|info| {
                let mut value = assumption_value(info);
                value["lifts"] = lifts.iter().map(|(info, own)| json!({ "transform": info.name, "code": own.code })).collect();
                value
            }),
        }));
    }
    let mut text = String::new();
    for (info, own) in &meant {
        text.push_str(&format!(
            "{}, {}\n  {}\n",
            show::bold(&own.code),
            info.name,
            own.summary
        ));
        match lifting(own).as_slice() {
            [] => text.push_str("  nothing that a caller could vouch for lifts it\n"),
            lifting => {
                text.push_str("  in some of its cases it is lifted by\n");
                for info in lifting {
                    text.push_str(&format!("    --assume {}\n", assumption_words(info)));
                }
            }
        }
    }
    if let Some(info) = assumption {
        text.push_str(&format!("{}\n  lifts\n", assumption_words(info)));
        for (info, own) in &lifts {
            text.push_str(&format!(
                "    {}: {}: {}\n",
                info.name, own.code, own.summary
            ));
        }
    }
    print(&text)
}

/// `module: the promise (granted by default; --no-assume module withdraws it)`
fn assumption_words(info: &AssumptionInfo) -> String {
    let default = if info.granted_by_default {
        format!(
            " (granted by default; --no-assume {} withdraws it)",
            info.name
        )
    } else {
        String::new()
    };
    format!("{}: {}{default}", show::bold(&info.name), info.promise)
}

fn assumption_value(info: &AssumptionInfo) -> Value {
    json!({ "name": info.name, "promise": info.promise, "grantedByDefault": info.granted_by_default })
}

fn transform_value(info: &TransformInfo) -> Value {
    let codes: Vec<_> = info
        .codes
        .iter()
        .map(|code| json!({ "code": code.code, "summary": code.summary, "liftedBy": code.lifted_by }))
        .collect();
    json!({ "name": info.name, "summary": info.summary, "extensions": info.extensions, "codes": codes })
}

fn document(value: &Value) -> Result<Exit, Problem> {
    report::print_json(value).map(|()| Exit::Done)
}

fn print(text: &str) -> Result<Exit, Problem> {
    report::print(text).map(|()| Exit::Done)
}
