//! Plugins that hear of events, from outside: what they are told and what not, in
//! which order, what becomes of it when they fail, and what they may do.

mod desk;
mod failing;
mod gate;
mod late;
mod tells;
