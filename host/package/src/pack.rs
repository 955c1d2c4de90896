//! From what a compiler left to a plugin file.

use deskbell_domain::plugin::Manifest;
use deskbell_domain::refusal::FieldError;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmparser::Parser;
use wit_component::ComponentEncoder;

use crate::component::manifest_sections;
use crate::{MANIFEST_SECTION, check_structure, parse_manifest};

/// Why no plugin file came of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPacked {
    #[error("it could not be made into a component: {0}")]
    Encoding(String),
    /// The manifest or the component is not as it has to be.
    #[error("{}", .0.first().map_or("", |finding| finding.detail.as_str()))]
    Wrong(Vec<FieldError>),
}

impl From<FieldError> for NotPacked {
    fn from(finding: FieldError) -> Self {
        Self::Wrong(vec![finding])
    }
}

/// Makes a component of a core module with wit-bindgen's type information (a
/// component stays as it is) and puts the manifest into it, in the place of one
/// that is there already.
///
/// # Errors
///
/// The manifest is wrong, or the module is not made for a plugin.
pub fn pack(wasm: &[u8], manifest: &str) -> Result<(Vec<u8>, Manifest), NotPacked> {
    let read = parse_manifest(manifest).map_err(NotPacked::Wrong)?;
    let component = if Parser::is_core_wasm(wasm) {
        encode(wasm)?
    } else {
        wasm.to_vec()
    };
    let mut file = Vec::with_capacity(component.len() + manifest.len() + 64);
    let mut from = 0;
    for old in manifest_sections(&component)? {
        file.extend(&component[from..old.section.start]);
        from = old.section.end;
    }
    file.extend(&component[from..]);
    CustomSection {
        name: MANIFEST_SECTION.into(),
        data: manifest.as_bytes().into(),
    }
    .append_to_component(&mut file);
    check_structure(&file).map_err(NotPacked::Wrong)?;
    Ok((file, read))
}

fn encode(module: &[u8]) -> Result<Vec<u8>, NotPacked> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| {
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            NotPacked::Encoding(causes.join(": "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{read_manifest, surface};

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
    const MANIFEST: &str =
        "id = \"bell\"\nname = \"Bell\"\nversion = \"1.0.0\"\npublisher = \"Us\"\n";

    #[test]
    fn what_was_packed_can_be_read() {
        let (file, manifest) = pack(EMPTY, MANIFEST).unwrap();
        assert_eq!(read_manifest(&file), Ok(manifest));
        assert_eq!(surface(&file).unwrap().exports, Vec::<String>::new());
    }

    #[test]
    fn packing_again_replaces_the_manifest() {
        let (once, _) = pack(EMPTY, MANIFEST).unwrap();
        let (twice, manifest) = pack(&once, &MANIFEST.replace("1.0.0", "1.0.1")).unwrap();
        assert_eq!(manifest.version, "1.0.1");
        assert_eq!(read_manifest(&twice), Ok(manifest));
        assert_eq!(once.len(), twice.len());
    }

    #[test]
    fn a_wrong_manifest_is_not_packed() {
        let wrong = pack(EMPTY, "id = \"Bell\"").unwrap_err();
        assert!(
            matches!(wrong, NotPacked::Wrong(findings) if findings.len() == 4),
            "id, name, version and publisher"
        );
    }

    #[test]
    fn a_module_that_wants_something_unknown_says_what() {
        // Imports function `f` of module `env`.
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0";
        let Err(NotPacked::Encoding(why)) = pack(module, MANIFEST) else {
            panic!("nobody provides `env`");
        };
        assert!(why.contains("env"), "{why}");
    }
}
