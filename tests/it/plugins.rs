//! Plugins from outside: uploaded, refused, installed, configured, switched on and
//! off, and what canned responses get from them. Start at `desk.rs`.

mod desk;
mod install;
mod upload;
mod variables;
mod work;
