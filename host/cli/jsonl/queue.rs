//! Where the lines of a stream wait for a worker: few at a time, so that a long stream is not read into memory.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Between one reader and many workers. Unlike a channel it can be given up from outside: who waits on either side then goes on at once.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    has_one: Condvar,
    has_room: Condvar,
    room: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    is_over: bool,
}

impl<T> Queue<T> {
    /// A queue in which so many may wait.
    pub(super) fn new(room: usize) -> Queue<T> {
        Queue {
            state: Mutex::new(State {
                waiting: VecDeque::with_capacity(room),
                is_over: false,
            }),
            has_one: Condvar::new(),
            has_room: Condvar::new(),
            room,
        }
    }

    /// Puts one in once there is room; false when nobody will take it any more.
    pub(super) fn push(&self, one: T) -> bool {
        let mut state = self
            .has_room
            .wait_while(self.lock(), |state| {
                !state.is_over && state.waiting.len() >= self.room
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return false;
        }
        state.waiting.push_back(one);
        drop(state);
        self.has_one.notify_one();
        true
    }

    /// Takes one out once there is one; none when no more will come.
    pub(super) fn pop(&self) -> Option<T> {
        let mut state = self
            .has_one
            .wait_while(self.lock(), |state| {
                !state.is_over && state.waiting.is_empty()
            })
            .unwrap_or_else(PoisonError::into_inner);
        let one = state.waiting.pop_front();
        drop(state);
        self.has_room.notify_one();
        one
    }

    /// No more will come; what waits is still taken out.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.wake_all();
    }

    /// Nothing is wanted any more, nor what waits.
    pub(super) fn give_up(&self) {
        let mut state = self.lock();
        state.is_over = true;
        state.waiting.clear();
        drop(state);
        self.wake_all();
    }

    fn wake_all(&self) {
        self.has_one.notify_all();
        self.has_room.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_waits_at_the_end_is_still_taken_out_in_order() {
        let queue = Queue::new(2);
        assert!(queue.push(1) && queue.push(2));
        queue.end();
        assert!(!queue.push(3), "after the end nobody takes it");
        assert_eq!(
            [queue.pop(), queue.pop(), queue.pop()],
            [Some(1), Some(2), None]
        );
    }

    #[test]
    fn giving_up_wakes_both_sides() {
        let (full, empty) = (Queue::new(1), Queue::<u8>::new(1));
        assert!(full.push(1));
        thread::scope(|scope| {
            let pushing = scope.spawn(|| full.push(2));
            let popping = scope.spawn(|| empty.pop());
            full.give_up();
            empty.give_up();
            assert!(!pushing.join().unwrap());
            assert_eq!(popping.join().unwrap(), None);
        });
        assert_eq!(full.pop(), None);
    }
}
