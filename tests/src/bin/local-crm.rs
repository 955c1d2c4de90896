//! The CRM of the tests as a program of its own, for the runs in a browser: says its
//! address in one line, and ends when nobody listens any more.

use std::io::Write as _;
use std::process::ExitCode;

use deskbell_tests::crm::Crm;
use tokio::io::AsyncReadExt as _;

#[tokio::main]
async fn main() -> ExitCode {
    let crm = Crm::start().await;
    let mut out = std::io::stdout();
    if writeln!(out, "{}", crm.url())
        .and_then(|()| out.flush())
        .is_err()
    {
        return ExitCode::FAILURE;
    }
    // Whoever started it keeps this open for as long as it is wanted.
    let mut nothing = Vec::new();
    match tokio::io::stdin().read_to_end(&mut nothing).await {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
