//! Which edit the words of a sentence ask for, by what stands before what.

use super::known::Part;
use super::sites::Sites;
use super::vocabulary::*;
use super::{Edit, Said};

/// What the clauses that promise nothing ask for, taken together.
pub(crate) fn judge(parts: &[Part<'_>], sites: &Sites<'_>) -> Said {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let wishes = parts.iter().fold(0, |wishes, part| {
        wishes | part.roles & (REMOVE | CHANGE | MODERNISE | DO | USE)
    });
    let is_place = |at: usize| {
        parts[..at]
            .iter()
            .rev()
            .take(3)
            .any(|part| part.is(IN) && part.text != "for")
    };
    let mut strong = Edit::ALL.into_iter().filter(|edit| {
        (0..parts.len())
            .any(|at| parts[at].is(edit.strong()) && !(parts[at].is(FUNCTION) && is_place(at)))
    });
    let edit = match (strong.next(), strong.next()) {
        (Some(edit), None) => edit,
        (Some(_), Some(_)) => return Said::More,
        (None, _) => {
            let mut weak = Edit::ALL.into_iter().filter(|edit| any(edit.weak()));
            match (weak.next(), weak.next()) {
                (None, _)
                    if sites.function()
                        && any(USE | BE | WISH)
                        && parts.iter().any(|part| part.text == "=>") =>
                {
                    Edit::Arrow
                }
                (None, _)
                    if wishes != 0
                        && parts.iter().any(|part| {
                            part.is(KEPT) && !part.is(FILL | WHICH | LINT | IN | PLACE)
                        }) =>
                {
                    return Said::More;
                }
                (None, _) => return Said::Nothing(wishes),
                (Some(edit), None) => edit,
                // "statements" are of two.
                (Some(Edit::Var), Some(Edit::Console)) => Edit::Console,
                _ => return Said::More,
            }
        }
    };
    // "Both functions": all of the code.
    if parts
        .iter()
        .all(|part| part.is(FUNCTION | CALLBACK | FILL | AND))
        && !parts.iter().any(|part| part.text == "=>")
    {
        return Said::Nothing(0);
    }
    // A thing of another edit may only be where the edit's own things are.
    let foreign = Edit::ALL
        .into_iter()
        .filter(|other| *other != edit)
        .fold(0, |all, other| all | other.strong() | other.weak());
    if (0..parts.len()).any(|at| {
        parts[at].is(foreign)
            && !parts[at].is(edit.strong() | edit.weak() | FILL | WISH)
            && !is_place(at)
    }) {
        return Said::More;
    }
    let belongs = |part: &Part<'_>| {
        part.text.ends_with(" be")
            && (part.text.contains("not")
                || part.text.contains("n't")
                || part.text.contains("never"))
    };
    if parts
        .windows(2)
        .any(|pair| belongs(&pair[0]) && pair[1].is(REMOVE | CHANGE))
    {
        return Said::More;
    }
    // A condition is one, unless it tells which declarations become what.
    let which = edit == Edit::Var && any(LET) && any(WHICH);
    if !which
        && parts
            .iter()
            .any(|part| part.is(WHERE | WHICH) && part.roles & !(WHERE | WHICH | REST) == 0)
    {
        return Said::More;
    }
    let holds_code = |part: &Part<'_>| {
        matches!(
            part.text,
            "exports"
                | "imports"
                | "methods"
                | "object"
                | "objects"
                | "props"
                | "properties"
                | "interface"
        )
    };
    if parts
        .iter()
        .any(|part| part.is(TOUCH) && !part.is(CHANGE | WHICH | KEPT | FILL | DO))
    {
        return Said::More;
    }
    // "remove this file and the calls" has two objects.
    let acts_on_place = parts.windows(3).any(|three| {
        three[0].is(REMOVE | CHANGE)
            && three[1].is(FILL | PLACE)
            && !three[1].is(IN)
            && (three[1].is(PLACE) && three[2].is(AND) || three[2].is(PLACE) && !three[2].is(FILL))
    });
    if acts_on_place && parts.iter().any(|part| part.is(AND)) {
        return Said::More;
    }
    if parts.iter().enumerate().any(|(at, part)| {
        part.is(KEPT)
            && !part.is(FILL | WHICH | LINT | IN | PLACE)
            && !(is_place(at) && holds_code(part))
    }) {
        return Said::More;
    }
    let wished = match edit {
        Edit::Var => asks_for_let(parts, sites),
        Edit::Arrow => asks_for_arrows(parts, sites),
        Edit::Console => asks_for_silence(parts, sites),
    };
    match wished {
        Some(true) => Said::Asks(edit),
        None if !any(CHANGE | REMOVE | MODERNISE)
            && (edit == Edit::Console
                || !parts.iter().any(|part| {
                    becomes(part)
                        && !matches!(
                            part.text,
                            "by" | "with" | "w" | "mit" | "avec" | "con" | "com"
                        )
                })) =>
        {
            Said::Names(edit)
        }
        _ => Said::More,
    }
}

/// Whether what follows is what something becomes.
fn becomes(part: &Part<'_>) -> bool {
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

fn asks_for_let(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
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
        let back = parts[first + 1..]
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

fn asks_for_arrows(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
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

fn asks_for_silence(parts: &[Part<'_>], sites: &Sites<'_>) -> Option<bool> {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let removes = any(REMOVE) || refuses(parts, CONSOLE | LOG);
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
