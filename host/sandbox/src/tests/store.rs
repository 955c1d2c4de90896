//! Preparing: out of the cache, past a forged file, and letting go.

use std::collections::HashSet;
use std::path::PathBuf;

use bytes::Bytes;
use deskbell_app::hooks::{HookError, Hooks};

use super::guests::{ANSWER, router};
use super::{IN_NO_HURRY, admitted, call, request, sandbox, sandbox_with};
use crate::{Compiler, Sandbox, SandboxConfig};

fn quiet() -> Bytes {
    router(&format!("i32.const {ANSWER}"))
}

/// The one compiled file below a folder.
fn cached(folder: &std::path::Path) -> PathBuf {
    let engines = std::fs::read_dir(folder).unwrap();
    let engine = engines.into_iter().next().unwrap().unwrap().path();
    let mut files: Vec<_> = std::fs::read_dir(engine).unwrap().collect();
    assert_eq!(files.len(), 1);
    files.remove(0).unwrap().path()
}

/// One that cannot compile: what it runs comes out of the cache.
fn without_compiler(folder: &std::path::Path) -> Sandbox {
    Sandbox::new(SandboxConfig {
        compiler: Compiler::Program("/nowhere".into()),
        cache_dir: Some(folder.to_owned()),
        cache_key: [7; 32],
        guest_threads: 1,
        faults: IN_NO_HURRY,
    })
    .unwrap()
}

#[tokio::test]
async fn a_second_start_takes_it_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let first = sandbox_with(IN_NO_HURRY, Some(folder.path()));
    let digest = admitted(&first, quiet()).await;
    let second = without_compiler(folder.path());
    assert!(!second.is_ready(digest));
    let early = second.route(call(1, digest), request()).await;
    assert_eq!(early, Err(HookError::NotReady));
    second.prepare(digest, quiet()).await.unwrap();
    assert!(second.is_ready(digest));
    assert!(second.route(call(1, digest), request()).await.is_ok());
}

#[tokio::test]
async fn a_forged_cache_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let first = sandbox_with(IN_NO_HURRY, Some(folder.path()));
    let digest = admitted(&first, quiet()).await;
    let path = cached(folder.path());
    let good = std::fs::read(&path).unwrap();
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &forged).unwrap();
    let failed = without_compiler(folder.path())
        .prepare(digest, quiet())
        .await;
    assert!(matches!(failed, Err(HookError::Sandbox(_))), "{failed:?}");
    assert!(!path.exists());
    // With a compiler it is made again.
    let third = sandbox_with(IN_NO_HURRY, Some(folder.path()));
    third.prepare(digest, quiet()).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap().len(), good.len());
}

#[tokio::test]
async fn only_the_admitted_bytes_are_prepared() {
    let sandbox = sandbox();
    let digest = crate::code::digest(b"something else");
    let failed = sandbox.prepare(digest, quiet()).await;
    assert!(matches!(failed, Err(HookError::Sandbox(_))));
}

#[tokio::test]
async fn what_nobody_keeps_is_let_go() {
    let sandbox = sandbox();
    let one = admitted(&sandbox, quiet()).await;
    let two = admitted(&sandbox, router("unreachable")).await;
    sandbox.keep_only(&HashSet::from([two]));
    assert!(!sandbox.is_ready(one) && sandbox.is_ready(two));
}
