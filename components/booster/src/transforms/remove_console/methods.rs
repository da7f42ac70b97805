//! The methods of the console standard (<https://console.spec.whatwg.org/>), which every host has.

/// What a method is like.
#[derive(Clone, Copy)]
pub(super) struct Method {
    pub(super) name: &'static str,
    /// It reports that something went wrong.
    pub(super) is_report: bool,
    /// The calls that it goes together with.
    pub(super) family: Option<Family>,
    /// The argument that is made a string before anything is printed, which fails for a symbol.
    pub(super) converted: Option<usize>,
}

/// Methods that only make sense together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Count,
    Group,
    Time,
}

const fn plain(name: &'static str) -> Method {
    Method {
        name,
        is_report: false,
        family: None,
        converted: None,
    }
}

const fn report(name: &'static str) -> Method {
    Method {
        is_report: true,
        ..plain(name)
    }
}

/// A method whose first argument is a label.
const fn labelled(name: &'static str, family: Family) -> Method {
    Method {
        family: Some(family),
        converted: Some(0),
        ..plain(name)
    }
}

const fn grouping(name: &'static str) -> Method {
    Method {
        family: Some(Family::Group),
        ..plain(name)
    }
}

const ALL: [Method; 19] = [
    Method {
        converted: Some(1),
        ..report("assert")
    },
    plain("clear"),
    plain("debug"),
    report("error"),
    plain("info"),
    plain("log"),
    plain("table"),
    plain("trace"),
    report("warn"),
    plain("dir"),
    plain("dirxml"),
    labelled("count", Family::Count),
    labelled("countReset", Family::Count),
    grouping("group"),
    grouping("groupCollapsed"),
    grouping("groupEnd"),
    labelled("time", Family::Time),
    labelled("timeLog", Family::Time),
    labelled("timeEnd", Family::Time),
];

/// The method of a name.
pub(super) fn named(name: &str) -> Option<Method> {
    ALL.into_iter().find(|method| method.name == name)
}
