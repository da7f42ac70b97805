//! Guests that misbehave: components that fit the contract and whose functions are a few lines of text.

use std::path::{Path, PathBuf};

/// How a guest misbehaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Misbehaviour {
    Traps,
    NeverEnds,
    WantsAllMemory,
}

impl Misbehaviour {
    /// All of them, each with its code.
    pub(crate) const ALL: [(Misbehaviour, &str); 3] = [
        (Misbehaviour::Traps, "guest-trap"),
        (Misbehaviour::NeverEnds, "guest-deadline"),
        (Misbehaviour::WantsAllMemory, "guest-oom"),
    ];

    fn body(self) -> &'static str {
        match self {
            Misbehaviour::Traps => "unreachable",
            Misbehaviour::NeverEnds => "(loop $forever (br $forever)) unreachable",
            Misbehaviour::WantsAllMemory => "(drop (memory.grow (i32.const 60000))) unreachable",
        }
    }
}

/// A component that fits a world of the contract and does nothing but misbehave, written to a file.
pub(crate) fn misbehaving(world: &str, how: Misbehaviour, folder: &Path) -> PathBuf {
    let (resolve, world, text) = dummy(world);
    let text = answer_by(&text, "transforms", NOTHING)
        .replace("unreachable", how.body())
        .replace("(memory (;0;) 0)", "(memory (;0;) 1)");
    component(&resolve, world, &text, folder.join(format!("{how:?}.wasm")))
}

/// A component that fits a world of the contract, takes what it is handed, and answers one function with these bytes, as the canonical form of its
/// result has them in memory; all else traps.
pub(crate) fn answering(world: &str, function: &str, bytes: &[u8], folder: &Path) -> PathBuf {
    let (resolve, world, text) = dummy(world);
    let text = answer_by(&text, "transforms", NOTHING);
    let text = answer_by(&text, function, AT);
    let text = with_memory(&text, bytes);
    component(
        &resolve,
        world,
        &text,
        folder.join(format!("{function}.wasm")),
    )
}

/// A router that sends every task to one tier and learns nothing, all without a fault, but for one of its functions.
pub(crate) struct FailingRouter<'a> {
    pub(crate) tier: u8,
    /// Which one: `constructor`, `decide`, `learn`, `snapshot`, ...
    pub(crate) function: &'a str,
    pub(crate) how: Misbehaviour,
    /// After so many calls that went well; an instance that is made anew counts anew.
    pub(crate) after: u32,
}

impl FailingRouter<'_> {
    /// Writes it to a file.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        const RESTORED: usize = 1_536;
        // Behind the tag of the result, which is padded to 8 bytes, a decision: the tier, and all else zeros and empty lists.
        let mut decided = [0_u8; 56];
        decided[8] = self.tier;
        let make = "(call 1 (i32.const 1))";
        let (resolve, world, mut text) = dummy("router-component");
        for (name, answer) in [
            ("[constructor]policy", make.to_owned()),
            (
                "[static]policy.restore",
                format!(
                    "(i32.store (i32.const {}) {make}) i32.const {RESTORED}",
                    RESTORED + 4
                ),
            ),
            ("[method]policy.decide", format!("i32.const {AT}")),
            ("[method]policy.learn", String::new()),
            ("[method]policy.learned", "i64.const 0".to_owned()),
            ("[method]policy.snapshot", format!("i32.const {NOTHING}")),
        ] {
            let own = match name.rsplit_once('.') {
                Some((_, own)) => own,
                None => "constructor",
            };
            let fails = if own == self.function {
                format!(
                    "(if (i32.ge_u (global.get $calls) (i32.const {})) (then {}))
                    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))",
                    self.after,
                    self.how.body()
                )
            } else {
                String::new()
            };
            // What is handed over is needed until the answer and no longer.
            let body = format!("{fails} (global.set $free (i32.const {FREE})) {answer}");
            text = with_body(&text, &format!("#{name}"), &body);
        }
        let text = with_memory(&text, &decided);
        let (text, _) = text.rsplit_once(')').expect("a module ends");
        let text = format!("{text} (global $calls (mut i32) (i32.const 0)))");
        let file = format!("{}-{:?}.wasm", self.function, self.how);
        component(&resolve, world, &text, folder.join(file))
    }
}

/// The text of a module that fits a world, in which everything traps.
fn dummy(world: &str) -> (wit_parser::Resolve, wit_parser::WorldId, String) {
    let mut resolve = wit_parser::Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    let (package, _) = resolve.push_dir(&wit).expect("the contract parses");
    let world = resolve
        .select_world(&[package], Some(world))
        .expect("the world is there");
    let dummy =
        wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    let text = wasmprinter::print_bytes(&dummy).expect("a module prints");
    (resolve, world, text)
}

fn component(
    resolve: &wit_parser::Resolve,
    world: wit_parser::WorldId,
    text: &str,
    path: PathBuf,
) -> PathBuf {
    let mut module = wat::parse_str(text).expect("the changed module parses");
    wit_component::embed_component_metadata(
        &mut module,
        resolve,
        world,
        wit_component::StringEncoding::UTF8,
        false,
    )
    .expect("the contract is embedded");
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .expect("it becomes a component");
    std::fs::write(&path, component).expect("the folder can be written");
    path
}

/// Where nothing but zeros are: an empty list, for one.
const NOTHING: usize = 1_024;

/// Where an answer's bytes stand.
const AT: usize = 2_048;

/// Where that begins which is handed over.
const FREE: usize = 4_096;

/// Gives a module a memory, with these bytes in it and room for what it is handed.
fn with_memory(text: &str, bytes: &[u8]) -> String {
    let take = "global.get $free global.get $free local.get 3 i32.add i32.const 7 i32.add i32.const -8 i32.and global.set $free";
    let text = with_body(text, "realloc", take).replace("(memory (;0;) 0)", "(memory (;0;) 8)");
    let data: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let (text, _) = text.rsplit_once(')').expect("a module ends");
    format!(
        "{text} (global $free (mut i32) (i32.const {FREE})) (data (i32.const {AT}) \"{data}\"))"
    )
}

/// Lets a function answer with what stands at an address. A booster has to get through the start, at which it is asked for its transforms.
fn answer_by(text: &str, function: &str, address: usize) -> String {
    with_body(
        text,
        &format!("#{function}"),
        &format!("i32.const {address}"),
    )
}

/// Gives the function behind an export another body. `#name` is the whole of an interface's function.
fn with_body(text: &str, export: &str, body: &str) -> String {
    let end = match export.strip_prefix('#') {
        Some(name) => format!("|{name}\""),
        None => format!("{export}\""),
    };
    let Some(line) = text
        .lines()
        .find(|line| line.contains("(export ") && line.contains(&end))
    else {
        return text.to_owned();
    };
    let index: usize = line
        .rsplit("(func ")
        .next()
        .map(|rest| {
            rest.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .and_then(|digits| digits.parse().ok())
        .expect("an export names a function by its number");
    let marker = format!("(func (;{index};)");
    let (before, after) = text.split_once(&marker).expect("the function is there");
    format!("{before}{marker}{}", after.replacen("unreachable", body, 1))
}
