//! A plugin whose lifecycle misbehaves as its configuration says, and a variable
//! that tells what it heard of an upgrade. Start at `Config`.

use std::hint::black_box;

use deskbell_plugin_api::lifecycle::Finding;
use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{
    Call, HookError, Lifecycle, Variables, config, export_lifecycle, export_variables, kv,
};
use serde::Deserialize;
use serde_json::Value;

/// The tests make another version by changing this text in the file.
const CODE: &str = "this is the code of version 0.1.0, and not that of any other version";
const TRAPS_WHEN_UPLOADED: &str = "6.6.6";

#[derive(Deserialize)]
struct Config {
    validate: Option<Validate>,
    upgrade: Option<Upgrade>,
    #[serde(default)]
    findings: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Validate {
    Ok,
    Trap,
    Loop,
    /// Exactly these.
    Find,
    /// More findings than anybody reads.
    Many,
    /// Tells what came of keeping something.
    Reach,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Upgrade {
    Keep,
    Trap,
    Loop,
    SaysError,
    KeepAndFail,
}

struct Bad;

impl Lifecycle for Bad {
    fn validate_config(config: &Value) -> Result<(), Vec<Finding>> {
        let Ok(config) = Config::deserialize(config) else {
            return Err(vec![Finding::new("", "cannot be read")]);
        };
        match config.validate {
            None if black_box(CODE).contains(TRAPS_WHEN_UPLOADED) => panic!("as built"),
            None | Some(Validate::Ok) => Ok(()),
            Some(Validate::Trap) => panic!("as configured"),
            Some(Validate::Loop) => spin(),
            Some(Validate::Find) => Err(config
                .findings
                .into_iter()
                .map(|(pointer, detail)| Finding::new(pointer, detail))
                .collect()),
            Some(Validate::Many) => Err((0..1_000)
                .map(|n| Finding::new("/many", format!("finding {n}")))
                .collect()),
            Some(Validate::Reach) => {
                let kept = kv::set("asked", b"early");
                Err(vec![Finding::new("/validate", format!("{kept:?}"))])
            }
        }
    }

    fn on_upgrade(_: &Call, from_version: &str) -> Result<(), HookError> {
        let config: Config = config::get()?;
        let keep = || kv::set("heard", format!("{from_version} -> {CODE}").as_bytes());
        match config.upgrade.unwrap_or(Upgrade::Keep) {
            Upgrade::Keep => Ok(keep()?),
            Upgrade::Trap => panic!("as configured"),
            Upgrade::Loop => spin(),
            Upgrade::SaysError => Err(HookError::Failed("the old notes are too old".to_owned())),
            Upgrade::KeepAndFail => {
                keep()?;
                Err(HookError::Unavailable("half way".to_owned()))
            }
        }
    }
}

impl Variables for Bad {
    fn definitions() -> Vec<Definition> {
        vec![Definition::new(
            "upgrade.heard",
            "What it heard of an upgrade.",
        )]
    }

    fn resolve(_: &Call, _: Request) -> Result<Values, HookError> {
        let heard = kv::get("heard")?.unwrap_or_else(|| b"nothing".to_vec());
        let heard = String::from_utf8_lossy(&heard).into_owned();
        let mut values = Values::new();
        values.set("upgrade.heard", format!("{heard}; {}", black_box(CODE)));
        Ok(values)
    }
}

fn spin() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

export_lifecycle!(Bad);
export_variables!(Bad);
