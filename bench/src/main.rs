//! The benches: what Deskbell is measured by.

fn main() {}
