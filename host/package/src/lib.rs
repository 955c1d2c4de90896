//! The plugin file: a WebAssembly component with its manifest inside.
//!
//! Making one, reading one, and saying what is wrong with one, without running
//! it. It knows no engine and no server, so that the plugins that come with
//! Deskbell can be built before it. Start at `manifest.rs`, then `pack.rs`.

mod component;
mod manifest;
mod pack;
mod project;
mod schema;
mod structure;

pub use component::{Surface, surface};
pub use manifest::{MANIFEST_BYTES, parse_manifest, read_manifest};
pub use pack::{NotPacked, pack};
pub use project::{Built, NotBuilt, SOURCE_FILE, TARGET, build};
pub use structure::{COMPONENT_BYTES, check_structure};

/// The custom section that holds the manifest as TOML, at the component's
/// outermost level.
pub const MANIFEST_SECTION: &str = "deskbell:manifest";
