//! The store on both engines, without a server around it.
//!
//! `store/fresh.rs` makes a database for a test, `store/desk.rs` puts a small desk
//! into it. The rest is a file for each promise.

mod counts;
mod desk;
mod feed;
mod feed_chaos;
mod fresh;
mod gate;
mod isolation;
mod jobs;
mod leases;
mod merged;
mod open;
mod rows;
mod schema;
mod timers;
mod whole_batch;
