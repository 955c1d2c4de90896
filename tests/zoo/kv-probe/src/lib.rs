//! Looks for what other installations and other tenants keep, under every name by
//! which a careless desk would find it.

use deskbell_plugin_api::{Call, kv, log};

fn attack(call: &Call) -> String {
    log::info("looking for canaries");
    let own = &call.installation_id;
    let mut found = Vec::new();
    for prefix in ["", "%", "_", "ten_", "ins_", "../", "\\", "canary"] {
        found.extend(kv::list_keys(prefix, None).unwrap_or_default());
    }
    for key in [
        "canary".to_owned(),
        "%canary".to_owned(),
        "../canary".to_owned(),
        format!("{own}/canary"),
        format!("{own}/../canary"),
        "canary' OR '1'='1".to_owned(),
        "canary\\".to_owned(),
        "canar_".to_owned(),
    ] {
        if let Ok(Some(value)) = kv::get(&key) {
            found.push(String::from_utf8_lossy(&value).into_owned());
        }
    }
    format!("found [{}]", found.join(","))
}

zoo_attack::everywhere!(attack);
