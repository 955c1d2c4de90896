//! `deskbell:host/config`: the installation's configuration as JSON text.

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::guest::Guest;
use crate::meter::Stop;

pub(crate) const INTERFACE: &str = "deskbell:host/config@0.1.0";

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    linker
        .instance(INTERFACE)?
        .func_wrap("get", |mut store: StoreContextMut<'_, Guest>, (): ()| {
            if !store.data_mut().meter.host_call() {
                return Err(Stop::HostCalls.into());
            }
            Ok((serde_json::to_string(&*store.data().config)?,))
        })
}
