//! Values.

use super::maker::{Function, Maker};

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

impl Maker<'_, '_> {
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
    pub(super) fn operand(&mut self) {
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

    pub(super) fn value(&mut self) {
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
