//! Compiling in a child process, for real: this very program is the child when it
//! is started with the hidden command, so it has no test harness around it.

#![allow(clippy::unwrap_used, reason = "a test, though no harness says so")]

use std::path::PathBuf;
use std::process::ExitCode;

use deskbell_app::hooks::{Hooks, NotAdmitted};
use deskbell_sandbox::{COMMAND, Compiler, Faults, Sandbox, SandboxConfig, compile_child};

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
        let this = || Compiler::Program(std::env::current_exe().unwrap());
        // What compiles is looked at further: these functions are not the hook's.
        assert_eq!(refused(this(), "").await, "wrong_signature");
        assert_eq!(refused(this(), "i32.add drop").await, "invalid_component");
        for broken in ["/nowhere", "/bin/false"] {
            let compiler = Compiler::Program(PathBuf::from(broken));
            let said = sandbox(compiler).admit(file("")).await;
            assert!(matches!(said, Err(NotAdmitted::Unavailable(_))), "{said:?}");
        }
    });
    ExitCode::SUCCESS
}

fn sandbox(compiler: Compiler) -> Sandbox {
    Sandbox::new(SandboxConfig {
        compiler,
        cache_dir: None,
        cache_key: [7; 32],
        guest_threads: 1,
        faults: Faults::default(),
    })
    .unwrap()
}

/// The code of the one finding.
async fn refused(compiler: Compiler, body: &str) -> &'static str {
    match sandbox(compiler).admit(file(body)).await {
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
