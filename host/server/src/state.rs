//! What every handler is given: the app, the index, the sockets, the settings.
//!
//! Built once in `serve.rs`; cheap to clone. Handlers reach nothing else.

use std::net::IpAddr;
use std::sync::Arc;

use deskbell_app::App;
use deskbell_search::SearchIndex;

use crate::accept::Slot;
use crate::config::Config;
use crate::origin::Origins;
use crate::socket::hub::Hub;
use crate::tasks::Tasks;

#[derive(Clone)]
pub struct AppState {
    pub app: App,
    pub search: SearchIndex,
    pub hub: Hub,
    pub config: Arc<Config>,
    pub origins: Arc<Origins>,
    pub tasks: Tasks,
}

/// Where a request came from: an extension the accept loop puts on each request,
/// absent when a test calls the router without a network.
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    /// The connection's place under the caps. A socket keeps it when the HTTP
    /// connection has become one.
    pub slot: Arc<Slot>,
}
