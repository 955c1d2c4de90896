//! A plugin that knocks at private addresses: in 200 spellings, where a redirect
//! leads, and by a name that changes its mind. Nothing is dialled but what is public.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use deskbell_egress::{Connector, Egress, EgressConfig, Faults as Lifted, Resolver, Stream};
use deskbell_server::outbound::WayOut;
use deskbell_server::tasks::Tasks;
use deskbell_tests::guests::{self, Faults};
use deskbell_tests::{Engine, Setup, both_engines};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::neighbour::Neighbour;
use super::yard::Yard;

const PUBLIC: &str = "1.1.1.1";

/// `rebound.test` is public when it is first asked for, and this machine after that.
#[derive(Default)]
struct Names(Mutex<HashMap<String, usize>>);

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = self.0.lock().expect("nobody panicked");
        let times = asked.entry(name.to_owned()).or_default();
        *times += 1;
        let address = match (name, *times) {
            ("rebound.test", 1) | ("moved.test", _) => PUBLIC,
            ("rebound.test", _) => "127.0.0.1",
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(vec![address.parse().expect("an address")])
    }
}

/// Keeps who is dialled, and puts a server at the other end that sends everybody on
/// to this machine.
#[derive(Default)]
struct Wire {
    dialled: Mutex<Vec<IpAddr>>,
    servers: Tasks,
}

#[async_trait]
impl Connector for Wire {
    async fn connect(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        self.dialled.lock().expect("nobody panicked").push(to.ip());
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        self.servers.spawn("somebody's server", serve(theirs));
        Ok(Box::new(ours))
    }
}

async fn serve(mut stream: DuplexStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let moved = String::from_utf8_lossy(&head).contains("host: moved.test");
    let answer = match moved {
        true => "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
        false => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    };
    let _gone = stream.write_all(answer.as_bytes()).await;
}

/// What the guest says it got away with, and who was dialled.
async fn knocks(engine: Engine, any_address: bool) -> (String, Vec<IpAddr>) {
    let wire = Arc::new(Wire::default());
    let egress = Egress::new(EgressConfig {
        resolver: Arc::new(Names::default()),
        connector: wire.clone(),
        allow_http: true,
        // Only the address stands in its way.
        faults: Lifted {
            any_host: true,
            no_pace: true,
            any_address,
            ..Lifted::default()
        },
        ..EgressConfig::default()
    });
    let mut setup = Setup::new(engine);
    setup.outbound = Some(Arc::new(WayOut::over(egress.expect("an engine"))));
    setup.hooks = guests::with(Faults {
        no_wall_limit: true,
        no_cpu_limit: true,
        no_request_limit: true,
        ..Faults::NONE
    });
    let app = setup.start().await;
    let yard = Yard::of(&app).await;
    let mut neighbour = Neighbour::of(&app).await;
    let path = yard.install("private-egress", "variables", &["http"]).await;
    let said = yard.filled().await;
    let (call, log) = yard.traces(&path).await;
    assert_eq!(call["outcome"], "ok", "{call}");
    let told = log
        .iter()
        .any(|line| line.contains("not on the public internet"));
    assert_ne!(told, any_address, "{log:?}");
    neighbour.goes_on("private-egress").await;
    drop(yard);
    app.finish().await;
    let dialled = wire.dialled.lock().expect("nobody panicked").clone();
    (said, dialled)
}

both_engines! {
    async fn nothing_private_is_dialled(engine: Engine) {
        let (said, dialled) = knocks(engine, false).await;
        assert_eq!(said, "0 of 216, 1 rebound, moved false");
        let public: IpAddr = PUBLIC.parse().expect("an address");
        assert_eq!(dialled, [public, public], "the two that were public");
    }

    async fn without_the_check_it_is_inside(engine: Engine) {
        let (said, dialled) = knocks(engine, true).await;
        assert!(said.ends_with("2 rebound, moved true"), "{said}");
        assert!(dialled.len() > 180, "{}", dialled.len());
    }
}
