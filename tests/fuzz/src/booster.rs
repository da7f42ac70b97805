//! What must hold for any source text, however it is read and whatever is vouched for.

use std::sync::LazyLock;

use tinydancer_booster::{
    AssumptionInfo, Dialect, Opportunity, Options, Refusal, SourceFile, TransformInfo,
    Transformation, assumptions, detect, transform, transforms,
};

static TRANSFORMS: LazyLock<Vec<TransformInfo>> = LazyLock::new(transforms);
static ASSUMPTIONS: LazyLock<Vec<AssumptionInfo>> = LazyLock::new(assumptions);

/// How a text is read.
#[derive(Debug)]
pub struct Way {
    path: &'static str,
    module: Option<bool>,
    dialect: Option<Dialect>,
}

impl Way {
    const fn of(path: &'static str, module: Option<bool>) -> Way {
        Way {
            path,
            module,
            dialect: None,
        }
    }

    /// Whether types may stand in the text.
    pub fn is_typed(&self) -> bool {
        self.path.ends_with("ts")
    }

    /// Whether the text is a CommonJS module whatever stands in it.
    pub fn is_common_js(&self) -> bool {
        self.path.starts_with("a.c")
    }

    /// Whether the text is an ES module whatever stands in it.
    pub fn is_es(&self) -> bool {
        self.path.starts_with("a.m")
    }

    fn file(&self, text: &str) -> SourceFile {
        SourceFile {
            path: self.path.to_owned(),
            text: text.to_owned(),
            module: self.module,
            dialect: self.dialect,
        }
    }
}

/// The ways that JavaScript can be read, without JSX where types are; the first ones are the usual ones.
pub const WAYS: [Way; 7] = [
    Way::of("a.js", Some(true)),
    Way::of("a.js", None),
    Way::of("a.mjs", None),
    Way::of("a.cjs", None),
    Way::of("a.js", Some(false)),
    Way::of("a.ts", Some(true)),
    Way::of("a.mts", None),
];

/// Further ways, for texts that need not parse.
pub const ODD_WAYS: [Way; 5] = [
    Way::of("a.tsx", Some(true)),
    Way::of("a.cts", None),
    Way::of("a.d.ts", None),
    Way {
        dialect: Some(Dialect::Typescript),
        ..Way::of("", None)
    },
    Way::of("a.py", None),
];

/// What is vouched for: nothing, everything, less than by default, or one thing.
pub fn options(choice: usize) -> Options {
    let names = || ASSUMPTIONS.iter().map(|info| info.name.clone());
    let (assumptions, withdrawn) = match choice % (ASSUMPTIONS.len() + 3) {
        0 => (vec![], vec![]),
        1 => (names().collect(), vec![]),
        2 => (vec![], names().collect()),
        one => (names().skip(one - 3).take(1).collect(), vec![]),
    };
    Options {
        assumptions,
        withdrawn,
    }
}

/// What each transform does alone, in the order of the transforms; none when the text is refused as a whole.
pub type Alone = Option<Vec<Transformation>>;

/// Tries every transform alone and all of them together.
///
/// # Panics
/// Something does not hold.
pub fn check(text: &str, way: &Way, options: &Options) -> Alone {
    let file = way.file(text);
    let all: Vec<String> = TRANSFORMS.iter().map(|info| info.name.clone()).collect();
    let found = detect(&file, options);
    let backwards: Vec<String> = all.iter().chain(&all).rev().cloned().collect();
    let together = transform(&file, &all, options);
    assert_eq!(
        together,
        transform(&file, &backwards, options),
        "order matters, or the run"
    );
    let found = match found {
        Ok(found) => found,
        Err(refusal) => {
            is_no_fault(&refusal);
            for names in [&all[..], &all[..1], &all[1..2], &all[2..]] {
                let refused = transform(&file, names, options);
                assert_eq!(refused.as_ref(), Err(&refusal), "{names:?}");
            }
            return None;
        }
    };
    let mut alone = Vec::new();
    for name in &all {
        let only = std::slice::from_ref(name);
        let done = match transform(&file, only, options) {
            Ok(done) => done,
            // An arrow counts as a level more than what it replaces.
            Err(Refusal::TooDeep(_)) if name == "func-to-arrow" => return None,
            Err(refusal) => {
                panic!(
                    "what is detected can be done: {name}, {way:?}, {options:?}: {refusal:?}:\n{text}"
                )
            }
        };
        let own: Vec<&Opportunity> = found.iter().filter(|one| &one.transform == name).collect();
        // `detect` looks once; where a `.bind(this)` goes, or what a call of the console has for arguments, more may be changed than it saw.
        let may_free = match name.as_str() {
            "func-to-arrow" => text.contains("bind"),
            "remove-console" => text.matches("console").count() > 1,
            _ => false,
        };
        let changed = |one: &Opportunity| (one.sites_changed, one.sites_refused);
        let saw = own.first().map_or((0, 0), |one| changed(one));
        let did = done.by_transform.first().map_or((0, 0), changed);
        if !may_free || did.0 <= saw.0 {
            assert_eq!(done.by_transform.iter().collect::<Vec<_>>(), own, "{name}");
        } else {
            assert!(saw.0 > 0 && did.1 < saw.1, "{name} {saw:?} {did:?}");
        }
        is_sound(text, &done, only, options);
        is_settled(text, &done, way, only, options);
        alone.push(done);
    }
    let together = together.expect("what is done alone can be done together");
    is_sound(text, &together, &all, options);
    is_settled(text, &together, way, &all, options);
    Some(alone)
}

