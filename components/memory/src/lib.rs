//! The components' allocator: blocks in classes of size, kept in lists when they are given back, and taken from the end of the memory
//! when their list is empty. Whatever links this crate allocates by it; on other targets than WebAssembly the crate is empty.
//!
//! A call lives for microseconds, and the host drops a memory after the call or once it has grown, so that what a general allocator does to
//! keep a heap tidy (splitting, joining, searching) is work for nobody. A block is found in a handful of instructions; the price is that up to
//! a fifth of it may stay unused and that blocks of one class never serve another. Single-threaded, as every component is.
#![cfg(target_arch = "wasm32")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr;

/// A page of a WebAssembly memory, in bytes.
const PAGE: usize = 65_536;
/// What every block is a multiple of and aligned to.
const GRAIN: usize = 16;
/// Four classes for each doubling of the size, up to 2^32.
const CLASSES: usize = 4 * 32;

unsafe extern "C" {
    /// Where the linker's data and stack end.
    static __heap_base: u8;
}

struct State {
    /// The first byte that no block has had yet; 0 before the first call.
    next: usize,
    /// Where the memory ends.
    end: usize,
    /// For each class the last block that was given back; each holds the address of the one before.
    free: [usize; CLASSES],
}

struct Memory(UnsafeCell<State>);

// SAFETY: a component has one thread.
unsafe impl Sync for Memory {}

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(State {
    next: 0,
    end: 0,
    free: [0; CLASSES],
}));

/// The class of a size, and the size of its blocks.
fn class_of(size: usize) -> (usize, usize) {
    let size = size.max(GRAIN);
    let power = size.ilog2() as usize;
    let step = (1 << (power - 2)).max(GRAIN);
    let rounded = (size + step - 1) & !(step - 1);
    let power = rounded.ilog2() as usize;
    (power * 4 + ((rounded >> (power - 2)) & 3), rounded)
}

impl State {
    /// Makes sure that so many bytes can be taken from the end.
    fn reserve(&mut self, bytes: usize) -> bool {
        if self.next == 0 {
            let base = &raw const __heap_base as usize;
            self.next = (base + GRAIN - 1) & !(GRAIN - 1);
            self.end = memory_size(0) * PAGE;
        }
        let Some(wanted) = self.next.checked_add(bytes) else {
            return false;
        };
        if wanted <= self.end {
            return true;
        }
        let pages = (wanted - self.end).div_ceil(PAGE);
        if memory_grow(0, pages) == usize::MAX {
            return false;
        }
        self.end += pages * PAGE;
        true
    }

    /// Takes a block that nobody has had from the end; null when the memory cannot grow. Its bytes are zero.
    fn take(&mut self, size: usize, align: usize) -> *mut u8 {
        if !self.reserve(size.saturating_add(align)) {
            return ptr::null_mut();
        }
        let block = (self.next + align - 1) & !(align - 1);
        self.next = block + size;
        block as *mut u8
    }
}

/// Lets the memory grow once to what a call usually needs, instead of step by step.
pub fn reserve(bytes: usize) {
    // SAFETY: one thread, and no reference to the state outlives a call of this module.
    let state = unsafe { &mut *MEMORY.0.get() };
    // Without it the blocks themselves will ask, and whoever asks is told.
    let _ = state.reserve(bytes);
}

// SAFETY: blocks come from memory above all data, never overlap, and are as large and as aligned as asked for.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `reserve`.
        let state = unsafe { &mut *self.0.get() };
        let (class, size) = class_of(layout.size());
        if layout.align() > GRAIN {
            return state.take(size, layout.align());
        }
        let block = state.free[class];
        if block == 0 {
            return state.take(size, GRAIN);
        }
        // SAFETY: a block in a list is free and holds the address of the next.
        state.free[class] = unsafe { *(block as *const usize) };
        block as *mut u8
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `reserve`.
        let state = unsafe { &mut *self.0.get() };
        let (class, size) = class_of(layout.size());
        if state.free[class] == 0 {
            return state.take(size, layout.align().max(GRAIN));
        }
        // SAFETY: the caller's promises are passed on; the block has the size that is zeroed.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                ptr::write_bytes(block, 0, layout.size());
            }
            block
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // Larger alignments are rare: their blocks are not used again.
        if layout.align() <= GRAIN {
            // SAFETY: as in `reserve`; the block is free from here on, and at least 16 bytes long.
            unsafe {
                let state = &mut *self.0.get();
                let (class, _) = class_of(layout.size());
                *(block as *mut usize) = state.free[class];
                state.free[class] = block as usize;
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (class, size) = class_of(layout.size());
        let (new_class, rounded) = class_of(new_size);
        if class == new_class {
            return block;
        }
        // SAFETY: as in `reserve`. The last block grows in place; any other one moves.
        unsafe {
            let state = &mut *self.0.get();
            let is_last = block as usize + size == state.next;
            // Where a block of the new class waits, it is taken: else a memory that lives for many calls would grow by each vector that does.
            if is_last
                && state.free[new_class] == 0
                && layout.align() <= GRAIN
                && rounded > size
                && state.reserve(rounded - size)
            {
                state.next += rounded - size;
                return block;
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
