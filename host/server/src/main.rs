//! The binary `deskbell`. Everything is in the library; start with `cli.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskbell_server::cli::main()
}
