//! How the engine is set up. The build script includes this very file, so that what it precompiles fits what the host runs.
//!
//! It does not know the components or the contract, and holds nothing that depends on a machine: pool sizes are the runtime's.

use wasmtime::{Config, OptLevel, WasmBacktraceDetails};

/// The stack that one guest call may use, in bytes. Parsing recurses with the nesting of the source; the booster guards that
/// depth itself and stays well below. Half of the 2 MiB that threads of Rust's standard library and of tokio have, so that a
/// guest overflows its own limit, which is a trap, and never the thread's stack.
pub(crate) const GUEST_STACK: usize = 1 << 20;

/// Everything about the engine that precompiled code depends on.
pub(crate) fn engine_config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // Deadlines. Fuel would be exact, and costs about three times as much.
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        .cranelift_opt_level(OptLevel::Speed)
        // One bit pattern for NaN on every machine: the components promise the same bytes everywhere.
        .cranelift_nan_canonicalization(true)
        // Instances start from a copy-on-write image of their initial memory instead of a copy of it.
        .memory_init_cow(true)
        // A trap's reason is enough for a fallback; nobody reads a guest's stack.
        .wasm_backtrace_max_frames(None)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}
