//! Variables that draw, digest, sign and verify: each step of the configuration in
//! turn. `signed.all` is one line for each: what came of it.

use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{Call, HookError, Variables, config, crypto, export_variables, log};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Random(u32),
    Sha256(String),
    Sign(String, String),
    /// The secret, the data, the signature in hex.
    Verify(String, String, String),
    /// The digest of so many bytes.
    Digest(usize),
    /// So many digests.
    Flood(u32),
}

fn step(step: &Step) -> Result<String, crypto::Failure> {
    Ok(match step {
        Step::Random(count) => hex(&crypto::random(*count)?),
        Step::Sha256(text) => hex(&crypto::sha256(text.as_bytes())?),
        Step::Sign(secret, text) => {
            log::info("signing");
            hex(&crypto::sign(secret, text.as_bytes())?)
        }
        Step::Verify(secret, text, signature) => {
            crypto::verify(secret, text.as_bytes(), &bytes(signature))?.to_string()
        }
        Step::Digest(size) => hex(&crypto::sha256(&vec![b'x'; *size])?),
        Step::Flood(times) => {
            for at in 0..*times {
                if let Err(failure) = crypto::sha256(b"") {
                    return Ok(format!("{failure} at {at}"));
                }
            }
            "flooded".to_owned()
        }
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len() / 2).map(|at| &hex[2 * at..2 * at + 2]);
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

struct Signing;

impl Variables for Signing {
    fn definitions() -> Vec<Definition> {
        vec![Definition::new("signed.all", "What came of it.")]
    }

    fn resolve(_: &Call, _: Request) -> Result<Values, HookError> {
        let config: Config = config::get()?;
        let told = config.steps.iter().map(|one| match step(one) {
            Ok(told) => told,
            Err(failure) => failure.to_string(),
        });
        let mut values = Values::new();
        values.set("signed.all", told.collect::<Vec<_>>().join("\n"));
        Ok(values)
    }
}

export_variables!(Signing);
