//! The two things that touch the network: looking a name up, and dialling an
//! address. Traits, so that a test can count both.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// Look-ups at once. The system's are blocking, and one that hangs keeps its
/// thread after everybody has stopped waiting.
const LOOK_UPS: usize = 32;

#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of a name, best first.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

#[async_trait]
pub trait Connector: Send + Sync {
    async fn connect(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    turns: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(LOOK_UPS)),
        }
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(io::Error::other)?;
        let name = name.to_owned();
        let found = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let all = (name.as_str(), 0_u16).to_socket_addrs()?;
            Ok(all.map(|one| one.ip()).collect())
        });
        found.await.map_err(io::Error::other)?
    }
}

/// Plain TCP, and never through a proxy, whatever the environment says.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemConnector;

#[async_trait]
impl Connector for SystemConnector {
    async fn connect(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Box::new(stream))
    }
}
