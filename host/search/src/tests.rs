//! The index as a whole, against a desk in memory that plays state and feed.

mod desk;
mod finding;
mod following;
mod rebuilding;
mod wall;
