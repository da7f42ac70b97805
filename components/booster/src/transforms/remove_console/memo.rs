//! What was found out once about something and is asked again: a text may hold ten thousands of calls in one list of statements.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

/// Answers by what they are about.
pub(super) struct Memo<K>(RefCell<HashMap<K, bool>>);

impl<K> Default for Memo<K> {
    fn default() -> Self {
        Memo(RefCell::default())
    }
}

impl<K: Eq + Hash> Memo<K> {
    /// The answer, which is found when it is first asked for. `find` must not ask for another.
    pub(super) fn get(&self, about: K, find: impl FnOnce() -> bool) -> bool {
        *self.0.borrow_mut().entry(about).or_insert_with(find)
    }
}
