//! The size and the shape of a file, before anything expensive looks at it: one
//! pass, no allocation that grows with what the file claims.

use deskbell_domain::refusal::FieldError;
use wasmparser::{Parser, Payload};

use crate::component::{damaged, finding, is_component};

/// The largest file that is taken.
pub const COMPONENT_BYTES: usize = 8 << 20;

/// Far above what compilers make of a plugin, far below what hurts the one that
/// compiles it. A Rust plugin has 3 modules and a few hundred functions.
const LIMITS: [(&str, u64); 7] = [
    ("levels of nesting", 8),
    ("core modules", 32),
    ("components inside it", 64),
    ("functions", 50_000),
    ("types", 20_000),
    ("imports and exports", 5_000),
    ("tables, memories and globals", 1_000),
];

/// A function with more bytes than this takes the compiler long, alone.
const FUNCTION_BYTES: usize = 512 << 10;

/// # Errors
///
/// The file is too large, no component, damaged, or built to be a burden.
pub fn check_structure(file: &[u8]) -> Result<(), Vec<FieldError>> {
    if file.len() > COMPONENT_BYTES {
        let detail = format!(
            "The file has {} bytes; {COMPONENT_BYTES} is the most. Build with the release profile and strip it.",
            file.len()
        );
        return Err(vec![finding("component_too_large", detail)]);
    }
    is_component(file).map_err(|finding| vec![finding])?;
    let mut counts = [0_u64; LIMITS.len()];
    let mut depth = 0_u64;
    for payload in Parser::new(0).parse_all(file) {
        let payload = payload.map_err(|error| vec![damaged(&error)])?;
        match &payload {
            Payload::Version { .. } => {
                depth += 1;
                counts[0] = counts[0].max(depth);
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) if body.range().len() > FUNCTION_BYTES => {
                let detail = format!(
                    "A function has {} bytes; {FUNCTION_BYTES} is the most.",
                    body.range().len()
                );
                return Err(vec![finding("component_too_complex", detail)]);
            }
            other => {
                if let Some((kind, count)) = counted(other) {
                    counts[kind] += count;
                }
            }
        }
        for ((what, most), count) in LIMITS.iter().zip(counts) {
            if count > *most {
                let detail = format!("It has more than {most} {what}, which no plugin needs.");
                return Err(vec![finding("component_too_complex", detail)]);
            }
        }
    }
    Ok(())
}

/// Which limit a section counts towards, and by how much.
fn counted(payload: &Payload<'_>) -> Option<(usize, u64)> {
    let (kind, count) = match payload {
        Payload::ModuleSection { .. } => (1, 1),
        Payload::ComponentSection { .. } => (2, 1),
        Payload::FunctionSection(section) => (3, section.count()),
        Payload::ComponentCanonicalSection(section) => (3, section.count()),
        Payload::TypeSection(section) => (4, section.count()),
        Payload::CoreTypeSection(section) => (4, section.count()),
        Payload::ComponentTypeSection(section) => (4, section.count()),
        Payload::ImportSection(section) => (5, section.count()),
        Payload::ExportSection(section) => (5, section.count()),
        Payload::ComponentImportSection(section) => (5, section.count()),
        Payload::ComponentExportSection(section) => (5, section.count()),
        Payload::ComponentAliasSection(section) => (5, section.count()),
        Payload::InstanceSection(section) => (5, section.count()),
        Payload::ComponentInstanceSection(section) => (5, section.count()),
        Payload::TableSection(section) => (6, section.count()),
        Payload::MemorySection(section) => (6, section.count()),
        Payload::GlobalSection(section) => (6, section.count()),
        _ => return None,
    };
    Some((kind, count.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(file: &[u8]) -> &'static str {
        check_structure(file).unwrap_err()[0].code
    }

    #[test]
    fn what_is_no_component_is_said_to_be_none() {
        assert_eq!(code(b""), "not_webassembly");
        assert_eq!(code(b"<html>"), "not_webassembly");
        assert_eq!(code(b"\0asm\x01\0\0\0"), "not_a_component");
        assert_eq!(code(&vec![0; COMPONENT_BYTES + 1]), "component_too_large");
        assert_eq!(check_structure(b"\0asm\x0d\0\x01\0"), Ok(()));
    }

    #[test]
    fn a_file_cut_off_is_damaged() {
        assert_eq!(code(b"\0asm\x0d\0\x01\0\0\x7f"), "damaged");
    }

    #[test]
    fn a_file_of_nothing_but_components_is_a_burden() {
        let inner = b"\0asm\x0d\0\x01\0";
        let mut file = inner.to_vec();
        for _ in 0..65 {
            file.extend([4, 8]);
            file.extend(inner);
        }
        assert_eq!(code(&file), "component_too_complex");
    }

    #[test]
    fn claims_are_not_believed_into_memory() {
        // A type section of one byte that claims four thousand million types.
        let module = b"\0asm\x01\0\0\0\x01\x05\xff\xff\xff\xff\x0f";
        let mut file = b"\0asm\x0d\0\x01\0\x01".to_vec();
        file.push(u8::try_from(module.len()).unwrap());
        file.extend(module);
        assert_eq!(code(&file), "component_too_complex");
    }
}
