//! The index's place on disk: generations beside one another, and one pointer.
//!
//! `CURRENT` names the generation in use and is replaced by a rename, so a crash
//! at any instant leaves the old index or the new one. What it does not name is
//! rubbish and swept away at the next opening.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::SearchError;
use crate::schema::FORMAT;

const CURRENT: &str = "CURRENT";
const NEXT: &str = "CURRENT.next";
const LOCK: &str = "lock";

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held while we live: two processes writing here would lose one's work.
    _lock: File,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self, SearchError> {
        let told = |reason| SearchError::Folder {
            path: path.to_owned(),
            reason,
        };
        fs::create_dir_all(path).map_err(told)?;
        let lock = File::create(path.join(LOCK)).map_err(told)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(SearchError::InUse(path.to_owned())),
            Err(fs::TryLockError::Error(reason)) => return Err(told(reason)),
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        folder.sweep().map_err(told)?;
        Ok(folder)
    }

    /// The generation in use, if there is one that we can read.
    pub(crate) fn current(&self) -> Option<PathBuf> {
        let name = fs::read_to_string(self.path.join(CURRENT)).ok()?;
        let ours = name.strip_prefix(&prefix())?;
        let plain = !ours.is_empty() && ours.bytes().all(|b| b.is_ascii_digit());
        let path = self.path.join(&name);
        (plain && path.is_dir()).then_some(path)
    }

    /// A new, empty generation.
    pub(crate) fn fresh(&self) -> Result<PathBuf, SearchError> {
        let make = || -> io::Result<PathBuf> {
            let numbers = self.generations()?.into_iter().map(|(number, _)| number);
            let number = numbers.max().map_or(1, |last| last + 1);
            let path = self.path.join(format!("{}{number}", prefix()));
            fs::create_dir(&path)?;
            Ok(path)
        };
        make().map_err(|reason| self.told(reason))
    }

    /// Makes a generation the one in use. Everything in it is on disk already.
    pub(crate) fn adopt(&self, generation: &Path) -> Result<(), SearchError> {
        let swap = || -> io::Result<()> {
            let name = generation.file_name().unwrap_or_default();
            let next = self.path.join(NEXT);
            let mut file = File::create(&next)?;
            file.write_all(name.as_encoded_bytes())?;
            file.sync_all()?;
            fs::rename(next, self.path.join(CURRENT))?;
            File::open(&self.path)?.sync_all()
        };
        swap().map_err(|reason| self.told(reason))
    }

    /// Removes every generation but the one in use.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let current = self.current();
        for (_, path) in self.generations()? {
            if Some(&path) != current.as_ref() {
                fs::remove_dir_all(path)?;
            }
        }
        Ok(())
    }

    /// Folders that look like generations of any format, with their numbers.
    fn generations(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let number = name
                .and_then(|name| name.strip_prefix("index-v"))
                .and_then(|rest| rest.split_once('-'))
                .and_then(|(_, number)| number.parse().ok());
            if let Some(number) = number.filter(|_| path.is_dir()) {
                found.push((number, path));
            }
        }
        Ok(found)
    }

    fn told(&self, reason: io::Error) -> SearchError {
        SearchError::Folder {
            path: self.path.clone(),
            reason,
        }
    }
}

fn prefix() -> String {
    format!("index-v{FORMAT}-")
}
