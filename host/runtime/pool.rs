//! The engine's pool of instances: how much of each thing a number of instances takes. How many there are is the runtime's to say, and what
//! precompiled code depends on is in `engine`.

use wasmtime::{Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::{ComponentError, engine, guard};

/// An engine with a pool of instances or, where the address space for one cannot be had, without.
pub(super) fn start_engine(
    instances: u32,
    memory: usize,
) -> Result<(Engine, bool), ComponentError> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances)
        // Each component is one core module with one memory and one table; wit-component adds at most a small shim beside it.
        .total_core_instances(instances.saturating_mul(3))
        .total_memories(instances)
        // The component's own table of indirect calls and, where it exports a resource, the one of the shim through which that is dropped.
        .total_tables(instances.saturating_mul(2))
        .max_memories_per_component(1)
        // As the totals above count them for each: a component that wants more is refused, and eats up no other's share.
        .max_tables_per_component(2)
        .max_core_instances_per_component(3)
        .table_elements(guard::TABLE)
        // No memory may grow past what the configuration gives a guest; the store's own limiter says so first.
        .max_memory_size(memory)
        // A slot keeps its first pages from call to call and zeroes them by hand, which costs less than a page fault each. The stack (512 KiB),
        // the static data and what a file of a few kilobytes allocates are 1.25 MiB; measured, that takes 30 faults a call away.
        .linear_memory_keep_resident(5 << 18)
        // Where the kernel can tell which pages were written (Linux 6.7 and later), only those are put back and none is given up: 10 % less
        // processor time for a call on 4 KB (of its system time a bit more than half). Keeping more resident brought nothing further there.
        .pagemap_scan(Enabled::Auto)
        // Of a table, all that one usually uses is put back by hand too: the booster's has 132 entries of 8 bytes. 64 KiB leave the system call
        // to guests of others with more than 8,000.
        .table_keep_resident(64 << 10);
    let mut config = engine::engine_config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    if let Ok(engine) = Engine::new(&config) {
        return Ok((engine, true));
    }
    let engine =
        Engine::new(&engine::engine_config()).map_err(|e| ComponentError::Engine(e.to_string()))?;
    Ok((engine, false))
}
