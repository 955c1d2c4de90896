//! Compiling in a child process, for real: this very program is the child when it
//! is started with the hidden command, so it has no test harness around it.

#![allow(clippy::unwrap_used, reason = "a test, though no harness says so")]
#![allow(clippy::expect_used, reason = "the same")]

#[path = "../../../tests/zoo/slow-compile/bomb.rs"]
mod bomb;

use std::path::PathBuf;
use std::process::ExitCode;

use deskbell_app::hooks::{Hooks, NotAdmitted};
use deskbell_sandbox::{
    COMMAND, CompileLimits, Compiler, Faults, Sandbox, SandboxConfig, compile_child,
};

const MANIFEST: &str = "id = \"zoo\"\nname = \"Zoo\"\nversion = \"1.0.0\"\npublisher = \"Tests\"\n";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(COMMAND) {
        return compile_child(false);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        what_compiles_is_looked_at_further().await;
        a_compiler_that_is_none_is_no_finding().await;
        compiling_has_an_end_in_time_and_memory().await;
    });
    ExitCode::SUCCESS
}

fn this() -> Compiler {
    Compiler::Program(std::env::current_exe().unwrap())
}

async fn what_compiles_is_looked_at_further() {
    let sandbox = sandbox(this(), Faults::default());
    // These functions are not the hook's.
    assert_eq!(refused(&sandbox, file("")).await, "wrong_signature");
    assert_eq!(
        refused(&sandbox, file("i32.add drop")).await,
        "invalid_component"
    );
}

async fn a_compiler_that_is_none_is_no_finding() {
    for broken in ["/nowhere", "/bin/false"] {
        let compiler = Compiler::Program(PathBuf::from(broken));
        let said = sandbox(compiler, Faults::default()).admit(file("")).await;
        assert!(matches!(said, Err(NotAdmitted::Unavailable(_))), "{said:?}");
    }
}

/// The attack `slow-compile`. The real limits are too generous for a test to wait
/// for, so they are made small; with the real ones the same file gets through.
async fn compiling_has_an_end_in_time_and_memory() {
    let bomb = bytes::Bytes::from(bomb::bomb(BOMB));
    let real = CompileLimits::default();
    let hasty = CompileLimits {
        cpu_seconds: 1,
        ..real
    };
    let narrow = CompileLimits {
        address_space: 96 << 20,
        ..real
    };
    for (limits, code) in [
        (Some(hasty), "compile_limit"),
        (Some(narrow), "compile_limit"),
        (None, "wrong_signature"),
    ] {
        let faults = Faults {
            compile_limits: limits,
            ..Faults::default()
        };
        let sandbox = sandbox(this(), faults);
        assert_eq!(refused(&sandbox, bomb.clone()).await, code, "{limits:?}");
        if limits.is_some() {
            // What is small compiles, beside it and after it.
            let quick = refused(&sandbox, file("")).await;
            assert_eq!(quick, "wrong_signature", "{limits:?}");
        }
    }
}

/// Enough for a few seconds.
const BOMB: usize = 10_000;

fn sandbox(compiler: Compiler, faults: Faults) -> Sandbox {
    Sandbox::new(SandboxConfig {
        compiler,
        cache_dir: None,
        cache_key: [7; 32],
        guest_threads: 1,
        faults,
    })
    .unwrap()
}

/// The code of the one finding.
async fn refused(sandbox: &Sandbox, file: bytes::Bytes) -> &'static str {
    match sandbox.admit(file).await {
        Err(NotAdmitted::Refused(findings)) => {
            assert_eq!(findings.len(), 1, "{findings:?}");
            findings[0].code
        }
        other => panic!("{other:?}"),
    }
}

/// A component with a function that this is the body of.
fn file(body: &str) -> bytes::Bytes {
    let text = format!(
        r#"(component
            (core module $m (func (export "f") {body}))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $router (export "route" (func $f)))
            (export "deskbell:routing/router@0.1.0" (instance $router)))"#
    );
    let component = wat::parse_str(&text).unwrap();
    let (file, _) = deskbell_package::pack(&component, MANIFEST).unwrap();
    file.into()
}
