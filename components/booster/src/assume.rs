//! What a text cannot show and a caller can vouch for.

use crate::{AssumptionInfo, Options, Refusal};

/// Something that is taken for true because the caller says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assumption {
    /// Top-level names are the file's own.
    Module,
    /// No import cycle leads back to the file.
    NoImportCycles,
    /// Functions run only when what they use is there.
    InitialisedBeforeUse,
    /// Whoever is given a function only calls it.
    PlainCalls,
    /// Methods with the names of the language's own only call what they are given.
    FamiliarMethods,
    /// Nobody looks at the names of functions.
    FunctionNamesUnread,
    /// Formatting a value for the console runs no code of the program's.
    ConsoleFormattingIsPure,
    /// Reading a property does nothing else, and the value is there.
    GettersArePure,
    /// Making a string or a number of a value does nothing else.
    ConversionsArePure,
    /// Reports of errors are as dispensable as any other.
    ErrorsMayGo,
}

/// An assumption, its name, the promise in words, and whether it holds unless it is withdrawn.
type Row = (Assumption, &'static str, &'static str, bool);

/// Every assumption, in the order of the variants.
const ALL: [Row; 10] = [
    (
        Assumption::Module,
        "module",
        "the file is a module of some kind (ES, CommonJS, or bundled as one), so no other script reads or writes its top-level names",
        false,
    ),
    (
        Assumption::NoImportCycles,
        "no-import-cycles",
        "no module that this file imports leads back to it, so nobody sees its exports before it has run",
        false,
    ),
    (
        Assumption::InitialisedBeforeUse,
        "initialised-before-use",
        "no function runs before the variables that it uses have been initialised",
        false,
    ),
    (
        Assumption::PlainCalls,
        "plain-calls",
        "whoever is handed a function only calls it: never with `new`, and without looking at its `prototype` or its source text",
        false,
    ),
    (
        Assumption::FamiliarMethods,
        "familiar-methods",
        "a method that is named like one of the language's that take a callback (`forEach`, `map`, `replace`, `then` and their kin) only calls it, whatever object it is a method of",
        false,
    ),
    (
        Assumption::FunctionNamesUnread,
        "function-names-unread",
        "nothing depends on the `name` of a function",
        false,
    ),
    (
        Assumption::ConsoleFormattingIsPure,
        "console-formatting-is-pure",
        "showing a value on the console does not fail, and runs no code of the program that matters: no `toString`, `toJSON` or inspector with effects",
        true,
    ),
    (
        Assumption::GettersArePure,
        "getters-are-pure",
        "reading a property has no effect and does not fail: the value that it is read from is there",
        false,
    ),
    (
        Assumption::ConversionsArePure,
        "conversions-are-pure",
        "operators and templates that make a string or a number of a value have no effect and do not fail: no `toString` or `valueOf` that matters, no symbol",
        false,
    ),
    (
        Assumption::ErrorsMayGo,
        "errors-may-go",
        "`console.error`, `console.warn` and `console.assert` are as dispensable as `console.log`",
        false,
    ),
];

impl Assumption {
    /// Its name, as callers write it.
    pub(crate) fn name(self) -> &'static str {
        ALL[self as usize].1
    }
}

/// What is known of every assumption.
pub(crate) fn infos() -> Vec<AssumptionInfo> {
    let info = |&(_, name, promise, granted_by_default): &Row| AssumptionInfo {
        name: name.to_owned(),
        promise: promise.to_owned(),
        granted_by_default,
    };
    ALL.iter().map(info).collect()
}

/// The assumptions that hold for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted(u32);

impl Granted {
    /// What the caller grants beside the defaults, and what it withdraws of both.
    ///
    /// # Errors
    /// A name that is no assumption's.
    pub(crate) fn by(options: &Options) -> Result<Granted, Refusal> {
        let mut granted = 0;
        for &(assumption, _, _, by_default) in &ALL {
            granted |= u32::from(by_default) << assumption as u32;
        }
        for name in &options.assumptions {
            granted |= 1 << named(name)? as u32;
        }
        for name in &options.withdrawn {
            granted &= !(1 << named(name)? as u32);
        }
        Ok(Granted(granted))
    }

    pub(crate) fn has(self, assumption: Assumption) -> bool {
        self.0 & 1 << assumption as u32 != 0
    }
}

fn named(name: &str) -> Result<Assumption, Refusal> {
    let row = ALL.iter().find(|(_, known, ..)| *known == name);
    row.map(|row| row.0)
        .ok_or_else(|| Refusal::UnknownAssumption(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumption_stands_in_its_own_row() {
        for (place, row) in ALL.iter().enumerate() {
            assert_eq!(row.0 as usize, place);
            assert_eq!(named(row.1), Ok(row.0));
        }
    }

    #[test]
    fn what_is_withdrawn_does_not_hold_even_where_it_is_granted() {
        let options = |assumptions: &[&str], withdrawn: &[&str]| Options {
            assumptions: assumptions.iter().map(|&name| name.to_owned()).collect(),
            withdrawn: withdrawn.iter().map(|&name| name.to_owned()).collect(),
        };
        let pure = "console-formatting-is-pure";
        let granted = |options| Granted::by(&options).unwrap();
        assert!(granted(options(&[], &[])).has(Assumption::ConsoleFormattingIsPure));
        assert!(!granted(options(&[pure], &[pure])).has(Assumption::ConsoleFormattingIsPure));
        assert!(granted(options(&["module"], &[])).has(Assumption::Module));
        assert!(!granted(options(&[], &[])).has(Assumption::Module));
        assert_eq!(
            Granted::by(&options(&[], &["modul"])).map(|_| ()),
            Err(Refusal::UnknownAssumption("modul".to_owned()))
        );
    }
}
