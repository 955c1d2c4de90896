//! Running plugins: untrusted code, inside limits.
