//! The components against their contract: what they import and export, and that wasm and native give the same bytes.

#[path = "support/shapes.rs"]
mod shapes;
mod support;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use support::{Misbehaviour, misbehaving};
use tinydancer::runtime::{BoosterError, ComponentError, Name, Runtime, RuntimeConfig};
use tinydancer::wit::{Limits, Options, Refusal, Settings, SourceFile};

fn runtime() -> Runtime {
    Runtime::new(RuntimeConfig::default()).expect("the embedded components load")
}

fn file(text: &str) -> SourceFile {
    SourceFile {
        path: String::new(),
        text: text.into(),
        module: Some(true),
        dialect: None,
    }
}

fn only(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

fn none() -> Options {
    Options {
        assumptions: vec![],
        withdrawn: vec![],
    }
}

#[test]
fn each_component_imports_no_function_and_exports_its_world_type_by_type() {
    for component in runtime().components().unwrap() {
        let decoded = wit_component::decode(&component.wasm).expect("it is a component");
        let resolve = decoded.resolve();
        let (_, world) = resolve
            .worlds
            .iter()
            .next()
            .expect("a component has a world");
        for (key, item) in &world.imports {
            let wit_parser::WorldItem::Interface { id, .. } = item else {
                panic!("{}: {key:?} is imported", component.name)
            };
            let interface = &resolve.interfaces[*id];
            assert_eq!(
                interface.name.as_deref(),
                Some("types"),
                "{}",
                component.name
            );
            assert!(
                interface.functions.is_empty(),
                "{}: {:?}",
                component.name,
                interface.functions.keys()
            );
        }
        let exports: Vec<_> = world.exports.values().collect();
        let [wit_parser::WorldItem::Interface { id, .. }] = exports.as_slice() else {
            panic!("one interface is exported")
        };
        let exported = &resolve.interfaces[*id];
        assert_eq!(exported.name.as_deref(), Some(component.name.as_str()));

        let mut contract = wit_parser::Resolve::default();
        let (contract_package, _) = contract
            .push_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("wit"))
            .unwrap();
        let declared = contract.packages[contract_package].interfaces[component.name.as_str()];
        let functions = shapes::functions(resolve, exported);
        assert_eq!(
            functions,
            shapes::functions(&contract, &contract.interfaces[declared]),
            "{}",
            component.name
        );

        // What is exported beside the component is a document of its own, of this package, with the comments and the same interface.
        let mut written = wit_parser::Resolve::default();
        let package = written.push_str("contract.wit", component.wit).unwrap();
        let package = &written.packages[package];
        assert_eq!(
            package.name.to_string(),
            contract.packages[contract_package].name.to_string()
        );
        let world =
            &written.worlds[package.worlds[format!("{}-component", component.name).as_str()]];
        assert!(world.docs.contents.is_some());
        let interface = &written.interfaces[package.interfaces[component.name.as_str()]];
        assert_eq!(
            functions,
            shapes::functions(&written, interface),
            "{}",
            component.name
        );
        assert!(
            interface
                .functions
                .values()
                .all(|function| function.docs.contents.is_some())
        );
    }
}

#[test]
fn an_interface_with_another_type_deep_within_is_told_from_the_contracts() {
    let components = runtime().components().unwrap();
    let functions = |name: Name, from: &str, to: &str| {
        let wit = components.iter().find(|own| own.name == name).unwrap().wit;
        assert!(wit.contains(from), "{from}");
        let mut resolve = wit_parser::Resolve::default();
        let wit = wit.replacen(from, to, 1);
        let package = resolve.push_str("contract.wit", &wit).unwrap();
        let interface = resolve.packages[package].interfaces[name.as_str()];
        shapes::functions(&resolve, &resolve.interfaces[interface])
    };
    for (name, from, to) in [
        (Name::Classifier, "type tier = u8", "type tier = u8"),
        (Name::Classifier, "file-count: u32", "file-count: u64"),
        (
            Name::Classifier,
            "history: list<message>",
            "history: option<message>",
        ),
        (Name::Router, "type tier = u8", "type tier = u16"),
        (Name::Router, "quality-target: f32", "quality-goal: f32"),
        (
            Name::Router,
            "tier-unavailable(tier)",
            "tier-unavailable(u32)",
        ),
        (Name::Router, "-> list<u8>", "-> list<s8>"),
        (Name::Booster, "internal(string)", "internal"),
    ] {
        let same = functions(name, from, from) == functions(name, from, to);
        assert_eq!(same, from == to, "{to}");
    }
}

