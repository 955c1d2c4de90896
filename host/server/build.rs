//! Makes the folders the built web pages are taken from, so that the server
//! compiles before the pages were ever built, and again when they change.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/apps");
    for app in ["widget", "dashboard"] {
        let dist = root.join(app).join("dist");
        fs::create_dir_all(&dist)?;
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    Ok(())
}
