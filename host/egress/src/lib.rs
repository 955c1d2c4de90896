//! Asking the outside over HTTP: the one way out, for plugins now and whatever
//! else asks later.
//!
//! A request names a URL and comes with terms: which hosts it may go to, how long
//! it may take, how large it may be. The crate decides whether that destination
//! may be reached at all, looks its name up once, dials the very address it has
//! checked, and hands back what came, redirects included. It knows no plugin, no
//! tenant and no database. Start at `engine.rs`; which addresses are nobody's
//! business is `address.rs`.

mod address;
mod allowed;
mod destination;
mod engine;
mod exchange;
mod failure;
mod outside;
mod pace;
mod request;
mod tls;
mod written;

pub use address::unfit;
pub use allowed::{Allowed, BadAllowed};
pub use destination::goes_to;
pub use engine::{Egress, EgressConfig, Faults};
pub use failure::Failure;
pub use outside::{Connector, Resolver, Stream, SystemConnector, SystemResolver};
pub use pace::Paces;
pub use request::{Addition, Method, Request, Response, Terms};
pub use tls::{BadRoots, Roots};
pub use written::{Written, written};

#[cfg(test)]
mod tests;
