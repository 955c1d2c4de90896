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
/// Beyond this the oldest files go: uploads must not fill the disk.
const LARGEST: u64 = 1024 * 1024 * 1024;

pub(crate) struct Cache {
    folder: PathBuf,
    key: hmac::Key,
    engine: [u8; 32],
    written: AtomicU64,
    largest: u64,
}

impl Cache {
    /// The folder is made when it is first needed.
    pub(crate) fn new(folder: &Path, key: &[u8; 32], engine: [u8; 32]) -> Self {
        let name: String = engine.iter().take(8).map(|b| format!("{b:02x}")).collect();
        sweep(folder, &name);
        Self {
            folder: folder.join(name),
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            engine,
            written: AtomicU64::new(0),
            largest: LARGEST,
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
        let written = self.write(digest, code.bytes());
        if let Err(error) = written.and_then(|()| self.prune()) {
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

    /// The oldest go until the rest is small enough.
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        let mut size = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            size += about.len();
            files.push((about.modified()?, about.len(), entry.path()));
        }
        files.sort();
        for (_, length, path) in files {
            if size <= self.largest {
                break;
            }
            fs::remove_file(path)?;
            size -= length;
        }
        Ok(())
    }

    /// What the seal is over: code of another engine, or of another plugin, does
    /// not pass under it.
    fn sealed(&self, digest: Digest, code: &[u8]) -> Vec<u8> {
        [&self.engine, &digest.0, code].concat()
    }
}

/// What other engines left behind: nothing here can run it. Only folders that
/// are named as ours are.
fn sweep(folder: &Path, ours: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let hex =
            |name: &str| name.len() == ours.len() && name.bytes().all(|b| b.is_ascii_hexdigit());
        if name.to_str().is_some_and(|name| name != ours && hex(name)) {
            let _gone = fs::remove_dir_all(entry.path());
        }
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

    #[test]
    fn it_does_not_grow_without_end_and_forgets_other_engines() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::new(folder.path(), &[7; 32], [9; 32]);
        let one = SEAL as u64 + code().bytes().len() as u64;
        cache.largest = 2 * one;
        for n in 1..=5 {
            cache.store(Digest([n; 32]), &code());
        }
        let left = |cache: &Cache| fs::read_dir(&cache.folder).unwrap().count();
        assert_eq!(left(&cache), 2);
        fs::create_dir(folder.path().join("somebody-elses")).unwrap();
        let next = Cache::new(folder.path(), &[7; 32], [8; 32]);
        assert!(!cache.folder.exists());
        assert!(folder.path().join("somebody-elses").exists());
        next.store(Digest([1; 32]), &code());
        assert_eq!(left(&next), 1);
    }
}