/// A refusal is about the text, never about a transform.
fn is_no_fault(refusal: &Refusal) {
    assert!(
        !matches!(
            refusal,
            Refusal::Internal(_) | Refusal::UnknownTransform(_) | Refusal::UnknownAssumption(_)
        ),
        "{refusal:?}"
    );
}

/// An answer agrees with itself and with the text.
fn is_sound(text: &str, done: &Transformation, names: &[String], options: &Options) {
    let mut from = 0;
    let mut edited = String::new();
    for edit in &done.edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        assert!(from <= start && start <= end, "edits ascend: {done:?}");
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
        edited += &text[from..start];
        edited += &edit.replacement;
        from = end;
    }
    edited += &text[from..];
    assert_eq!(edited, done.text, "the edits lead to the text");
    assert_eq!(done.sites_changed == 0, done.edits.is_empty(), "{done:?}");
    assert_eq!(done.edits.is_empty(), text == done.text, "{done:?}");

    let refused = u32::try_from(done.sites_refused.len()).unwrap();
    is_share(done.confidence, done.sites_changed, refused);
    let mut expected = names
        .iter()
        .filter(|name| done.by_transform.iter().any(|one| one.transform == **name));
    for one in &done.by_transform {
        assert_eq!(Some(&one.transform), expected.next(), "each once, in order");
        let own = |site: &&_| {
            let site: &tinydancer_booster::RefusedSite = site;
            site.transform == one.transform
        };
        let refused = done.sites_refused.iter().filter(own).count();
        assert_eq!(one.sites_refused as usize, refused, "{done:?}");
        is_share(one.confidence, one.sites_changed, one.sites_refused);
    }
    let sum = |of: fn(&Opportunity) -> u32| done.by_transform.iter().map(of).sum::<u32>();
    assert_eq!(sum(|one| one.sites_changed), done.sites_changed);
    assert_eq!(sum(|one| one.sites_refused), refused);

    let mut last = 0;
    for site in &done.sites_refused {
        let (start, end) = (site.span.start as usize, site.span.end as usize);
        assert!(last <= start, "in the order of the text: {done:?}");
        last = start;
        assert!(text.get(start..end).is_some_and(|own| !own.is_empty()));
        let info = TRANSFORMS.iter().find(|info| info.name == site.transform);
        let code = info.and_then(|info| info.codes.iter().find(|code| code.code == site.code));
        let code = code.expect("a code of the transform's");
        assert!(!site.message.is_empty());
        if let Some(by) = &site.lifted_by {
            assert!(code.lifted_by.contains(by), "{site:?}");
            assert!(!is_granted(by, options), "{site:?} is granted");
        }
    }
}

fn is_granted(name: &String, options: &Options) -> bool {
    let by_default = ASSUMPTIONS
        .iter()
        .any(|info| info.name == *name && info.granted_by_default);
    (by_default || options.assumptions.contains(name)) && !options.withdrawn.contains(name)
}

fn is_share(confidence: f32, changed: u32, refused: u32) {
    let sites = f64::from(changed) + f64::from(refused);
    let share = f64::from(changed) / sites.max(1.0);
    assert_eq!(confidence, share as f32, "{changed} and {refused}");
}

/// A result parses, and a second run changes nothing.
fn is_settled(text: &str, done: &Transformation, way: &Way, names: &[String], options: &Options) {
    if done.edits.is_empty() {
        return;
    }
    let again = match transform(&way.file(&done.text), names, options) {
        Ok(again) => again,
        Err(refusal) => panic!(
            "{names:?}, read as {way:?} with {options:?}: {refusal:?}:\n{text}\nto:\n{}",
            done.text
        ),
    };
    assert!(
        again.edits.is_empty() && again.text == done.text,
        "{names:?}, read as {way:?} with {options:?}:\n{text}\nonce:\n{}\ntwice:\n{}",
        done.text,
        again.text
    );
}
