//! Any task. Its fields are pieces of the input, so that seeds can be written by hand: `\x1e` begins a piece, whose first character
//! says which field it is.

#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use tinydancer_classifier::{
    Assessment, Dialect, Level, Message, Priority, Role, SourceFile, Task, classify,
};

/// What an instruction can ask for by name.
const TRANSFORMS: [&str; 6] = [
    "var-to-const",
    "func-to-arrow",
    "remove-console",
    "promise-to-async",
    "cjs-to-esm",
    "add-types",
];

fuzz_target!(|bytes: &[u8]| {
    let task = task(bytes);
    let first = classify(&task);
    is_sound(&task, &first);
    // Values are finite, so equal is what two equal ones are.
    assert_eq!(shown(&first), shown(&classify(&task)));
});

/// All of it, as text.
fn shown(assessment: &Assessment) -> String {
    format!("{assessment:?}")
}

fn task(bytes: &[u8]) -> Task {
    let mut task = Task {
        instruction: String::new(),
        files: vec![],
        file_count: 0,
        history: vec![],
        kind: String::new(),
        domain: String::new(),
        priority: Priority::Normal,
        capabilities: vec![],
        cross_component: false,
        external_apis: false,
        database: false,
        time_sensitive: false,
    };
    for piece in bytes.split(|byte| *byte == 0x1e) {
        let [field, text @ ..] = piece else { continue };
        let text = String::from_utf8_lossy(text);
        let number = text.bytes().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        match field {
            b'i' => task.instruction += &text,
            b'f' => task.files.push(file(&text, None, None)),
            b'g' => task.files.push(file(
                &text,
                [Some(true), Some(false)][number as usize % 2],
                [
                    Some(Dialect::Javascript),
                    Some(Dialect::Jsx),
                    Some(Dialect::Typescript),
                    Some(Dialect::Tsx),
                ][number as usize % 4],
            )),
            b'n' => task.file_count = text.trim().parse().unwrap_or(number),
            b's' => said(&mut task, Role::System, text),
            b'u' => said(&mut task, Role::User, text),
            b'a' => said(&mut task, Role::Assistant, text),
            b't' => said(&mut task, Role::Tool, text),
            b'k' => task.kind = text.into_owned(),
            b'd' => task.domain = text.into_owned(),
            b'c' => task.capabilities.push(text.into_owned()),
            b'1' => task.priority = Priority::Low,
            b'2' => task.priority = Priority::High,
            b'3' => task.priority = Priority::Critical,
            b'x' => task.cross_component = true,
            b'e' => task.external_apis = true,
            b'b' => task.database = true,
            b'w' => task.time_sensitive = true,
            _ => task.instruction += &String::from_utf8_lossy(piece),
        }
    }
    task
}

/// A file with its path in the first line.
fn file(text: &str, module: Option<bool>, dialect: Option<Dialect>) -> SourceFile {
    let (path, text) = text.split_once('\n').unwrap_or(("", text));
    SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
        module,
        dialect,
    }
}

fn said(task: &mut Task, role: Role, content: Cow<'_, str>) {
    let content = content.into_owned();
    task.history.push(Message { role, content });
}

fn is_sound(task: &Task, assessment: &Assessment) {
    let Assessment {
        classification: found,
        factors,
    } = assessment;
    let level = match found.complexity {
        0..20 => Level::Simple,
        20..45 => Level::Moderate,
        45..70 => Level::Complex,
        70..=100 => Level::Critical,
        more => panic!("a complexity of {more}"),
    };
    assert_eq!(found.level, level);
    let points = |factor: &tinydancer_classifier::Factor| factor.points;
    let sum: i32 = factors.iter().map(points).sum();
    assert_eq!(i32::from(found.complexity), sum.clamp(0, 100), "{assessment:?}");
    for factor in factors {
        assert!((-100..=100).contains(&factor.points) && !factor.name.is_empty());
    }
    let weights = || factors.iter().map(|factor| factor.points.abs());
    assert!(
        weights().rev().is_sorted(),
        "the weightiest first: {factors:?}"
    );

    if !task.kind.is_empty() {
        assert_eq!(found.kind, task.kind);
    }
    if !task.domain.is_empty() {
        assert_eq!(found.domain, task.domain);
    }
    if let Some(name) = &found.transform {
        assert!(TRANSFORMS.contains(&name.as_str()), "{name}");
    }
    // Code alone asks for nothing in words.
    assert!(!found.bare_code || found.transform.is_none());
    assert!(!found.bare_code || task.files.iter().any(|file| !file.text.trim().is_empty()));
    assert!(!found.language.bytes().any(|byte| byte.is_ascii_uppercase()));

    let features = &found.features;
    assert_eq!(features.indices.len(), features.values.len());
    assert!(features.indices.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(features.indices.iter().all(|index| *index < 65_536));
    assert!(features.values.iter().all(|value| value.is_finite()));
}
