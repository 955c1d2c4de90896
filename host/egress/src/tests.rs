//! The engine against servers that mean harm, and the spellings of addresses that
//! are nobody's business. Nothing here touches a network: the resolver and the
//! connector are doubles that count.

mod double;
mod harm;
mod secrets;
mod spellings;