#[test]
fn what_stands_in_no_ones_way_is_the_same_for_the_host_and_the_router() {
    let router = tinydancer_router::Limits::default();
    assert_eq!(format!("{router:?}"), format!("{:?}", Limits::default()));
}

#[test]
fn real_files_come_out_of_wasm_as_they_do_natively() {
    let runtime = runtime();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/packages");
    let mut seen = 0;
    for package in std::fs::read_dir(root).unwrap() {
        for entry in std::fs::read_dir(package.unwrap().path())
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "js")
            {
                same_as_native(&runtime, &std::fs::read_to_string(entry.path()).unwrap());
                seen += 1;
            }
        }
    }
    assert!(seen >= 7, "the fixtures are there");
}

fn same_as_native(runtime: &Runtime, text: &str) {
    let native_file = tinydancer_booster::SourceFile {
        path: String::new(),
        text: text.into(),
        module: Some(true),
        dialect: None,
    };
    let native = tinydancer_booster::transform(
        &native_file,
        &only("var-to-const"),
        &tinydancer_booster::Options {
            assumptions: vec![],
            withdrawn: vec![],
        },
    );
    let wasm = runtime.transform(&file(text), &only("var-to-const"), &none());
    match (native, wasm) {
        (Ok(native), Ok(wasm)) => assert_eq!(format!("{native:?}"), format!("{wasm:?}")),
        (Err(native), Err(BoosterError::Refused(wasm))) => {
            assert_eq!(format!("{native:?}"), format!("{wasm:?}"))
        }
        (native, wasm) => panic!("{text}: {native:?} and {wasm:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_program_comes_out_of_wasm_as_it_does_natively(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "var a = 1;", "let b = a;", "a++;", "function a() { return b }", "{", "}", "for (var a of b) use(a);", "var { a, b } = c;",
            "if (a) var b = 2;", "eval('a');", "// é\n", "(", "`${a}`;", "class a { static { var b = a } }",
        ]), 0..12)
    ) {
        thread_local!(static RUNTIME: Runtime = runtime());
        RUNTIME.with(|runtime| same_as_native(runtime, &pieces.concat()));
    }

    #[test]
    fn classifications_and_decisions_are_the_same_natively(text in "\\PC{0,200}", code in "\\PC{0,80}") {
        thread_local!(static RUNTIME: Runtime = runtime());
        let mut task = tinydancer::Task::new(text.clone());
        task.code_context = Some(code.clone());
        let native = tinydancer_classifier::classify(&tinydancer_classifier::Task {
            instruction: text, files: vec![tinydancer_classifier::SourceFile { path: String::new(), text: code, module: Some(true), dialect: None }],
            file_count: 0, history: vec![], kind: String::new(), domain: String::new(), priority: tinydancer_classifier::Priority::Normal,
            capabilities: vec![], cross_component: false, external_apis: false, database: false, time_sensitive: false,
        });
        let wasm = RUNTIME.with(|runtime| runtime.classify(&task.to_contract()).unwrap());
        prop_assert_eq!(format!("{native:?}"), format!("{wasm:?}"));
    }
}

#[test]
fn the_deepest_nesting_that_is_parsed_does_not_overflow_the_guests_stack() {
    let runtime = runtime();
    let limit = tinydancer_booster::DEPTH_LIMIT as usize;
    let shapes: [(&str, &str, &str); 8] = [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("!", "1", ""),
        ("1+", "1", ""),
        ("a => ", "1", ""),
        ("function f() {", "", "}"),
        ("a ? b : ", "c", ""),
        ("<a>", "", "</a>"),
    ];
    for (open, middle, close) in shapes {
        for depth in [limit / 4, limit / 2, limit - 2, limit, 100_000] {
            let text = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            let answer = runtime.transform(&file(&text), &only("var-to-const"), &none());
            assert!(
                !matches!(answer, Err(BoosterError::Fault(_))),
                "{open} x {depth}: {answer:?}"
            );
        }
    }
}

