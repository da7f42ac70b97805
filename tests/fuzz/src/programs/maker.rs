//! What a program is written by: it draws alternatives, puts text, and knows the blocks, functions and names around.

use arbitrary::Unstructured;

/// Statements and values nest no deeper, and no new ones begin behind so many bytes.
const DEEPEST: u32 = 7;
pub(super) const LONGEST: usize = 3_000;

pub(super) const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "of", "é"];

/// A block, and what it declares.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) is_function: bool,
    pub(super) lexical: Vec<String>,
    pub(super) vars: Vec<String>,
}

/// What may stand in a function.
#[derive(Clone, Default)]
pub(super) struct Function {
    pub(super) is_function: bool,
    pub(super) is_async: bool,
    pub(super) generates: bool,
    pub(super) is_strict: bool,
    /// `new.target` means something.
    pub(super) has_target: bool,
    /// `super.m` means something.
    pub(super) has_super: bool,
    /// No `arguments`, `await` or `return`: a static block or a field.
    pub(super) is_field: bool,
    pub(super) loops: u32,
    pub(super) switches: u32,
    pub(super) labels: Vec<String>,
}

pub(super) struct Maker<'m, 'b> {
    pub(super) bytes: &'m mut Unstructured<'b>,
    pub(super) text: String,
    pub(super) scopes: Vec<Scope>,
    pub(super) functions: Vec<Function>,
    pub(super) depth: u32,
    pub(super) serial: u32,
    pub(super) is_typed: bool,
    pub(super) is_es: bool,
}

impl Maker<'_, '_> {
    /// One of so many.
    pub(super) fn below(&mut self, count: u8) -> u8 {
        self.bytes.int_in_range(0..=count - 1).unwrap_or(0)
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::from(self.below(list.len() as u8))]
    }

    pub(super) fn put(&mut self, text: &str) {
        self.text += text;
    }

    pub(super) fn put_one(&mut self, list: &[&str]) {
        let one = self.pick(list);
        self.put(one);
    }

    pub(super) fn function(&self) -> &Function {
        self.functions.last().expect("the program's own")
    }

    pub(super) fn function_mut(&mut self) -> &mut Function {
        self.functions.last_mut().expect("the program's own")
    }

    pub(super) fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("the program's own")
    }

    pub(super) fn is_spent(&self) -> bool {
        self.depth >= DEEPEST || self.text.len() > LONGEST || self.bytes.is_empty()
    }

    pub(super) fn within(&mut self, make: impl FnOnce(&mut Self)) {
        self.depth += 1;
        make(self);
        self.depth -= 1;
    }

    pub(super) fn scoped(&mut self, make: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope::default());
        make(self);
        self.scopes.pop();
    }

    pub(super) fn fresh(&mut self) -> String {
        self.serial += 1;
        format!("v{}", self.serial)
    }

    /// A name to be read or written: declared somewhere, or not.
    pub(super) fn name(&mut self) {
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
    pub(super) fn lexical(&mut self) -> String {
        let drawn = self.pick(&NAMES).to_owned();
        let scope = self.scope();
        let is_taken = scope.lexical.contains(&drawn) || scope.vars.contains(&drawn);
        let name = if is_taken { self.fresh() } else { drawn };
        self.scope().lexical.push(name.clone());
        name
    }

    /// Declares a name of the function, through the blocks on the way to it.
    pub(super) fn var(&mut self) -> String {
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

    pub(super) fn declare(&mut self, is_var: bool) {
        let name = if is_var { self.var() } else { self.lexical() };
        self.put(&name);
    }

    /// A name or a pattern, and whether it needs a value.
    pub(super) fn binding(&mut self, is_var: bool) -> bool {
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
}
