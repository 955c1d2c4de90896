//! Webhooks, from outside: who may post and who not, what the plugin is shown, what
//! becomes of it when it fails, and that nothing is lost, done twice or left lying about.

mod desk;
mod doors;
mod failing;
mod late;
