//! Programs made of a fuzzer's bytes: each byte draws one alternative, and no bytes draw the first, so that every program ends.
//!
//! The grammar keeps to what parses (names of a block, jumps, strictness), and aims at what the transforms could get wrong: scopes,
//! closures, loops, hoisting, dead zones, `this`, `arguments`, line ends without semicolons, console calls in every position.

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use tinydancer_booster::Options;

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

/// Statements and values nest no deeper, and no new ones begin behind so many bytes.
const DEEPEST: u32 = 7;
const LONGEST: usize = 3_000;

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "of", "é"];
const ENDS: [&str; 8] = [
    ";\n",
    ";\n",
    ";\n",
    "\n",
    "; // é\n",
    " /* c */;\n",
    ";",
    ";\r\n",
];
const REPORTS: [&str; 14] = [
    "log", "log", "log", "info", "debug", "warn", "error", "assert", "table", "time", "timeEnd",
    "group", "groupEnd", "nope",
];
const NATIVES: [&str; 8] = [
    "map", "filter", "some", "forEach", "reduce", "sort", "find", "flatMap",
];
const BINARY: [&str; 11] = [
    "+",
    "-",
    "*",
    "===",
    "<",
    "instanceof",
    "in",
    "&&",
    "||",
    "??",
    "**",
];

/// A block, and what it declares.
#[derive(Default)]
struct Scope {
    is_function: bool,
    lexical: Vec<String>,
    vars: Vec<String>,
}

/// What may stand in a function.
#[derive(Clone, Default)]
struct Function {
    is_function: bool,
    is_async: bool,
    generates: bool,
    is_strict: bool,
    /// `new.target` means something.
    has_target: bool,
    /// `super.m` means something.
    has_super: bool,
    /// No `arguments`, `await` or `return`: a static block or a field.
    is_field: bool,
    loops: u32,
    switches: u32,
    labels: Vec<String>,
}

struct Maker<'m, 'b> {
    bytes: &'m mut Unstructured<'b>,
    text: String,
    scopes: Vec<Scope>,
    functions: Vec<Function>,
    depth: u32,
    serial: u32,
    is_typed: bool,
    is_es: bool,
}

