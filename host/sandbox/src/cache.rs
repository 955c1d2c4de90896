//! Compiled code on disk: a folder an engine, a file a plugin's digest, each under
//! a seal. A file that is not as we left it is removed and made again.
//!
//! Losing the folder costs compile time and nothing else, so no error here is one
//! for the caller.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use deskbell_domain::plugin::Digest;

use crate::code::Compiled;

const SEAL: usize = 32;

pub(crate) struct Cache {
    folder: PathBuf,
    key: hmac::Key,
    engine: [u8; 32],
    written: AtomicU64,
}

impl Cache {
    /// The folder is made when it is first needed.
    pub(crate) fn new(folder: &Path, key: &[u8; 32], engine: [u8; 32]) -> Self {
        let name: String = engine.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self {
            folder: folder.join(name),
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            engine,
            written: AtomicU64::new(0),
        }
    }

    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        let name: String = digest.0.iter().map(|b| format!("{b:02x}")).collect();
        self.folder.join(format!("{name}.cwasm"))
    }

    pub(crate) fn load(&self, digest: Digest) -> Option<Compiled> {
        let path = self.path(digest);
        let mut bytes = fs::read(&path).ok()?;
        if bytes.len() > SEAL {
            let code = bytes.split_off(SEAL);
            let sealed = self.sealed(digest, &code);
            if hmac::verify(&self.key, &sealed, &bytes).is_ok() {
                return Some(Compiled::by_seal(code));
            }
        }
        tracing::warn!(%digest, "a compiled plugin in the cache is not as we left it; it is removed");
        self.forget(digest);
        None
    }

    pub(crate) fn store(&self, digest: Digest, code: &Compiled) {
        if let Err(error) = self.write(digest, code.bytes()) {
            tracing::warn!(%error, "a compiled plugin was not cached");
        }
    }

    pub(crate) fn forget(&self, digest: Digest) {
        let _gone = fs::remove_file(self.path(digest));
    }

    /// Under another name first, so that a reader never sees half a file.
    fn write(&self, digest: Digest, code: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let unfinished = format!("{}-{number}.new", std::process::id());
        let unfinished = self.folder.join(unfinished);
        let seal = hmac::sign(&self.key, &self.sealed(digest, code));
        let mut file = fs::File::create(&unfinished)?;
        let written = file
            .write_all(seal.as_ref())
            .and_then(|()| file.write_all(code))
            .and_then(|()| fs::rename(&unfinished, self.path(digest)));
        if written.is_err() {
            let _gone = fs::remove_file(&unfinished);
        }
        written
    }

    /// What the seal is over: code of another engine, or of another plugin, does
    /// not pass under it.
    fn sealed(&self, digest: Digest, code: &[u8]) -> Vec<u8> {
        [&self.engine, &digest.0, code].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Compiled {
        Compiled::by_our_compiler(b"machine code".to_vec())
    }

    #[test]
    fn what_was_stored_comes_back_under_the_same_key_engine_and_digest_only() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Digest([1; 32]), Digest([2; 32]));
        let cache = Cache::new(folder.path(), &[7; 32], [9; 32]);
        assert!(cache.load(one).is_none());
        cache.store(one, &code());
        assert_eq!(cache.load(one).unwrap().bytes(), b"machine code");
        fs::copy(cache.path(one), cache.path(other)).unwrap();
        assert!(cache.load(other).is_none(), "another plugin's");
        assert!(cache.load(one).is_some());
        let stranger = Cache::new(folder.path(), &[8; 32], [9; 32]);
        assert!(stranger.load(one).is_none(), "another key");
        assert!(!cache.path(one).exists(), "what is not right is removed");
    }

    #[test]
    fn a_changed_or_cut_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), &[7; 32], [9; 32]);
        let digest = Digest([1; 32]);
        for at in [0, SEAL, SEAL + 5] {
            cache.store(digest, &code());
            let mut bytes = fs::read(cache.path(digest)).unwrap();
            bytes[at] ^= 1;
            fs::write(cache.path(digest), &bytes).unwrap();
            assert!(cache.load(digest).is_none(), "byte {at}");
            assert!(!cache.path(digest).exists());
        }
        for length in [0, SEAL, SEAL + 3] {
            cache.store(digest, &code());
            let bytes = fs::read(cache.path(digest)).unwrap();
            fs::write(cache.path(digest), &bytes[..length]).unwrap();
            assert!(cache.load(digest).is_none(), "{length} bytes");
        }
    }
}
