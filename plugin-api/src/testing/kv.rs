//! The double of what an installation keeps: a map for each thread, without a
//! quota, but for the size of one key and one value.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::kv::Failure;

const KEY_BYTES: usize = 256;
const VALUE_BYTES: usize = 256 * 1024;
const LISTED: usize = 1_000;

thread_local! {
    static KEPT: RefCell<BTreeMap<String, Vec<u8>>> = RefCell::default();
}

/// Everything goes.
pub(crate) fn forget() {
    KEPT.take();
}

pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
    KEPT.with_borrow(|kept| Ok(kept.get(key).cloned()))
}

pub(crate) fn set(key: &str, value: &[u8]) -> Result<(), Failure> {
    let plain = !key.is_empty() && key.len() <= KEY_BYTES && !key.chars().any(char::is_control);
    if !plain || value.len() > VALUE_BYTES {
        return Err(Failure::Unfit);
    }
    KEPT.with_borrow_mut(|kept| kept.insert(key.to_owned(), value.to_vec()));
    Ok(())
}

pub(crate) fn delete(key: &str) -> Result<bool, Failure> {
    KEPT.with_borrow_mut(|kept| Ok(kept.remove(key).is_some()))
}

pub(crate) fn list_keys(prefix: &str, after: Option<&str>) -> Result<Vec<String>, Failure> {
    let behind = |key: &&String| after.is_none_or(|after| key.as_str() > after);
    KEPT.with_borrow(|kept| {
        let all = kept.keys().filter(|key| key.starts_with(prefix));
        Ok(all.filter(behind).take(LISTED).cloned().collect())
    })
}

pub(crate) fn compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<bool, Failure> {
    if get(key)?.as_deref() != expected {
        return Ok(false);
    }
    match value {
        Some(value) => set(key, value)?,
        None => drop(delete(key)?),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::kv;
    use crate::testing::Host;

    #[test]
    fn what_is_kept_is_found_and_a_new_host_has_nothing() {
        let host = Host::new();
        for key in ["b", "a1", "a2", "a3"] {
            assert_eq!(kv::set(key, key.as_bytes()), Ok(()));
        }
        let keys = kv::list_keys("a", Some("a1"));
        assert_eq!(keys, Ok(vec!["a2".to_owned(), "a3".to_owned()]));
        assert_eq!(kv::delete("a2"), Ok(true));
        assert_eq!(kv::delete("a2"), Ok(false));
        assert_eq!(kv::compare_and_set("a3", Some(b"x"), None), Ok(false));
        assert_eq!(kv::compare_and_set("a3", Some(b"a3"), None), Ok(true));
        assert_eq!(kv::set("", b""), Err(kv::Failure::Unfit));
        drop(host);
        assert_eq!(kv::get("b"), Ok(None));
    }
}
