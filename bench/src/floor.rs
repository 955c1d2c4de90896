//! The floor of `plugin`: wasmtime with nothing around it, for the same component
//! and the same request. A pool, an instance prepared as far as it goes, a fresh
//! store and instance for each call; no limits, no clock, no thread to go to, no
//! checks of what goes in or comes out.

mod bindings;

use std::path::Path;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    StoreContextMut,
};

use self::bindings::exports::deskbell::routing::router;
use crate::error::{Error, Outcome};
use crate::floor::bindings::deskbell::types::types::CallContext;

pub struct Floor {
    pre: InstancePre<Guest>,
    router: router::GuestIndices,
    config: String,
    request: router::Request,
    context: CallContext,
}

/// What the guest may ask for.
struct Guest {
    config: String,
}

/// What a free slot keeps and how it is cleared, as in the sandbox: with other
/// settings here, the floor would be above it.
const KEPT_WARM: usize = 256 * 1024;

impl Floor {
    pub fn new(
        file: &Path,
        config: &str,
        candidates: &[(String, String, String)],
    ) -> Outcome<Self> {
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
        // The log, which this call does not use.
        let rest = linker.define_unknown_imports_as_traps(&component);
        rest.map_err(told)?;
        let pre = linker.instantiate_pre(&component).map_err(told)?;
        Ok(Self {
            router: router::GuestIndices::new(&pre).map_err(told)?,
            pre,
            config: config.to_owned(),
            request: request(candidates),
            context: CallContext {
                tenant_id: "ten_1".to_owned(),
                installation_id: "ins_1".to_owned(),
                call_id: "1".to_owned(),
                now_ms: 1_700_000_000_000,
                deadline_ms: 100,
            },
        })
    }

    /// One call; answers whom the plugin chose.
    pub fn call(&self) -> Outcome<Option<String>> {
        let config = self.config.clone();
        let mut store = Store::new(self.pre.engine(), Guest { config });
        let instance = self.pre.instantiate(&mut store).map_err(told)?;
        let guest = self.router.load(&mut store, &instance).map_err(told)?;
        let said = guest.call_route(&mut store, &self.context, &self.request);
        match said.map_err(told)? {
            Ok(decision) => Ok(match decision.verdict {
                router::Verdict::Assign(id) => Some(id),
                _ => None,
            }),
            Err(error) => Err(format!("{error:?}").into()),
        }
    }
}

fn told(error: wasmtime::Error) -> Error {
    format!("{error:#}").into()
}

fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker
        .instance("deskbell:host/config@0.1.0")?
        .func_wrap("get", |store: StoreContextMut<'_, Guest>, (): ()| {
            Ok((store.data().config.clone(),))
        })?;
    Ok(())
}

/// The request of `benches/plugin.rs`, in the guest's words.
fn request(candidates: &[(String, String, String)]) -> router::Request {
    let candidate = |(id, name, email): &(String, String, String)| router::Candidate {
        agent_id: id.clone(),
        name: name.clone(),
        email: email.clone(),
        load: 1,
        capacity: 5,
        skills: Vec::new(),
        last_assigned_ms: Some(1_700_000_000_000),
        attributes: Vec::new(),
    };
    router::Request {
        conversation: router::Conversation {
            id: "conv_018bcfe568007000800000000000000a".to_owned(),
            inbox_id: "inb_018bcfe568007000800000000000000b".to_owned(),
            subject: Some("Where is it?".to_owned()),
            category: Some("bench".to_owned()),
            priority: router::Priority::Medium,
            attributes: Vec::new(),
        },
        contact: router::Contact {
            id: "con_018bcfe568007000800000000000000c".to_owned(),
            name: Some("Ada".to_owned()),
            email: None,
            verified: false,
            vip: true,
            attributes: Vec::new(),
        },
        waiting_ms: 5_000,
        queue: router::Queue {
            team_id: "team_018bcfe568007000800000000000000d".to_owned(),
            team_name: "Everybody".to_owned(),
            waiting: 1,
            position: 1,
        },
        candidates: candidates.iter().map(candidate).collect(),
        candidates_total: u32::try_from(candidates.len()).unwrap_or(u32::MAX),
        retry_of: None,
        attributes: Vec::new(),
    }
}
