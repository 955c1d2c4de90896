//! The key that plugins' secrets are sealed with: a file that only the server's
//! user can read, made at the first start. It is never in the database it protects.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbell_app::{SealingKey, SecretSource};

use crate::config::{Config, Wrong};

const SETTING: &str = "secrets.key_file";

pub fn key(config: &Config, chance: &dyn SecretSource) -> Result<SealingKey, Wrong> {
    let path = config.key_file();
    let named = !config.secrets.key_file.as_os_str().is_empty();
    let wrong = |why: String| Wrong::new(SETTING, format!("{}: {why}", path.display()));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        // One that was named and is not there is a mistake, not a first start.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
            let made = make(&path, &chance.bytes());
            made.map_err(|error| wrong(error.to_string()))?
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    let bytes = STANDARD.decode(text.trim()).ok();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes
        .and_then(|bytes| SealingKey::new(&bytes))
        .ok_or_else(|| wrong("is no key: 32 bytes in Base64".to_owned()))
}

/// Whole or not at all: it is written beside and then linked, and who comes second
/// takes what the first one made.
fn make(path: &Path, bytes: &[u8; 32]) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(STANDARD.encode(bytes).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    std::fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::SystemSecrets;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_first_start_makes_it_and_the_next_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().join("data"),
            ..Config::default()
        };
        let chance = SystemSecrets::default();
        let first = key(&config, &chance).unwrap();
        let again = key(&config, &chance).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        let mode = std::fs::metadata(config.key_file()).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let left = std::fs::read_dir(&config.data_dir).unwrap().count();
        assert_eq!(left, 1, "nothing lies beside it");

        std::fs::write(config.key_file(), "short").unwrap();
        let wrong = key(&config, &chance).unwrap_err();
        assert_eq!(wrong.setting, SETTING);
        let mut named = config.clone();
        named.secrets.key_file = folder.path().join("elsewhere.key");
        let wrong = key(&named, &chance).unwrap_err();
        assert!(wrong.reason.contains("elsewhere.key"), "{wrong}");
    }
}
