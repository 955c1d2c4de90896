//! Write Deskbell plugins in Rust.
