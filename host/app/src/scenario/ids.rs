//! Ids in writing: a word such as `ana` stands for one, the same at every run. The
//! plugin sees an id of the usual form; what it answers is read back as the word.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

/// The words of one scenario.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    seed: u64,
    words: BTreeMap<Uuid, String>,
}

impl Ids {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            words: BTreeMap::new(),
        }
    }

    /// An id as it is, or the one a word stands for.
    pub fn read<T: FromStr>(&mut self, word: &str, make: fn(Uuid) -> T) -> T {
        if let Ok(id) = word.parse() {
            return id;
        }
        let id = self.made(word);
        self.words.insert(id, word.to_owned());
        make(id)
    }

    /// An id for nobody in particular.
    #[must_use]
    pub fn made(&self, word: &str) -> Uuid {
        let of = format!("deskbell scenario {} {word}", self.seed);
        let hash = digest(&SHA256, of.as_bytes());
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        Uuid::from_bytes(bytes)
    }

    /// The word, if it was one.
    #[must_use]
    pub fn word(&self, uuid: Uuid, id: impl Display) -> String {
        let word = self.words.get(&uuid);
        word.cloned().unwrap_or_else(|| id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskbell_domain::AgentId;

    #[test]
    fn words_and_ids_come_back_as_they_were() {
        let mut ids = Ids::new(7);
        let ana = ids.read("ana", AgentId);
        assert_eq!(ana, Ids::new(7).read("ana", AgentId));
        assert_ne!(ana, Ids::new(8).read("ana", AgentId));
        assert_eq!(ids.word(ana.0, ana), "ana");
        let real = AgentId(Uuid::from_u128(5));
        assert_eq!(ids.read(&real.to_string(), AgentId), real);
        assert_eq!(ids.word(real.0, real), real.to_string());
    }
}
