//! wasmtime as we use it: what guests may be made of, and where they live.
//!
//! The settings that shape compiled code are the same in the server and in its
//! compile child; the server itself cannot compile at all. Instances live in a
//! pool of address space that is probed at the start.

use std::hash::{Hash, Hasher};

use aws_lc_rs::digest::{Context, SHA256};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Result,
};

use crate::faults::Faults;
use crate::limits::{GUEST_STACK, LARGEST_MEMORY, WHOLE_STACK};

/// Whether code counts what it does, beside being timed. Counting is the same on
/// every machine and costs time of its own: it is for authors' tools, and no server
/// does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fuel {
    Counted,
    Uncounted,
}

/// Slots tried in turn: each reserves some 4 GiB of address space (no memory).
pub(crate) const SLOTS: [u32; 3] = [64, 16, 8];
/// Of one component, at most.
const CORE_INSTANCES: u32 = 16;
const TABLES: u32 = 8;
/// What stays with a free slot, so that the next call need not fault it in.
const KEPT_WARM: usize = 256 * 1024;

/// Everything that shapes compiled code or what is valid.
fn settings(fuel: Fuel) -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .consume_fuel(fuel == Fuel::Counted)
        .memory_init_cow(true)
        .max_wasm_stack(GUEST_STACK)
        // An author learns which trap; addresses in our process are nobody's business.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .shared_memory(false);
    config
}

/// The engine of the compile child.
pub(crate) fn for_compiling(fuel: Fuel) -> Result<Engine> {
    let mut config = settings(fuel);
    config
        .cranelift_opt_level(OptLevel::Speed)
        // The same answer on every machine.
        .cranelift_nan_canonicalization(true);
    Engine::new(&config)
}

/// The engine of the server, which runs what the child compiled, and how many guests
/// its pool has room for at once; none: as many as there is memory for.
pub(crate) fn for_running(fuel: Fuel, faults: Faults) -> Result<(Engine, Option<u32>)> {
    let mut config = settings(fuel);
    config.enable_compiler(false);
    if faults.no_stack_limit {
        config.max_wasm_stack(WHOLE_STACK);
    }
    if faults.no_pool {
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        return Ok((Engine::new(&config)?, None));
    }
    for slots in SLOTS {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
        match Engine::new(&config) {
            Ok(engine) => return Ok((engine, Some(slots))),
            Err(error) => tracing::debug!(slots, %error, "this pool of instances does not fit"),
        }
    }
    tracing::warn!(
        "the address space is too small for a pool of plugin instances; \
         each call maps its own memory, which is slower"
    );
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Ok((Engine::new(&config)?, None))
}

/// Rust guests have been seen with three core modules, one memory and two
/// tables a component; other languages need a little more. Each slot has room for the
/// most that a component may have, so that one that takes it all takes no other's.
fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * CORE_INSTANCES)
        .total_memories(slots)
        .total_tables(slots * TABLES)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(2)
        .table_elements(20_000)
        .max_memory_size(LARGEST_MEMORY)
        .max_unused_warm_slots(slots)
        .linear_memory_keep_resident(KEPT_WARM)
        // Where the kernel can tell what a guest wrote, only that is cleared.
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(16 * 1024);
    pool
}

/// What compiled code must match: wasmtime, its settings, this machine.
pub(crate) fn fingerprint(fuel: Fuel) -> Result<[u8; 32]> {
    struct Digesting(Context);
    impl Hasher for Digesting {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let engine = for_compiling(fuel)?;
    let mut digesting = Digesting(Context::new(&SHA256));
    engine.precompile_compatibility_hash().hash(&mut digesting);
    let mut print = [0; 32];
    print.copy_from_slice(digesting.0.finish().as_ref());
    Ok(print)
}
