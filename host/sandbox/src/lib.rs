//! Running plugins: untrusted code, inside limits.

mod bindings;
