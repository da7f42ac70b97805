//! Whether the words of a sentence wish an edit: what goes, what comes, and which way round.

use super::known::Part;
use super::sites::Sites;
use super::vocabulary::*;

/// Whether what follows is what something becomes.
pub(crate) fn becomes(part: &Part<'_>) -> bool {
    part.is(TO) && !part.is(IN)
}

/// Whether what is called by `from` becomes what is called by `into`, by the order of the words; none where one of them is not there.
fn turns(parts: &[Part<'_>], from: Roles, into: Roles) -> Option<bool> {
    let place = |roles: Roles| parts.iter().position(|part| part.is(roles));
    let (source, target) = (place(from)?, place(into)?);
    let instead = place(INSTEAD).or_else(|| {
        parts[target..]
            .iter()
            .position(|part| part.text == ">")
            .filter(|_| target < source)
            .map(|at| target + at)
    });
    if let Some(instead) = instead {
        let next = parts[instead + 1..]
            .iter()
            .find(|part| part.is(from | into));
        if let Some(next) = next {
            return Some(next.is(from));
        }
    }
    if source < target {
        // "var and let" are two things that something is done to.
        let adjacent = source + 1 == target
            && parts[..source]
                .iter()
                .any(|part| part.is(CHANGE | DO | USE));
        let joined = !adjacent
            && parts[0].text != "s"
            && parts[source + 1..target]
                .iter()
                .all(|part| part.is(AND) || matches!(part.text, "or"));
        return Some(!joined);
    }
    let between = &parts[target + 1..source];
    // "const to var" is the other way; "const for var" and "const please, var is old" are not.
    let back = between.iter().any(|part| {
        part.is(TO)
            && !matches!(
                part.text,
                "for"
                    | "por"
                    | "par"
                    | "per"
                    | "pour"
                    | "in"
                    | "a"
                    | "on"
                    | "im"
                    | "com"
                    | "con"
                    | "w/"
                    | "with"
            )
    });
    let governed = parts[..target]
        .iter()
        .any(|part| part.is(USE | WISH | BE | TO | DO))
        || between
            .iter()
            .any(|part| part.is(WISH | BE | OLD | REMOVE | LINT));
    let verb = parts[target + 1..]
        .first()
        .is_some_and(|next| matches!(next.text, "up" | "these" | "them" | "the"));
    let traded = between
        .iter()
        .any(|part| matches!(part.text, "for" | "por" | "für" | "everywhere" | "wherever"));
    let applied = parts[..target].iter().any(|part| part.text == "apply");
    Some((!back || applied) && (governed || verb || traded))
}

pub(crate) fn asks_for_let(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    if any(NEW | WHICH) && !any(VAR | LET | DECLARATION) {
        return None;
    }
    if refuses(parts, LET) {
        return Some(false);
    }
    if refuses(parts, VAR) && any(LET) {
        return Some(true);
    }
    if any(VAR) && any(LET) {
        return turns(parts, VAR, LET);
    }
    if any(VAR) {
        let place = parts.iter().position(|part| part.is(VAR))?;
        let rule = parts.iter().any(|part| {
            matches!(
                part.text,
                "rule" | "rules" | "regel" | "règle" | "regla" | "regra" | "regola"
            )
        });
        let moves = parts
            .iter()
            .any(|part| part.text.starts_with("mov") || part.text.starts_with("pull"));
        let leads = parts[place + 1..].iter().position(becomes);
        let elsewhere = leads.is_some_and(|at| {
            !parts[place + 1 + at..]
                .iter()
                .take(4)
                .any(|part| part.is(PLACE))
        });
        if elsewhere || moves || rule && any(REMOVE | CHANGE) {
            return Some(false);
        }
        let goes = refuses(parts, VAR)
            || any(REMOVE | MODERNISE | DO | LINT | OLD)
            || any(NEW) && any(INSTEAD)
            || any(CHANGE);
        return goes.then_some(true);
    }
    if any(LET) {
        if parts
            .iter()
            .position(|part| part.is(INSTEAD))
            .is_some_and(|at| parts[at..].iter().any(|part| part.is(LET)))
        {
            return Some(false);
        }
        let first = parts.iter().position(|part| part.is(LET))?;
        // "The lets should be const" is of no var.
        let onwards = parts[first].text.starts_with("let")
            && parts[first + 1..]
                .iter()
                .skip_while(|part| part.is(FILL) && !part.is(BE | TO))
                .take(2)
                .any(|part| part.is(BE | TO) || part.is(WISH))
            && parts[first + 1..]
                .iter()
                .any(|part| part.text.starts_with("const"));
        let back = onwards
            || parts[first + 1..]
                .iter()
                .position(|part| becomes(part) && !part.is(WHICH | BE))
                .is_some_and(|at| parts[first + 1 + at..].iter().any(|part| part.is(LET)));
        let verb = parts[first + 1..]
            .first()
            .is_some_and(|next| matches!(next.text, "up" | "these" | "them" | "ify"));
        let wished = verb
            || parts[..first]
                .iter()
                .any(|part| part.is(USE | TO | BE | WISH | DO))
            || any(WISH | MODERNISE);
        return if back {
            Some(false)
        } else {
            (wished && sites.var()).then_some(true)
        };
    }
    (any(MODERNISE) || any(NEW) || any(OLD) && any(CHANGE | REMOVE | DO)).then_some(sites.var())
}

pub(crate) fn asks_for_arrows(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let signs = parts.iter().filter(|part| part.text == "=>").count();
    // An arrow of text is the new form where no word names it.
    let named = any(ARROW);
    let last_sign = parts.iter().rposition(|part| part.text == "=>");
    let marked: Vec<Part<'_>> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| Part {
            roles: if !named && signs > 0 && Some(at) == last_sign {
                ARROW
            } else {
                part.roles
            },
            ..*part
        })
        .collect();
    let parts = &marked[..];
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    if parts
        .iter()
        .any(|part| part.is(DECLARATION) && !part.is(LOG) && !part.text.contains("keyword"))
    {
        return Some(false);
    }
    if !any(ARROW) {
        let goes = any(FUNCTION)
            && parts.iter().any(|part| part.text.contains("keyword"))
            && (any(REMOVE) || parts.iter().any(|part| part.text == "go"));
        let brought = any(FUNCTION)
            && any(MODERNISE)
            && parts.iter().any(|part| {
                matches!(
                    part.text,
                    "syntax" | "notation" | "function expressions" | "function expression"
                )
            });
        return if goes || brought {
            Some(sites.function())
        } else {
            None
        };
    }
    if refuses(parts, ARROW) {
        return Some(false);
    }
    if any(FUNCTION | CALLBACK)
        && !parts
            .iter()
            .all(|part| !part.is(FUNCTION | CALLBACK) || part.is(PLACE))
    {
        return turns(parts, FUNCTION | CALLBACK, ARROW).map(|turned| {
            let place = |roles: Roles| parts.iter().position(|part| part.is(roles));
            let after = place(ARROW) < place(FUNCTION | CALLBACK);
            turned || after && !parts.iter().any(becomes) && !any(FUNCTION | CHANGE | REMOVE)
        });
    }
    let first = parts.iter().position(|part| part.is(ARROW))?;
    let governed = parts[..first]
        .iter()
        .any(|part| part.is(USE | TO | BE | WISH | NEW))
        || any(WISH | LINT)
        || !any(CHANGE | REMOVE);
    let further = parts[first + 1..]
        .iter()
        .position(|part| becomes(part) && !matches!(part.text, "by" | "with" | "w"));
    let elsewhere =
        further.is_some_and(|at| !parts[first + 1 + at..].iter().any(|part| part.is(PLACE)));
    let rule = parts[first].text.starts_with("prefer arrow");
    Some(governed && (sites.function() || rule) && !elsewhere)
}

