//! `deskbell serve`: start, say where, run, and end cleanly when told to.

use std::sync::Arc;

use deskbell_store::StoreOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, Outcome, say};
use crate::config::{Config, Wrong};
use crate::demo;
use crate::guests::with_plugins;
use crate::serve::{Parts, Server, StartError, store_options};

pub(super) async fn run(config: Config, with_demo: bool) -> Outcome {
    let mut asked = Asked::listen()?;
    // Before the database is touched: a second server on the same port must not
    // get that far.
    let listener = bind(&config).await?;
    let parts = Parts::of(&config, with_planted_bugs(store_options(&config))?).await?;
    let parts = with_plugins(&config, parts).await?;
    let server = Arc::new(Server::build(config.clone(), parts).await?);
    if with_demo {
        demo::seed(&server.app).await.map_err(StartError::App)?;
    }
    greet(&config, &listener, with_demo)?;
    let serving = server.serve(listener, true);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        () = serving.as_mut() => return Ok(()),
        () = asked.again() => {}
    }
    tracing::info!("stopping: requests finish, sockets are sent away");
    server.tasks.stop().cancel();
    tokio::select! {
        () = serving => {
            tracing::info!("stopped");
            Ok(())
        }
        () = asked.again() => Err(Failure("stopped at once, by a second signal".to_owned())),
    }
}

/// What tells us to stop.
struct Asked {
    terminate: Signal,
    interrupt: Signal,
}

impl Asked {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn again(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn bind(config: &Config) -> Result<TcpListener, Wrong> {
    TcpListener::bind(&config.listen).await.map_err(|error| {
        let reason = format!("cannot listen on {}: {error}", config.listen);
        Wrong::new("listen", reason)
    })
}

fn greet(config: &Config, listener: &TcpListener, with_demo: bool) -> Outcome {
    let address = match config.public_address() {
        Some(address) => address.trim_end_matches('/').to_owned(),
        None => format!("http://{}", listener.local_addr()?),
    };
    say("Deskbell is running.");
    say(&format!("  agents     {address}/"));
    say(&format!("  API        {address}/api/v1/openapi.json"));
    if with_demo {
        say(&format!("  demo shop  {address}/demo/"));
        say(&format!("  with a bot {address}/demo/bot/"));
        say("");
        say(&format!(
            "Demo log-ins, tenant {}, password {}:",
            demo::TENANT,
            demo::PASSWORD
        ));
        for (email, role) in demo::log_ins() {
            say(&format!("  {email:<22} {role}"));
        }
    }
    Ok(())
}

/// Tests show that their checks find a bug by planting one. A release has none.
#[cfg(debug_assertions)]
fn with_planted_bugs(mut options: StoreOptions) -> Result<StoreOptions, Wrong> {
    let Some(names) = crate::config::planted_bug() else {
        return Ok(options);
    };
    for name in names.split(',').filter(|name| !name.is_empty()) {
        match name {
            "ack_before_commit" => options.faults.ack_before_commit = true,
            "forget_tenant" => options.faults.forget_tenant = true,
            "ignore_holes" => options.faults.ignore_holes = true,
            _ => {
                let reason = format!("there is no planted bug {name:?}");
                return Err(Wrong::new("DESKBELL_FAULT", reason));
            }
        }
        tracing::warn!(name, "a bug is planted: this server is for a test");
    }
    Ok(options)
}

#[cfg(not(debug_assertions))]
fn with_planted_bugs(options: StoreOptions) -> Result<StoreOptions, Wrong> {
    Ok(options)
}
