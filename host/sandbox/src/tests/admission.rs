//! What is refused at the door, and in which words.

use deskbell_app::hooks::{Hooks, NotAdmitted};
use deskbell_domain::plugin::{Capability, Hook};
use deskbell_domain::refusal::FieldError;

use super::guests::{
    ANSWER, MANIFEST, ROUTER, component, foreign, guest, router, router_with, signed,
};
use super::{call, request, sandbox};

async fn findings(file: bytes::Bytes) -> Vec<FieldError> {
    match sandbox().admit(file).await {
        Err(NotAdmitted::Refused(findings)) => findings,
        other => panic!("{other:?}"),
    }
}

fn about<'a>(findings: &'a [FieldError], code: &str) -> &'a FieldError {
    let found = findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {findings:#?}"))
}

#[tokio::test]
async fn a_good_file_is_described() {
    let admitted = sandbox().admit(router("unreachable")).await.unwrap();
    assert_eq!(admitted.hooks, [Hook::Routing]);
    assert_eq!(admitted.capabilities, []);
    assert_eq!(admitted.manifest.id, "zoo");
    let find = r#"(import "deskbell:host/directory@0.1.0" "find-team"
        (func $find (param i32 i32 i32)))"#;
    let import = "import deskbell:host/directory@0.1.0;";
    let wanting = router_with(import, find, "unreachable");
    let admitted = sandbox().admit(wanting).await.unwrap();
    assert_eq!(admitted.capabilities, [Capability::Directory]);
}

#[tokio::test]
async fn variables_are_asked_once() {
    // One definition: order.eta, described as "When".
    let items = format!(
        r#"(data (i32.const {ANSWER}) "\10\04\00\00\01\00\00\00")
           (data (i32.const 1040) "\80\04\00\00\09\00\00\00\90\04\00\00\04\00\00\00")
           (data (i32.const 1152) "order.eta")
           (data (i32.const 1168) "When")
           (func (export "deskbell:variables/variables@0.1.0#list-definitions") (result i32)
                i32.const {ANSWER})
           (func (export "deskbell:variables/variables@0.1.0#resolve") (param i32) (result i32)
                unreachable)"#
    );
    let world = "export deskbell:variables/variables@0.1.0;";
    let admitted = sandbox().admit(guest(world, &items)).await.unwrap();
    assert_eq!(admitted.hooks, [Hook::Variables]);
    assert_eq!(admitted.variables.len(), 1);
    assert_eq!(admitted.variables[0].name, "order.eta");
    assert_eq!(admitted.variables[0].description, "When");

    let wrong = guest(world, &items.replace("order.eta", "Order.ETA"));
    let findings = findings(wrong).await;
    assert!(
        about(&findings, "trial_failed")
            .detail
            .contains("`Order.ETA`")
    );
}

#[tokio::test]
async fn what_is_no_component_is_said_to_be_none() {
    let nonsense = findings("GIF89a".into()).await;
    about(&nonsense, "not_webassembly");
    let empty = findings("".into()).await;
    about(&empty, "not_webassembly");
    let module = wat::parse_str("(module)").unwrap();
    let module = findings(module.into()).await;
    assert!(
        about(&module, "not_a_component")
            .detail
            .contains("deskbell plugin build")
    );
    let cut = router("unreachable");
    let cut = findings(cut.slice(..cut.len() / 2)).await;
    about(&cut, "damaged");
    let large = vec![0; deskbell_package::COMPONENT_BYTES + 1];
    about(&findings(large.into()).await, "component_too_large");
}

#[tokio::test]
async fn nesting_without_end_is_not_followed() {
    let deep = "(component ".repeat(30) + &")".repeat(30);
    let deep = wat::parse_str(&deep).unwrap();
    about(&findings(deep.into()).await, "component_too_complex");
}

#[tokio::test]
async fn unknown_imports_are_named_all_at_once() {
    let file = foreign(
        &[
            "package deskbell:host@0.2.0; interface log { write: func(); }",
            "package deskbell:kv@0.1.0; interface kv { get: func(); }",
            "package wasi:cli@0.2.3; interface exit { exit: func(); }",
        ],
        "import deskbell:host/log@0.2.0; import deskbell:kv/kv@0.1.0;
         import wasi:cli/exit@0.2.3; export go: func();",
        r#"(import "deskbell:host/log@0.2.0" "write" (func))
           (import "deskbell:kv/kv@0.1.0" "get" (func))
           (import "wasi:cli/exit@0.2.3" "exit" (func))
           (func (export "go"))"#,
    );
    let findings = findings(file).await;
    let version = about(&findings, "version_not_offered");
    assert_eq!(version.pointer, "/imports/deskbell:host~1log@0.2.0");
    assert!(version.detail.contains("deskbell:host/log@0.1.0"));
    let kv = about(&findings, "not_offered");
    assert!(
        kv.detail
            .contains("deskbell:kv/kv@0.1.0, which this server does not offer")
    );
    assert!(kv.detail.contains("deskbell:host/directory@0.1.0"));
    assert!(
        about(&findings, "wasi_not_offered")
            .detail
            .contains("wasm32-unknown-unknown")
    );
    about(&findings, "no_hook");
}

