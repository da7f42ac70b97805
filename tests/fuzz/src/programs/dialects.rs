//! Statements that some texts alone may have: sloppy ones, those of CommonJS and of modules, types.

use super::maker::{Function, Maker};

impl Maker<'_, '_> {
    pub(super) fn sloppy(&mut self) {
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

    pub(super) fn common_js(&mut self) {
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

    pub(super) fn module(&mut self) {
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

    pub(super) fn types(&mut self) {
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
}
