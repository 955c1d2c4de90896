//! Components out of a few lines of WebAssembly text, and their manifests.

use bytes::Bytes;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(super) const ROUTER: &str = "export deskbell:routing/router@0.1.0;";

/// Where `answer` lies in a guest's memory. All zero there is "no opinion".
pub(super) const ANSWER: usize = 1024;

pub(super) const MANIFEST: &str = r#"
id = "zoo"
name = "Zoo"
version = "1.0.0"
publisher = "Tests"
"#;

/// A router whose `route` runs this body; it must leave the address of an answer.
pub(super) fn router(body: &str) -> Bytes {
    router_with("", "", body)
}

/// With more imports in its world, and more items in its module.
pub(super) fn router_with(imports: &str, items: &str, body: &str) -> Bytes {
    let route = format!(
        r#"(func (export "deskbell:routing/router@0.1.0#route") (param i32) (result i32) {body})"#
    );
    guest(&format!("{imports} {ROUTER}"), &format!("{items} {route}"))
}

/// A router that always answers with these bytes.
pub(super) fn router_saying(answer: &[u8]) -> Bytes {
    let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let items = format!(r#"(data (i32.const {ANSWER}) "{data}")"#);
    router_with("", &items, &format!("i32.const {ANSWER}"))
}

pub(super) fn guest(world: &str, items: &str) -> Bytes {
    signed(&component(world, items), MANIFEST)
}

/// The component alone. Imports come first in a module, so `items` does.
pub(super) fn component(world: &str, items: &str) -> Vec<u8> {
    component_of(&ours(), world, items)
}

/// The WIT files of the server.
fn ours() -> Resolve {
    let wit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let mut resolve = Resolve::default();
    for package in ["types", "host", "routing", "variables"] {
        resolve.push_path(wit.join(package)).unwrap();
    }
    resolve
}

/// With somebody else's WIT.
pub(super) fn foreign(packages: &[&str], world: &str, items: &str) -> Bytes {
    let mut resolve = Resolve::default();
    for package in packages {
        resolve.push_str("foreign.wit", package).unwrap();
    }
    signed(&component_of(&resolve, world, items), MANIFEST)
}

fn component_of(resolve: &Resolve, world: &str, items: &str) -> Vec<u8> {
    let mut resolve = resolve.clone();
    let world = format!("package zoo:guest; world guest {{ {world} }}");
    let package = resolve.push_str("guest.wit", &world).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    // A bump allocator that never frees: an instance lives for one call.
    let text = format!(
        r#"(module
            {items}
            (memory (export "memory") 2)
            (global $free (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and
                    (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.set $free (i32.add (local.get $at) (local.get 3)))
                (block $fits
                    (br_if $fits (i32.le_u (global.get $free)
                        (i32.mul (memory.size) (i32.const 65536))))
                    (drop (memory.grow (i32.const 16))))
                (local.get $at)))"#
    );
    let mut module = wat::parse_str(&text).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.validate(true).encode().unwrap()
}

/// With a manifest inside.
pub(super) fn signed(component: &[u8], manifest: &str) -> Bytes {
    let name = "deskbell:manifest";
    let mut section = leb(name.len());
    section.extend(name.as_bytes());
    section.extend(manifest.as_bytes());
    let mut file = component.to_vec();
    file.push(0);
    file.extend(leb(section.len()));
    file.extend(section);
    file.into()
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// Little-endian words into an answer's bytes.
pub(super) fn answer(words: &[(usize, u32)]) -> Vec<u8> {
    let mut bytes = vec![0; 48];
    for (at, word) in words {
        bytes[*at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    bytes
}
