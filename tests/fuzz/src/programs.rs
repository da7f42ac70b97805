//! Programs made of a fuzzer's bytes: each byte draws one alternative, and no bytes draw the first, so that every program ends.
//!
//! The grammar keeps to what parses (names of a block, jumps, strictness), and aims at what the transforms could get wrong: scopes,
//! closures, loops, hoisting, dead zones, `this`, `arguments`, line ends without semicolons, console calls in every position.

mod dialects;
mod functions;
mod maker;
mod statements;
mod values;

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use tinydancer_booster::Options;

use self::maker::{Function, Maker, Scope};
use crate::booster::{WAYS, Way, options};

/// A program and how it is read.
pub struct Program {
    pub way: &'static Way,
    pub options: Options,
    pub text: String,
}

/// The text stands as it is, because it is what is looked for.
impl fmt::Debug for Program {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:?}, {:?}\n{}", self.way, self.options, self.text)
    }
}

impl<'b> Arbitrary<'b> for Program {
    fn arbitrary(bytes: &mut Unstructured<'b>) -> Result<Program> {
        let mut draw = |most| usize::from(bytes.int_in_range(0..=most).unwrap_or(0_u8));
        let way = &WAYS[draw(WAYS.len() as u8 - 1)];
        let options = options(draw(u8::MAX));
        // Where the name leaves it open, the text's own syntax says that it is a module.
        let is_es = way.is_es() || !way.is_common_js() && draw(5) == 1;
        let mut maker = Maker {
            bytes,
            text: String::new(),
            scopes: vec![Scope::default()],
            functions: vec![Function {
                is_async: is_es,
                is_strict: is_es,
                // A loader may put a function around it.
                has_target: !is_es,
                ..Function::default()
            }],
            depth: 0,
            serial: 0,
            is_typed: way.is_typed(),
            is_es,
        };
        maker.program();
        Ok(Program {
            way,
            options,
            text: maker.text,
        })
    }
}

/// How often the word stands in a text.
pub fn count_of_var(text: &str) -> usize {
    text.split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | '$')))
        .filter(|word| *word == "var")
        .count()
}
