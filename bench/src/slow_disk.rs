//! Deskbell on a slower disk: the same server, built by the function `deskbell
//! serve` uses, whose commits each take longer.
//!
//! The delay is one of the store's planted faults, which no setting can reach.

use std::time::Duration;

use deskbell_server::config::Config;
use deskbell_server::serve::{Parts, Server, store_options};
use tokio::net::TcpListener;

use crate::error::Outcome;
use crate::report;

pub async fn serve(sync_delay: Duration) -> Outcome<()> {
    let config = Config::load().map_err(|wrong| wrong.to_string())?;
    let listener = TcpListener::bind(&config.listen).await?;
    let mut options = store_options(&config);
    options.faults.sync_delay = sync_delay;
    let parts = Parts::of(&config, options).await?;
    let server = Server::build(config, parts).await?;
    report::say(&format!("listening http://{}", listener.local_addr()?));
    server.serve(listener, true).await;
    Ok(())
}