impl Maker<'_, '_> {
    /// One of so many.
    fn below(&mut self, count: u8) -> u8 {
        self.bytes.int_in_range(0..=count - 1).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::from(self.below(list.len() as u8))]
    }

    fn put(&mut self, text: &str) {
        self.text += text;
    }

    fn put_one(&mut self, list: &[&str]) {
        let one = self.pick(list);
        self.put(one);
    }

    fn function(&self) -> &Function {
        self.functions.last().expect("the program's own")
    }

    fn function_mut(&mut self) -> &mut Function {
        self.functions.last_mut().expect("the program's own")
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("the program's own")
    }

    fn is_spent(&self) -> bool {
        self.depth >= DEEPEST || self.text.len() > LONGEST || self.bytes.is_empty()
    }

    fn within(&mut self, make: impl FnOnce(&mut Self)) {
        self.depth += 1;
        make(self);
        self.depth -= 1;
    }

    fn scoped(&mut self, make: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope::default());
        make(self);
        self.scopes.pop();
    }

    // Names.

    fn fresh(&mut self) -> String {
        self.serial += 1;
        format!("v{}", self.serial)
    }

    /// A name to be read or written: declared somewhere, or not.
    fn name(&mut self) {
        let scope = usize::from(self.below(3));
        let declared = (self.scopes.iter().rev().nth(scope))
            .and_then(|scope| scope.lexical.iter().chain(&scope.vars).next_back().cloned());
        let drawn = self.pick(&NAMES);
        match declared {
            Some(declared) if scope > 0 => self.put(&declared),
            _ => self.put(drawn),
        }
    }

    /// Declares a name that the block has not got yet.
    fn lexical(&mut self) -> String {
        let drawn = self.pick(&NAMES).to_owned();
        let scope = self.scope();
        let is_taken = scope.lexical.contains(&drawn) || scope.vars.contains(&drawn);
        let name = if is_taken { self.fresh() } else { drawn };
        self.scope().lexical.push(name.clone());
        name
    }

    /// Declares a name of the function, through the blocks on the way to it.
    fn var(&mut self) -> String {
        let drawn = self.pick(&NAMES).to_owned();
        let outermost = self.scopes.iter().rposition(|scope| scope.is_function);
        let own = outermost.unwrap_or(0)..self.scopes.len();
        let is_taken = self.scopes[own.clone()]
            .iter()
            .any(|scope| scope.lexical.contains(&drawn));
        let name = if is_taken { self.fresh() } else { drawn };
        for scope in &mut self.scopes[own] {
            scope.vars.push(name.clone());
        }
        name
    }

    fn declare(&mut self, is_var: bool) {
        let name = if is_var { self.var() } else { self.lexical() };
        self.put(&name);
    }

    /// A name or a pattern, and whether it needs a value.
    fn binding(&mut self, is_var: bool) -> bool {
        let shape = if self.is_spent() { 0 } else { self.below(12) };
        match shape {
            0..8 => {
                self.declare(is_var);
                if self.is_typed && self.below(3) == 1 {
                    self.put_one(&[": any", ": number[]"]);
                }
                return false;
            }
            8 => {
                self.put("{ p: ");
                self.declare(is_var);
                self.put(" = ");
                self.value();
                self.put(" }");
            }
            9 => {
                self.put("[");
                self.declare(is_var);
                self.put(", ");
                self.declare(is_var);
                self.put(" = ");
                self.value();
                self.put("]");
            }
            10 => {
                self.put("{ [");
                self.value();
                self.put("]: ");
                self.declare(is_var);
                self.put(", ...");
                self.declare(is_var);
                self.put(" }");
            }
            _ => self.put_one(&["{}", "[]"]),
        }
        true
    }

    // Statements.

    fn program(&mut self) {
        match self.below(8) {
            1 => {
                self.put("\"use strict\";\n");
                self.function_mut().is_strict = true;
            }
            2 => self.put("\u{feff}"),
            3 => self.put("#!/usr/bin/env node\n"),
            4 => self.put("'a'\n"),
            _ => {}
        }
        while !self.bytes.is_empty() && self.text.len() <= LONGEST {
            self.statement();
            self.put_one(&ENDS);
        }
    }

    fn list(&mut self) {
        for _ in 0..self.below(4) {
            self.statement();
            self.put_one(&ENDS);
        }
    }

    fn block(&mut self) {
        self.put("{ ");
        self.scoped(|own| own.within(Self::list));
        self.put("}");
    }

    /// What may stand without a block.
    fn sole(&mut self) {
        self.within(|own| match own.below(6) {
            0 => own.report(),
            1 | 2 => own.block(),
            3 => own.declaration("var"),
            4 => own.assignment(),
            _ => own.put(";"),
        });
    }

    fn declaration(&mut self, word: &str) {
        self.put(word);
        self.put(" ");
        for at in 0..=self.below(8) / 6 {
            if at > 0 {
                self.put(", ");
            }
            let needs_value = self.binding(word == "var") || word == "const";
            if needs_value || self.below(4) > 0 {
                self.put(" = ");
                self.value();
            }
        }
    }

    fn assignment(&mut self) {
        self.name();
        self.put_one(&[" = ", " += ", " ??= "]);
        self.value();
    }

    fn statement(&mut self) {
        if self.is_spent() {
            return self.report();
        }
        self.within(|own| match own.below(40) {
            0..3 => own.report(),
            3..9 => own.declaration("var"),
            9 | 10 => own.declaration("let"),
            11 => own.declaration("const"),
            12 | 13 => own.assignment(),
            14 | 15 => own.used(),
            16 => own.declared_function(),
            17 => {
                own.put("if (");
                own.value();
                own.put(") ");
                own.sole();
                if own.below(2) == 1 {
                    own.put("\nelse ");
                    own.sole();
                }
            }
            18 | 19 => own.counting(),
            20 | 21 => own.each(),
            22 => own.while_loop(),
            23 | 24 => own.attempt(),
            25 => own.switch(),
            26 => own.label(),
            27 => own.block(),
            28 => own.class(true),
            29 | 30 => own.called(),
            31 | 32 => own.jump(),
            33 => own.delegation(),
            34 => own.sloppy(),
            35 => own.common_js(),
            36 => own.module(),
            37 => own.bound_function(),
            38 => own.directive(),
            _ => own.types(),
        });
    }

    fn used(&mut self) {
        self.put("use(");
        self.value();
        self.put(")");
    }

    fn report(&mut self) {
        self.put_one(&[
            "console.",
            "console.",
            "console.",
            "console?.",
            "globalThis.console.",
            "window.console.",
        ]);
        self.put_one(&REPORTS);
        self.put("(");
        for at in 0..self.below(3) {
            if at > 0 {
                self.put(", ");
            }
            self.value();
        }
        self.put(")");
    }

    fn looped(&mut self) {
        self.function_mut().loops += 1;
        self.sole();
        self.function_mut().loops -= 1;
    }

    fn counting(&mut self) {
        self.scoped(|own| {
            own.put("for (");
            match own.below(4) {
                0 | 1 => own.declaration("var"),
                2 => own.declaration("let"),
                _ => own.assignment(),
            }
            own.put("; ");
            own.value();
            own.put("; ");
            own.value();
            own.put(") ");
            own.looped();
        });
    }

    fn each(&mut self) {
        self.scoped(|own| {
            let waits = own.function().is_async && own.below(6) == 1;
            own.put(if waits { "for await (" } else { "for (" });
            let word = own.pick(&["var ", "var ", "let ", "const ", ""]);
            own.put(word);
            match word {
                "" => own.put("a"),
                word => {
                    // Types and initialisers do not stand here.
                    let was_typed = std::mem::replace(&mut own.is_typed, false);
                    own.binding(word == "var ");
                    own.is_typed = was_typed;
                }
            }
            own.put_one(if waits { &[" of "] } else { &[" of ", " in "] });
            own.operand();
            own.put(") ");
            own.looped();
        });
    }

    fn while_loop(&mut self) {
        if self.below(2) == 0 {
            self.put("while (");
            self.value();
            self.put(") ");
            self.looped();
        } else {
            self.put("do ");
            self.function_mut().loops += 1;
            self.block();
            self.function_mut().loops -= 1;
            self.put(" while (");
            self.value();
            self.put(")");
        }
    }

    fn attempt(&mut self) {
        self.put("try ");
        self.block();
        let shape = self.below(5);
        if shape < 4 {
            self.scoped(|own| {
                match shape {
                    0 | 1 => {
                        own.put(" catch (");
                        own.declare(false);
                        own.put(") ");
                    }
                    2 => {
                        own.put(" catch ({ p: ");
                        own.declare(false);
                        own.put(" }) ");
                    }
                    _ => own.put(" catch "),
                }
                // The parameter's names are taken in the block itself too.
                own.put("{ ");
                own.within(Self::list);
                own.put("}");
            });
        }
        if shape >= 3 {
            self.put(" finally ");
            self.block();
        }
    }

    fn switch(&mut self) {
        self.put("switch (");
        self.value();
        self.put(") { ");
        self.function_mut().switches += 1;
        self.scoped(|own| {
            for at in 0..own.below(4) {
                if at == 2 {
                    own.put("default: ");
                } else {
                    own.put("case ");
                    own.value();
                    own.put(": ");
                }
                own.within(Self::list);
            }
        });
        self.function_mut().switches -= 1;
        self.put("}");
    }

    fn label(&mut self) {
        let label = self.fresh();
        self.put(&label);
        self.put(": ");
        self.function_mut().labels.push(label);
        match self.below(3) {
            0 => self.block(),
            1 => self.sole(),
            _ => self.counting(),
        }
        self.function_mut().labels.pop();
    }

    fn jump(&mut self) {
        let function = self.function().clone();
        match self.below(6) {
            1 if function.loops > 0 => self.put("continue"),
            2 if function.loops + function.switches > 0 => self.put("break"),
            3 if !function.labels.is_empty() => {
                self.put("break ");
                self.put(function.labels.last().expect("a label"));
            }
            4 => {
                self.put("throw ");
                self.value();
            }
            5 if function.is_function => self.put("return"),
            _ if function.is_function => {
                self.put("return ");
                self.value();
            }
            _ => self.report(),
        }
    }

    fn delegation(&mut self) {
        if self.function().generates {
            self.put("yield* ");
            self.operand();
        } else if self.function().is_async && !self.function().is_field {
            self.put("await ");
            self.operand();
        } else {
            self.used();
        }
    }

    fn sloppy(&mut self) {
        if self.function().is_strict {
            return self.put("eval('a')");
        }
        match self.below(5) {
            0 => self.put("eval('a = 1')"),
            1 => {
                self.put("delete ");
                self.name();
            }
            2 => {
                self.put("with (");
                self.value();
                self.put(") ");
                self.sole();
            }
            3 => self.put("a = arguments.callee"),
            _ => self.put("eval(`function a() {}`)"),
        }
    }

    fn common_js(&mut self) {
        match self.below(5) {
            0 => {
                self.put("module.exports = ");
                self.value();
            }
            1 => {
                self.put("exports.");
                self.put_one(&["a", "b"]);
                self.put(" = ");
                self.value();
            }
            2 => self.put("require('a')"),
            3 => {
                self.put("var ");
                self.declare(true);
                self.put(" = require('b')");
            }
            _ => self.put("if (typeof define === 'function') define(function () { return a })"),
        }
    }

    fn module(&mut self) {
        let is_top = self.scopes.len() == 1 && self.functions.len() == 1;
        if !(is_top && self.is_es) {
            return self.report();
        }
        match self.below(6) {
            0 => {
                self.put("export ");
                self.declaration("var");
            }
            1 => {
                self.put("import ");
                self.declare(false);
                self.put(" from 'm'");
            }
            2 => {
                self.put("export ");
                self.declaration("let");
            }
            3 => {
                self.put("export ");
                self.declared_function();
            }
            4 => {
                let name = self.var();
                let exported = self.fresh();
                self.put(&format!(
                    "var {name} = 1; export {{ {name} as {exported} }}"
                ));
            }
            _ => self.put("import 'n'"),
        }
    }

    fn directive(&mut self) {
        self.put_one(&[
            "'use strict'",
            "`t`",
            "(a)",
            "[b]",
            "+c",
            "++d",
            "/r/g",
            "// eslint-disable-next-line\na",
            "jest.mock('m', () => ({ a }))",
            ";",
        ]);
    }

    fn types(&mut self) {
        if !self.is_typed {
            return self.report();
        }
        match self.below(4) {
            0 => {
                self.put("let ");
                self.declare(false);
                self.put(" = ");
                self.operand();
                self.put(" as any");
            }
            1 => {
                self.put("var ");
                self.declare(true);
                self.put(" = ");
                self.operand();
                self.put("!");
            }
            2 => {
                let name = self.fresh();
                self.put(&format!("type {name} = {{ p: number }}"));
            }
            _ => {
                self.put("(function (this: any, p?: string): void ");
                self.body(Function::default(), |_| {});
                self.put(")()");
            }
        }
    }

    // Functions and classes.

    /// The parameters of a function, and its body behind what stands between them.
    fn parameters_and_body(&mut self, mut function: Function, between: &str) {
        function.is_function = true;
        function.is_strict |= self.function().is_strict;
        self.put("(");
        self.scopes.push(Scope {
            is_function: true,
            ..Scope::default()
        });
        // Neither waits nor yields in its parameters.
        self.functions.push(Function {
            is_async: false,
            generates: false,
            ..function.clone()
        });
        let is_plain = self.parameters();
        self.functions.pop();
        self.put(")");
        self.put(between);
        self.put("{ ");
        if is_plain && self.below(12) == 1 {
            self.put("\"use strict\"; ");
            function.is_strict = true;
        }
        self.functions.push(function);
        self.within(Self::list);
        if self.below(2) == 1 {
            self.jump();
            self.put_one(&["", ";"]);
            self.put(" ");
        }
        self.functions.pop();
        self.scopes.pop();
        self.put("}");
    }

    /// A body without parameters.
    fn body(&mut self, mut function: Function, begin: impl FnOnce(&mut Self)) {
        function.is_strict |= self.function().is_strict;
        self.scopes.push(Scope {
            is_function: true,
            ..Scope::default()
        });
        self.functions.push(function);
        self.put("{ ");
        begin(self);
        self.within(Self::list);
        self.put("}");
        self.functions.pop();
        self.scopes.pop();
    }

    fn parameters(&mut self) -> bool {
        let shape = self.below(8);
        match shape {
            0..3 => {}
            3 | 4 => self.parameter(),
            5 => {
                self.parameter();
                self.put(", ");
                self.parameter();
            }
            6 => {
                self.parameter();
                self.put(" = ");
                self.value();
            }
            _ => {
                self.put("...");
                self.parameter();
            }
        }
        shape < 6
    }

    /// A parameter is as good as a `let` of its function that a `var` may repeat.
    fn parameter(&mut self) {
        let drawn = self.pick(&NAMES).to_owned();
        let is_taken = self.scope().vars.contains(&drawn);
        let name = if is_taken { self.fresh() } else { drawn };
        self.put(&name);
        self.scope().vars.push(name);
    }

    fn kind(&mut self) -> (&'static str, Function) {
        let shape = self.below(10);
        let function = Function {
            is_async: matches!(shape, 7 | 9),
            generates: matches!(shape, 8 | 9),
            has_target: true,
            ..Function::default()
        };
        let word = match shape {
            7 => "async function ",
            8 => "function* ",
            9 => "async function* ",
            _ => "function ",
        };
        (word, function)
    }

    fn declared_function(&mut self) {
        let (word, function) = self.kind();
        self.put(word);
        let name = self.lexical();
        self.put(&name);
        self.parameters_and_body(function, " ");
    }

    fn function_value(&mut self) {
        let (word, function) = self.kind();
        self.put(word);
        if self.below(4) == 1 {
            let name = self.pick(&NAMES[..6]);
            self.put(name);
        }
        self.parameters_and_body(function, " ");
    }

    /// An arrow function, in parentheses wherever it is used.
    fn arrow(&mut self) {
        let around = self.function().clone();
        let function = Function {
            is_async: self.below(5) == 1,
            generates: false,
            loops: 0,
            switches: 0,
            labels: Vec::new(),
            ..around
        };
        if function.is_async {
            self.put("async ");
        }
        if self.below(2) == 0 {
            self.parameters_and_body(function, " => ");
        } else {
            self.scopes.push(Scope {
                is_function: true,
                ..Scope::default()
            });
            self.put("(");
            self.functions.push(Function {
                is_async: false,
                ..function.clone()
            });
            self.parameters();
            self.functions.pop();
            self.put(") => ");
            self.functions.push(function);
            self.operand();
            self.functions.pop();
            self.scopes.pop();
        }
    }

    /// A function with a name of its own that is only used here and there.
    fn bound_function(&mut self) {
        self.put_one(&["var ", "const ", "let "]);
        let name = self.fresh();
        self.scope().lexical.push(name.clone());
        self.put(&name);
        self.put(" = ");
        self.function_value();
        self.put(";\n");
        self.put(&name);
        self.put_one(&["()", "(1)", ".call(this)", ".p = 1", ".name"]);
    }

    /// A function that is called where it is written.
    fn called(&mut self) {
        match self.below(7) {
            0 | 1 => {
                self.put("(");
                self.function_value();
                self.put(")(");
                self.value();
                self.put(")");
            }
            2 => {
                self.put("!");
                self.function_value();
                self.put("()");
            }
            3 => {
                self.put_one(&["setTimeout(", "Promise.resolve().then(", "queueMicrotask("]);
                self.function_value();
                self.put(")");
            }
            4 => {
                self.put("(");
                self.function_value();
                self.put_one(&[").call(this)", ".bind(this))()", ").apply(a)"]);
            }
            5 => {
                self.put("(");
                self.arrow();
                self.put(")()");
            }
            _ => {
                self.put("[1, 2].");
                self.put_one(&NATIVES);
                self.put("(");
                self.function_value();
                self.put_one(&[")", ", this)", ", a)"]);
            }
        }
    }

    fn class(&mut self, is_statement: bool) {
        self.put("class ");
        if is_statement {
            let name = self.lexical();
            self.put(&name);
            self.put(" ");
        }
        let extends = self.below(3) == 1;
        if extends {
            self.put("extends ");
            self.operand();
            self.put(" ");
        }
        self.put("{ ");
        let around = self.function().clone();
        let method = Function {
            is_strict: true,
            has_target: true,
            has_super: true,
            ..Function::default()
        };
        self.within(|own| {
            for _ in 0..own.below(4) {
                match own.below(6) {
                    0 => {
                        own.put_one(&["m", "static m", "get", "#p"]);
                        own.parameters_and_body(method.clone(), " ");
                    }
                    1 => {
                        own.put("async *n");
                        let function = Function {
                            is_async: true,
                            generates: true,
                            ..method.clone()
                        };
                        own.parameters_and_body(function, " ");
                    }
                    2 => {
                        own.put("static ");
                        let block = Function {
                            is_field: true,
                            ..method.clone()
                        };
                        own.body(block, |_| {});
                    }
                    3 | 4 => {
                        own.put_one(&["x = ", "static s = "]);
                        own.functions.push(Function {
                            is_field: true,
                            ..method.clone()
                        });
                        own.value();
                        own.functions.pop();
                        own.put(";");
                    }
                    _ => {
                        own.put("[");
                        own.functions.push(Function {
                            is_strict: true,
                            ..around.clone()
                        });
                        own.value();
                        own.functions.pop();
                        own.put("]");
                        own.parameters_and_body(method.clone(), " ");
                    }
                }
                own.put(" ");
            }
        });
        self.put("}");
    }

    // Values.

    fn literal(&mut self) {
        self.put_one(&[
            "1",
            "0",
            "\"s\"",
            "'é'",
            "null",
            "undefined",
            "true",
            "`t`",
            "2n",
            "[]",
            "{}",
            "/r/",
            "-1",
            "NaN",
            "\"use strict\"",
            "Symbol.iterator",
        ]);
    }

    /// A value that may stand between operators.
    fn operand(&mut self) {
        match self.below(4) {
            0 => self.name(),
            1 => {
                self.name();
                self.put_one(&[".p", "?.p", ".p.q", "[0]", "()", ".p()", "?.()"]);
            }
            _ => {
                self.put("(");
                self.value();
                self.put(")");
            }
        }
    }

    fn value(&mut self) {
        if self.is_spent() {
            return self.literal();
        }
        self.within(|own| match own.below(40) {
            0..4 => own.literal(),
            4..9 => own.name(),
            9 | 10 => own.operand(),
            11 => {
                own.operand();
                own.put(" ");
                own.put_one(&BINARY);
                own.put(" ");
                // No mixing of `??` and `||` can come of it: operands are in parentheses.
                own.operand();
            }
            12 => {
                own.put("(");
                own.assignment();
                own.put(")");
            }
            13 => {
                own.name();
                own.put_one(&["++", "--"]);
            }
            14 => {
                own.put_one(&["typeof ", "void ", "!", "+", "~"]);
                own.operand();
            }
            15 => {
                own.put("(");
                own.operand();
                own.put(" ? ");
                own.value();
                own.put(" : ");
                own.value();
                own.put(")");
            }
            16 => {
                own.put("[");
                own.value();
                own.put_one(&[", ", ", ...", ", , "]);
                own.operand();
                own.put("]");
            }
            17 | 18 => own.object(),
            19 => {
                own.put("`t${");
                own.value();
                own.put("}`");
            }
            20..26 => own.function_value(),
            26 | 27 => {
                own.put("(");
                own.arrow();
                own.put(")");
            }
            28..30 => own.called(),
            30 => {
                own.put("new (");
                own.value();
                own.put(")(");
                own.value();
                own.put(")");
            }
            31 | 32 => own.own_words(),
            33 => own.class(false),
            34 => own.report(),
            35 => {
                own.put("(");
                own.value();
                own.put(", ");
                own.value();
                own.put(")");
            }
            36 => {
                own.name();
                own.put("(");
                own.value();
                own.put_one(&[")", ", ...a)", ", b)"]);
            }
            37 => own.waited(),
            38 => own.element(),
            _ => own.put_one(&[
                "console.log",
                "console",
                "O.assign({}, a)",
                "import('m')",
                "globalThis",
                "a`t`",
                "JSON.stringify(a)",
                "String(b)",
                "Math.max(a, 1)",
            ]),
        });
    }

    fn object(&mut self) {
        self.put("{ ");
        match self.below(5) {
            0 => {
                self.put("p: ");
                self.value();
            }
            1 => {
                self.put("q");
                let method = Function {
                    has_super: true,
                    ..Function::default()
                };
                self.parameters_and_body(method, " ");
            }
            2 => {
                self.put("get p() ");
                let method = Function {
                    has_super: true,
                    is_function: true,
                    ..Function::default()
                };
                self.body(method, |_| {});
            }
            3 => {
                self.put("...");
                self.operand();
                self.put(", a");
            }
            _ => {
                self.put("[");
                self.value();
                self.put("]: ");
                self.function_value();
            }
        }
        self.put(" }");
    }

    fn own_words(&mut self) {
        let function = self.function().clone();
        match self.below(5) {
            1 if !function.is_field => self.put("arguments"),
            2 if !function.is_field => self.put("arguments.length"),
            3 if function.has_target => self.put("new.target"),
            4 if function.has_super => self.put("super.m"),
            4 if self.is_es => self.put("import.meta"),
            _ => self.put("this"),
        }
    }

    fn waited(&mut self) {
        let function = self.function();
        let word = if function.is_field {
            ""
        } else if function.generates {
            "yield "
        } else if function.is_async {
            "await "
        } else {
            ""
        };
        self.put("(");
        self.put(word);
        self.operand();
        self.put(")");
    }

    fn element(&mut self) {
        if self.is_typed {
            return self.name();
        }
        self.put("<b c={");
        self.value();
        self.put("}>don't {");
        self.value();
        self.put("}</b>");
    }
}
