//! A component's outermost level: which sections it has, what it imports and
//! exports. Nothing below that level is looked at here.

use std::ops::Range;

use deskbell_domain::refusal::FieldError;
use wasmparser::{Parser, Payload};

use crate::MANIFEST_SECTION;

/// What a component is made of, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surface {
    /// Names such as `deskbell:host/log@0.1.0`, in the component's order.
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// # Errors
///
/// The file is no component, or a damaged one.
pub fn surface(file: &[u8]) -> Result<Surface, Vec<FieldError>> {
    let mut found = Surface::default();
    each_outer(file, |payload, _| {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    found.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    found.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    })
    .map_err(|finding| vec![finding])?;
    Ok(found)
}

/// Where a manifest lies in a file.
pub(crate) struct Place {
    /// The section, its header included.
    pub(crate) section: Range<usize>,
    pub(crate) text: Range<usize>,
}

pub(crate) fn manifest_sections(file: &[u8]) -> Result<Vec<Place>, FieldError> {
    let mut found = Vec::new();
    each_outer(file, |payload, whole| {
        if let Payload::CustomSection(section) = payload
            && section.name() == MANIFEST_SECTION
        {
            let text = section.data_offset()..section.data_offset() + section.data().len();
            let section = whole;
            found.push(Place { section, text });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Goes through the sections of the outermost level, each with its place in the
/// file.
fn each_outer(
    file: &[u8],
    mut see: impl FnMut(&Payload<'_>, Range<usize>) -> wasmparser::Result<()>,
) -> Result<(), FieldError> {
    is_component(file)?;
    let mut depth = 0_usize;
    // Behind the file's header.
    let mut last = 8;
    for payload in Parser::new(0).parse_all(file) {
        let payload = payload.map_err(|error| damaged(&error))?;
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 1
            && let Some((_, content)) = payload.as_section()
        {
            let whole = last..content.end;
            last = content.end;
            see(&payload, whole).map_err(|error| damaged(&error))?;
        }
    }
    Ok(())
}

/// The first eight bytes say what a file is.
pub(crate) fn is_component(file: &[u8]) -> Result<(), FieldError> {
    if Parser::is_component(file) {
        return Ok(());
    }
    Err(if Parser::is_core_wasm(file) {
        finding(
            "not_a_component",
            "This is a core WebAssembly module. A plugin is a component: make one with `deskbell plugin build`.",
        )
    } else {
        finding(
            "not_webassembly",
            "This is no WebAssembly file. Upload the .wasm file that `deskbell plugin build` made.",
        )
    })
}

pub(crate) fn damaged(error: &wasmparser::BinaryReaderError) -> FieldError {
    finding(
        "damaged",
        format!(
            "The file is damaged at byte {}: {}. Build it again and upload it whole.",
            error.offset(),
            error.message()
        ),
    )
}

pub(crate) fn finding(code: &'static str, detail: impl Into<String>) -> FieldError {
    FieldError::new("/component", code, detail)
}
