//! Functions and classes.

use super::maker::{Function, Maker, NAMES, Scope};

const NATIVES: [&str; 8] = [
    "map", "filter", "some", "forEach", "reduce", "sort", "find", "flatMap",
];

impl Maker<'_, '_> {
    /// The parameters of a function, and its body behind what stands between them.
    pub(super) fn parameters_and_body(&mut self, mut function: Function, between: &str) {
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
    pub(super) fn body(&mut self, mut function: Function, begin: impl FnOnce(&mut Self)) {
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

    pub(super) fn declared_function(&mut self) {
        let (word, function) = self.kind();
        self.put(word);
        let name = self.lexical();
        self.put(&name);
        self.parameters_and_body(function, " ");
    }

    pub(super) fn function_value(&mut self) {
        let (word, function) = self.kind();
        self.put(word);
        if self.below(4) == 1 {
            let name = self.pick(&NAMES[..6]);
            self.put(name);
        }
        self.parameters_and_body(function, " ");
    }

    /// An arrow function, in parentheses wherever it is used.
    pub(super) fn arrow(&mut self) {
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
    pub(super) fn bound_function(&mut self) {
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
    pub(super) fn called(&mut self) {
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

    pub(super) fn class(&mut self, is_statement: bool) {
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
}
