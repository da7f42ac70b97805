//! Statements that any text may have.

use super::maker::{LONGEST, Maker};

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

impl Maker<'_, '_> {
    pub(super) fn program(&mut self) {
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

    pub(super) fn list(&mut self) {
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
    pub(super) fn sole(&mut self) {
        self.within(|own| match own.below(6) {
            0 => own.report(),
            1 | 2 => own.block(),
            3 => own.declaration("var"),
            4 => own.assignment(),
            _ => own.put(";"),
        });
    }

    pub(super) fn declaration(&mut self, word: &str) {
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

    pub(super) fn assignment(&mut self) {
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

    pub(super) fn report(&mut self) {
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

    pub(super) fn jump(&mut self) {
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
}
