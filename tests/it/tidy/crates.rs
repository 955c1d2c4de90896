//! The one-way rule: which crate may use which, and what each must never see.
//! Start at `TABLE`.

use super::tree::{Tree, code, has_word};

struct Rule {
    folder: &'static str,
    /// Our own crates it may depend on: those to its left.
    left: &'static [&'static str],
    /// Packages it must not depend on, and must not name in code either (a
    /// neighbour could hand one through). Cargo's `-` is Rust's `_`.
    never: &'static [&'static str],
}

/// `domain → store → app → search, sandbox → server`; `migrations` stands beside
/// `store`, `package` and `egress` beside `domain`, and `tests` sees everything. `plugin-api`
/// is for other people's programs and knows none of ours.
const TABLE: &[Rule] = &[
    Rule {
        folder: "host/domain",
        left: &[],
        never: &[
            "async",
            "await",
            "tokio",
            "futures-util",
            "SystemTime",
            "Instant",
            "sea-orm",
            "sqlx",
            "axum",
            "hyper",
            "reqwest",
            "redis",
            "tantivy",
            "wasmtime",
        ],
    },
    Rule {
        folder: "migrations",
        left: &[],
        never: &["axum", "hyper", "reqwest", "redis", "tantivy", "wasmtime"],
    },
    Rule {
        folder: "host/store",
        left: &["domain", "migrations"],
        never: &[
            "axum",
            "hyper",
            "reqwest",
            "redis",
            "tantivy",
            "wasmtime",
            "jsonwebtoken",
            "argon2",
        ],
    },
    Rule {
        folder: "host/app",
        left: &["domain", "store"],
        never: &[
            "axum", "hyper", "reqwest", "redis", "tantivy", "wasmtime", "sea-orm", "sqlx", "clap",
            "figment",
        ],
    },
    Rule {
        folder: "host/search",
        left: &["domain", "app"],
        never: &[
            "axum", "hyper", "reqwest", "redis", "wasmtime", "sea-orm", "sqlx",
        ],
    },
    Rule {
        folder: "host/package",
        left: &["domain"],
        never: &[
            "tokio", "axum", "hyper", "reqwest", "redis", "tantivy", "wasmtime", "sea-orm", "sqlx",
        ],
    },
    Rule {
        folder: "host/egress",
        left: &["domain"],
        never: &[
            "axum", "reqwest", "redis", "tantivy", "wasmtime", "sea-orm", "sqlx",
        ],
    },
    Rule {
        folder: "host/sandbox",
        left: &["domain", "app", "package"],
        never: &[
            "axum", "hyper", "reqwest", "redis", "tantivy", "sea-orm", "sqlx",
        ],
    },
    Rule {
        folder: "plugin-api",
        left: &[],
        never: &[
            "async",
            "await",
            "tokio",
            "SystemTime",
            "Instant",
            "wasmtime",
        ],
    },
    Rule {
        folder: "host/server",
        left: &[
            "domain", "store", "app", "search", "package", "sandbox", "egress",
        ],
        never: &[
            "sea-orm",
            "sea-orm-migration",
            "sqlx",
            "tantivy",
            "wasmtime",
            "argon2",
            "jsonwebtoken",
        ],
    },
    Rule {
        folder: "tests",
        left: &[
            "domain",
            "store",
            "migrations",
            "app",
            "search",
            "package",
            "sandbox",
            "egress",
            "server",
        ],
        never: &["axum", "wasmtime"],
    },
];

/// What a manifest depends on, in every section, by package name.
fn dependencies(manifest: &str) -> Result<Vec<String>, String> {
    let manifest: toml::Table = manifest
        .parse()
        .map_err(|error| format!("is no TOML: {error}"))?;
    let mut names = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(entries) = manifest.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        for (key, entry) in entries {
            let renamed = entry.get("package").and_then(toml::Value::as_str);
            names.push(renamed.unwrap_or(key).to_owned());
        }
    }
    Ok(names)
}