pub(crate) fn asks_for_silence(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let elsewhere = parts
        .iter()
        .any(|part| matches!(part.text, "print" | "output" | "write" | "show" | "send"))
        && any(TO);
    let removes = any(REMOVE) || !elsewhere && refuses(parts, CONSOLE | LOG);
    if !removes {
        return None;
    }
    Some(
        (any(CONSOLE) || sites.console())
            && !parts
                .iter()
                .any(|part| part.is(CHANGE) && !part.is(REMOVE | FILL | DO))
            && !selects(parts, sites),
    )
}

/// Whether only some of the console's methods are named where the code has others.
fn selects(parts: &[Part<'_>], sites: &Sites<'_>) -> bool {
    const METHODS: [&str; 7] = ["log", "debug", "info", "warn", "error", "trace", "table"];
    let mut named = parts
        .iter()
        .filter_map(|part| part.text.strip_prefix("console."))
        .map(|method| method.trim_end_matches('s'))
        .peekable();
    if named.peek().is_none() {
        return false;
    }
    let also = |method: &str| {
        parts
            .iter()
            .any(|part| part.text.trim_end_matches('s') == method)
    };
    let only = parts.iter().any(|part| part.is(ONLY));
    let named: Vec<&str> = named.collect();
    // "console.log" is what people call all of them.
    let all = named.contains(&"*")
        || named.contains(&"log") && !only
        || named.contains(&"log()") && !only;
    let has = |method: &str| sites.hold(&format!("console.{method}"));
    !all && METHODS
        .iter()
        .any(|method| has(method) && !named.contains(method) && !also(method))
}

/// Whether a denial stands right before one of these things.
fn refuses(parts: &[Part<'_>], things: Roles) -> bool {
    parts.iter().enumerate().any(|(at, part)| {
        part.is(NO | NOT)
            && parts[at + 1..]
                .iter()
                .take(4)
                .find(|part| part.is(THINGS) || becomes(part))
                .is_some_and(|part| part.is(things))
    })
}