#[test]
fn a_guest_that_misbehaves_is_a_fault_with_its_reason_within_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    for (how, expected) in Misbehaviour::ALL {
        let quick = RuntimeConfig {
            booster_deadline: Duration::from_millis(50),
            decision_deadline: Duration::from_millis(50),
            ..RuntimeConfig::default()
        };
        let began = Instant::now();
        let booster = Runtime::new(RuntimeConfig {
            booster: Some(misbehaving("booster-component", how, folder.path())),
            ..quick.clone()
        })
        .unwrap();
        let Err(BoosterError::Fault(fault)) =
            booster.transform(&file("var x"), &only("var-to-const"), &none())
        else {
            panic!("{how:?}")
        };
        assert_eq!(fault.code(), expected);

        let classifier = Runtime::new(RuntimeConfig {
            classifier: Some(misbehaving("classifier-component", how, folder.path())),
            ..quick.clone()
        })
        .unwrap();
        // Twice: a ruined guest is replaced, and not kept.
        for _ in 0..2 {
            assert_eq!(
                classifier
                    .classify(&tinydancer::Task::new("x").to_contract())
                    .unwrap_err()
                    .code(),
                expected
            );
        }

        let router = Runtime::new(RuntimeConfig {
            router: Some(misbehaving("router-component", how, folder.path())),
            ..quick
        })
        .unwrap();
        let settings = Settings {
            prices: vec![],
            quality_target: 0.8,
            security_confidence: 0.8,
            review_confidence: 0.8,
            review_uncertainty: 0.2,
            exploration_share: 0.0,
        };
        assert_eq!(
            router
                .policy(settings, None)
                .map(|_| ())
                .unwrap_err()
                .code(),
            expected
        );
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_component_file_takes_the_embedded_ones_place() {
    let folder = tempfile::tempdir().unwrap();
    let exported = runtime().components().unwrap();
    let own = exported
        .iter()
        .find(|component| component.name == Name::Booster)
        .unwrap();
    let path = folder.path().join("own.wasm");
    std::fs::write(&path, &own.wasm).unwrap();
    for _ in 0..2 {
        // The second time from the compiled form.
        let replaced = Runtime::new(RuntimeConfig {
            booster: Some(path.clone()),
            cache: Some(folder.path().join("cache")),
            ..RuntimeConfig::default()
        })
        .unwrap();
        assert_eq!(
            replaced
                .transform(&file("var x = 1;"), &only("var-to-const"), &none())
                .unwrap()
                .text,
            "const x = 1;"
        );
        assert_eq!(
            replaced.components().unwrap()[2].path.as_deref(),
            Some(path.as_path())
        );
    }
}

#[test]
fn a_broken_component_file_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = |path: std::path::PathBuf| {
        Runtime::new(RuntimeConfig {
            booster: Some(path),
            ..RuntimeConfig::default()
        })
        .map(|_| ())
        .unwrap_err()
    };
    assert!(matches!(
        start(folder.path().join("none.wasm")),
        ComponentError::Unreadable { .. }
    ));
    let garbage = folder.path().join("garbage.wasm");
    std::fs::write(&garbage, b"not wasm").unwrap();
    assert!(matches!(start(garbage), ComponentError::Invalid { .. }));
    let other = misbehaving("classifier-component", Misbehaviour::Traps, folder.path());
    let misfit = start(other);
    assert!(matches!(misfit, ComponentError::Misfit { .. }), "{misfit}");
    assert!(misfit.to_string().contains("tinydancer:routing"));
}

#[test]
fn a_text_beyond_the_limit_meets_no_guest() {
    let small = Runtime::new(RuntimeConfig {
        max_input: 10,
        ..RuntimeConfig::default()
    })
    .unwrap();
    let refused = small
        .transform(&file("var answer = 42;"), &only("var-to-const"), &none())
        .unwrap_err();
    assert_eq!(
        refused,
        BoosterError::TooLarge {
            bytes: 16,
            limit: 10
        }
    );
}

#[test]
fn what_the_booster_refuses_says_what_to_do() {
    let runtime = runtime();
    let refused = runtime
        .transform(&file("var"), &only("var-to-const"), &none())
        .unwrap_err();
    assert!(
        refused.to_string().starts_with("line 1, column"),
        "{refused}"
    );
    let unknown = runtime
        .transform(&file(""), &only("to-cobol"), &none())
        .unwrap_err();
    assert_eq!(
        unknown,
        BoosterError::Refused(Refusal::UnknownTransform("to-cobol".into()))
    );
}

#[test]
fn more_calls_at_once_than_the_pool_has_room_for_wait_for_each_other() {
    let runtime = runtime();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..4 {
                    runtime
                        .transform(&file("var x = 1;"), &only("var-to-const"), &none())
                        .expect("there is room");
                }
            });
        }
    });
}