/// Every crate is in the table and depends on nothing the table forbids.
pub(super) fn one_way(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, manifest) in tree.ending("", &["Cargo.toml"]) {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        if ["plugins", "tests/zoo", "examples/", "bench"]
            .iter()
            .any(|outside| folder.starts_with(outside))
        {
            continue;
        }
        let Some(rule) = TABLE.iter().find(|rule| rule.folder == folder) else {
            complaints.push(format!(
                "{path}: this crate has no row in tests/it/tidy/crates.rs"
            ));
            continue;
        };
        let names = match dependencies(manifest) {
            Ok(names) => names,
            Err(complaint) => {
                complaints.push(format!("{path}: {complaint}"));
                continue;
            }
        };
        for name in names {
            let ours = name.strip_prefix("deskbell-");
            if ours.is_some_and(|ours| !rule.left.contains(&ours)) {
                complaints.push(format!(
                    "{path}: {folder} may not use {name}, which does not stand to its left"
                ));
            }
            if rule.never.contains(&name.as_str()) {
                complaints.push(format!("{path}: {folder} must not depend on {name}"));
            }
        }
    }
    complaints
}

/// The same, in the code: no file names a package its crate must not see.
pub(super) fn forbidden_words(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in TABLE {
        let sources = format!("{}/", rule.folder);
        for (path, text) in tree.ending(&sources, &[".rs"]) {
            // This table itself has to name them.
            if path.starts_with("tests/it/tidy") {
                continue;
            }
            for (at, line) in text.lines().enumerate() {
                for word in rule.never.iter().map(|name| name.replace('-', "_")) {
                    // As a path or a keyword, not as a variable's or a field's
                    // name: `redis::`, `async fn`, `.await`.
                    let named = has_word(code(line), &word)
                        && (code(line).contains(&format!("{word}::"))
                            || code(line).trim_start().starts_with(&format!("use {word}"))
                            || ["async", "await", "SystemTime", "Instant"]
                                .contains(&word.as_str()));
                    if named {
                        complaints.push(format!(
                            "{path}:{}: {} must not name `{word}`",
                            at + 1,
                            rule.folder
                        ));
                    }
                }
            }
        }
    }
    complaints
}

#[test]
fn a_crate_may_not_look_to_its_right() {
    let bad = [
        (
            "host/store/Cargo.toml",
            "[dependencies]\ndeskbell-app.workspace = true\n",
        ),
        (
            "host/app/Cargo.toml",
            "[dev-dependencies]\nsea-orm = \"2\"\n",
        ),
        (
            "host/search/Cargo.toml",
            "[dependencies]\nweb = { package = \"axum\", version = \"0.8\" }\n",
        ),
        ("host/rumour/Cargo.toml", "[package]\n"),
        ("host/domain/Cargo.toml", "not toml"),
    ];
    let complaints = one_way(&Tree::of(&bad));
    assert_eq!(complaints.len(), 5, "{complaints:#?}");
    let good = [(
        "host/store/Cargo.toml",
        "[dependencies]\ndeskbell-domain.workspace = true\nsea-orm = \"2\"\n",
    )];
    assert_eq!(one_way(&Tree::of(&good)), Vec::<String>::new());
}

#[test]
fn a_word_handed_through_by_a_neighbour_is_seen() {
    let bad = [
        (
            "host/domain/src/a.rs",
            "//! Knows no async.\npub async fn f() {}\n",
        ),
        (
            "host/app/src/b.rs",
            "use deskbell_store::sea_orm::Statement;\n",
        ),
        ("host/search/src/c.rs", "use redis;\n"),
        ("host/server/src/d.rs", "let rows = sqlx::query(\"…\");\n"),
    ];
    let complaints = forbidden_words(&Tree::of(&bad));
    assert_eq!(complaints.len(), 4, "{complaints:#?}");
    let good = [
        (
            "host/app/src/a.rs",
            "// axum::Router is the server's\nlet redis = 1; // redis::Client\n",
        ),
        ("host/store/src/b.rs", "use sea_orm::Statement;\n"),
    ];
    assert_eq!(forbidden_words(&Tree::of(&good)), Vec::<String>::new());
}