#[tokio::test]
async fn a_hook_of_another_version_or_shape_is_refused() {
    let newer = foreign(
        &["package deskbell:routing@0.9.0; interface router { route: func(); }"],
        "export deskbell:routing/router@0.9.0;",
        r#"(func (export "deskbell:routing/router@0.9.0#route"))"#,
    );
    let newer = findings(newer).await;
    let finding = about(&newer, "version_not_offered");
    assert!(
        finding.detail.contains("deskbell:routing/router@0.1.0"),
        "{finding:?}"
    );

    let shaped = foreign(
        &["package deskbell:routing@0.1.0; interface router { route: func() -> u32; }"],
        ROUTER,
        r#"(func (export "deskbell:routing/router@0.1.0#route") (result i32) i32.const 1)"#,
    );
    let shaped = findings(shaped).await;
    assert!(
        about(&shaped, "wrong_signature")
            .detail
            .contains("deskbell:routing/router@0.1.0")
    );

    let other = foreign(
        &["package deskbell:routing@0.1.0; interface router { rout: func(); }"],
        ROUTER,
        r#"(func (export "deskbell:routing/router@0.1.0#rout"))"#,
    );
    about(&findings(other).await, "wrong_signature");
}

#[tokio::test]
async fn an_import_of_another_shape_is_refused() {
    let file = foreign(
        &[
            "package deskbell:host@0.1.0; interface log { write: func(text: string); }",
            "package deskbell:routing@0.1.0; interface router { route: func(); }",
        ],
        "import deskbell:host/log@0.1.0; export deskbell:routing/router@0.1.0;",
        r#"(import "deskbell:host/log@0.1.0" "write" (func (param i32 i32)))
           (func (export "deskbell:routing/router@0.1.0#route"))"#,
    );
    let findings = findings(file).await;
    let finding = about(&findings, "wrong_signature");
    assert!(
        finding.detail.contains("deskbell:host/log@0.1.0"),
        "{finding:?}"
    );
}

#[tokio::test]
async fn a_start_that_loops_or_eats_is_refused() {
    let items = |start: &str| format!("(func $start {start}) (start $start)");
    for (start, word) in [
        ("(loop (br 0))", "CPU time"),
        ("unreachable", "trapped"),
        (
            "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
            "memory",
        ),
    ] {
        let findings = findings(router_with("", &items(start), "unreachable")).await;
        let finding = about(&findings, "trial_failed");
        assert!(finding.detail.contains(word), "{finding:?}");
    }
}

/// A component that exports a hook by name and holds this core module.
fn around(module: &str) -> bytes::Bytes {
    let text = format!(
        r#"(component
            {module}
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $router (export "route" (func $f)))
            (export "deskbell:routing/router@0.1.0" (instance $router)))"#
    );
    signed(&wat::parse_str(&text).unwrap(), MANIFEST)
}

#[tokio::test]
async fn features_that_are_switched_off_are_refused() {
    for module in [
        "(core module (import \"a\" \"b\" (memory 1 1 shared)))",
        "(core module (memory i64 1))",
        "(core module (memory 1) (memory 1))",
        "(core module (type (struct (field i32))))",
        "(core module (func (result v128) (i32x4.relaxed_trunc_f32x4_s (v128.const i32x4 0 0 0 0))))",
        "(core module (tag))",
    ] {
        let findings = findings(around(module)).await;
        about(&findings, "invalid_component");
    }
}

#[tokio::test]
async fn what_the_pool_has_no_room_for_is_refused() {
    let module =
        |memory: &str| format!("(core module $b {memory}) (core instance (instantiate $b))");
    let large = findings(around(&module("(memory 3000)"))).await;
    assert!(
        about(&large, "invalid_component").detail.contains("memory"),
        "{large:?}"
    );
    let two = module("(memory 1)") + "(core instance (instantiate $b))";
    let two = findings(around(&two)).await;
    assert!(
        about(&two, "invalid_component").detail.contains("memories"),
        "{two:?}"
    );
}

#[tokio::test]
async fn a_file_without_a_manifest_is_refused() {
    let items = r#"(func (export "deskbell:routing/router@0.1.0#route")
        (param i32) (result i32) unreachable)"#;
    let found = findings(component(ROUTER, items).into()).await;
    assert_eq!(found[0].pointer, "/manifest");
}

/// Damage of every kind comes to a refusal or to a plugin inside its limits,
/// never to a panic or a call without an end.
#[tokio::test]
async fn damaged_files_do_no_damage() {
    let sandbox = sandbox();
    let good = router(&format!("i32.const {ANSWER}"));
    let mut dice: u64 = 0x5eed;
    let mut roll = |most: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) as usize % most
    };
    let mut refused = 0;
    for _ in 0..200 {
        let mut file = good.to_vec();
        for _ in 0..=roll(3) {
            let at = roll(file.len());
            file[at] = roll(256) as u8;
        }
        match sandbox.admit(file.into()).await {
            Ok(admitted) => drop(sandbox.route(call(1, admitted.digest), request()).await),
            Err(NotAdmitted::Refused(findings)) => {
                refused += 1;
                assert!(!findings.is_empty());
            }
            Err(NotAdmitted::Unavailable(why)) => panic!("{why}"),
        }
    }
    assert!(refused > 50, "{refused}");
}
