//! The floor of `plugin`: wasmtime with nothing around it, for the same component
//! and the same request. A pool, an instance prepared as far as it goes, a fresh
//! store and instance for each call; no limits, no clock, no thread to go to, no
//! checks of what goes in or comes out.

mod bindings;
mod filter;
mod router;

use std::path::Path;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    StoreContextMut,
};

use self::bindings::types::CallContext;
pub use self::filter::FilterFloor;
pub use self::router::RouterFloor;
use crate::error::{Error, Outcome};

/// What the guest may ask for.
struct Guest {
    config: String,
}

/// What a free slot keeps and how it is cleared, as in the sandbox: with other
/// settings here, the floor would be above it.
const KEPT_WARM: usize = 256 * 1024;

/// The component of a file, ready to be made an instance of.
fn prepared(file: &Path) -> Outcome<InstancePre<Guest>> {
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(KEPT_WARM)
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(16 * 1024)
        .max_unused_warm_slots(8)
        .total_memories(8)
        .total_tables(64)
        .total_core_instances(64)
        .total_component_instances(8)
        .max_memory_size(64 << 20);
    let mut settings = Config::new();
    settings
        .concurrency_support(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&settings).map_err(told)?;
    let component = Component::from_file(&engine, file).map_err(told)?;
    let mut linker: Linker<Guest> = Linker::new(&engine);
    link(&mut linker).map_err(told)?;
    // The log, which these calls do not use.
    let rest = linker.define_unknown_imports_as_traps(&component);
    rest.map_err(told)?;
    linker.instantiate_pre(&component).map_err(told)
}

fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker
        .instance("deskbell:host/config@0.1.0")?
        .func_wrap("get", |store: StoreContextMut<'_, Guest>, (): ()| {
            Ok((store.data().config.clone(),))
        })?;
    Ok(())
}

fn store(pre: &InstancePre<Guest>, config: &str) -> Store<Guest> {
    let config = config.to_owned();
    Store::new(pre.engine(), Guest { config })
}

fn context() -> CallContext {
    CallContext {
        tenant_id: "ten_1".to_owned(),
        installation_id: "ins_1".to_owned(),
        call_id: "1".to_owned(),
        now_ms: 1_700_000_000_000,
        deadline_ms: 100,
    }
}

fn told(error: wasmtime::Error) -> Error {
    format!("{error:#}").into()
}
