//! Names of interfaces, `package:name/interface@version`, and which of them fit.
//!
//! The rule is wasmtime's linker's: below 1.0 the minor number must be the same,
//! from 1.0 on the major one; pre-releases fit only themselves.

/// Whether what goes by one name can stand for the other.
pub(crate) fn same(one: &str, other: &str) -> bool {
    path(one) == path(other) && track(one) == track(other)
}

/// Without the version.
pub(crate) fn path(name: &str) -> &str {
    name.split_once('@').map_or(name, |(path, _)| path)
}

/// What of the version must be equal.
fn track(name: &str) -> Option<String> {
    let (_, version) = name.split_once('@')?;
    if version.contains('-') {
        return Some(version.to_owned());
    }
    let mut parts = version.split('.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next()?);
    Some(match (major, minor) {
        ("0", "0") => format!("0.0.{patch}"),
        ("0", minor) => format!("0.{minor}"),
        (major, _) => major.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn versions_fit_along_their_track() {
        let ours = "deskbell:host/log@0.1.0";
        assert!(same("deskbell:host/log@0.1.0", ours));
        assert!(same("deskbell:host/log@0.1.7", ours));
        for other in [
            "deskbell:host/log@0.2.0",
            "deskbell:host/log@1.1.0",
            "deskbell:host/log@0.1.0-rc.1",
            "deskbell:host/log",
            "deskbell:host/config@0.1.0",
            "",
        ] {
            assert!(!same(other, ours), "{other}");
        }
        assert!(same("a:b/c@1.2.0", "a:b/c@1.9.3"));
        assert!(!same("a:b/c@0.0.1", "a:b/c@0.0.2"));
    }
}
