//! What Deskbell is about, without saying how it is stored or served.
//!
//! Everything here is pure: ids, entities, the commands people give, the
//! decisions that follow and the events that tell of them. No clock, no chance,
//! no SQL, no HTTP: time and ids come in as arguments. Start with `case.rs` (the
//! shape of every conversation command) and `conversation.rs` (the rules).

pub mod actor;
pub mod agent;
pub mod audit;
pub mod availability;
pub mod bot;
pub mod canned;
pub mod case;
pub mod command;
pub mod contact;
pub mod conversation;
pub mod event;
pub mod id;
pub mod inbox;
pub mod integration;
pub mod invocation;
pub mod limits;
pub mod message;
pub mod oauth;
pub mod permission;
pub mod plugin;
pub mod reach;
pub mod refusal;
pub mod routing;
pub mod session;
pub mod team;
pub mod tenant;
pub mod text;
pub mod time;
pub mod timer;
pub mod visitor;
pub mod visitor_view;
pub mod webhook;

pub use actor::{Actor, ActorRef, Who};
pub use agent::{Agent, AgentRef};
pub use availability::{Availability, Presence};
pub use case::{Case, Context, Effects, IdSource};
pub use command::Command;
pub use contact::{Contact, ContactRef};
pub use conversation::{Conversation, Priority, Status};
pub use event::{Audience, Event, EventBody};
pub use id::*;
pub use message::{Message, MessageAck, Sender};
pub use permission::{Permission, Role};
pub use refusal::{Kind, Refusal};
pub use time::Timestamp;
pub use visitor::Visitor;
