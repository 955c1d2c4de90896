//! Makes the folders the built web pages and plugins are taken from, so that the
//! server compiles before they were ever built, and again when they change.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for built in ["web/apps/widget", "web/apps/dashboard", "plugins"] {
        let dist = root.join(built).join("dist");
        fs::create_dir_all(&dist)?;
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    // What `deskbell plugin new` writes out.
    for embedded in ["plugin-api", "wit", "host/server/src/cli/plugin/template"] {
        println!("cargo::rerun-if-changed={}", root.join(embedded).display());
    }
    // Naming anything means to name everything.
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
