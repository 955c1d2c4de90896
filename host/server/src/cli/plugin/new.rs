//! `deskbell plugin new`: a project that builds and tests at once. The library
//! for authors and the interfaces come out of this program, so that nothing needs
//! to be published and both fit this version.

use std::fs;
use std::path::{Path, PathBuf};

use rust_embed::Embed;

use super::super::{Failure, Outcome, say};
use super::HookName;

#[derive(Embed)]
#[folder = "../../plugin-api"]
struct Library;

#[derive(Embed)]
#[folder = "../../wit"]
struct Interfaces;

#[derive(Embed)]
#[folder = "src/cli/plugin/template"]
struct Template;

pub(super) fn run(id: &str, hooks: &[HookName]) -> Outcome {
    let project = Project::new(id, hooks)?;
    let folder = Path::new(id);
    let empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !empty || folder.is_file() {
        return Err(Failure(format!("{id} is there already, and is not empty")));
    }
    let files = project.files()?;
    for (path, text) in &files {
        let path = folder.join(path);
        let cannot = |error| Failure(format!("{} cannot be written: {error}", path.display()));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(cannot)?;
        }
        fs::write(&path, text).map_err(cannot)?;
    }
    say(&format!("A new plugin is in {id}. Go on with:"));
    say("");
    say(&format!("    cd {id}"));
    say("    cargo test");
    say("    deskbell plugin test");
    say("    deskbell plugin check");
    Ok(())
}

struct Project {
    id: String,
    hooks: Vec<HookName>,
}

/// What the template has for each hook: the name of its manifest's part, of its
/// module, and of its scenario, in the order in which they are written.
const PARTS: [(HookName, &str, &str, &str); 7] = [
    (HookName::Routing, "routing", "router", "billing"),
    (HookName::Variables, "variables", "variables", "shop"),
    (HookName::Filter, "filter", "filter", "masked"),
    (HookName::Bot, "bot", "bot", "greeting"),
    (HookName::Events, "events", "events", "note"),
    (HookName::Context, "context", "context", "card"),
    (HookName::Webhook, "webhook", "webhook", "shipped"),
];

impl Project {
    fn new(id: &str, hooks: &[HookName]) -> Result<Self, Failure> {
        // The manifest's own rule, by its own judge.
        let project = Self {
            id: id.to_owned(),
            hooks: hooks.to_vec(),
        };
        let manifest = project.manifest()?;
        match deskbell_package::parse_manifest(&manifest) {
            Ok(_) => Ok(project),
            Err(findings) => Err(Failure(
                findings
                    .first()
                    .map_or_else(String::new, |finding| format!("{id}: {}", finding.detail)),
            )),
        }
    }

    /// What the template has for the hooks that are wanted.
    fn parts(&self) -> impl Iterator<Item = (HookName, &'static str, &'static str, &'static str)> {
        let wanted = PARTS.into_iter();
        wanted.filter(|part| self.hooks.contains(&part.0))
    }

    fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
        let mut files: Vec<(PathBuf, String)> = vec![
            ("Cargo.toml".into(), self.filled("Cargo.toml")?),
            ("deskbell.toml".into(), self.manifest()?),
            (".gitignore".into(), self.filled("gitignore")?),
            ("README.md".into(), self.filled("README.md")?),
            ("src/lib.rs".into(), self.library()?),
        ];
        for (_, _, module, scenario) in self.parts() {
            let name = format!("{module}.rs");
            files.push((format!("src/{name}").into(), self.filled(&name)?));
            let text = self.filled(&format!("scenario.{scenario}.toml"))?;
            files.push((format!("scenarios/{scenario}.toml").into(), text));
        }
        let texts = files.into_iter();
        let mut files: Vec<_> = texts
            .map(|(path, text)| (path, text.into_bytes()))
            .collect();
        files.extend(embedded::<Library>("sdk/plugin-api", |name| {
            name == "Cargo.toml" || name.starts_with("src/")
        }));
        files.extend(embedded::<Interfaces>("sdk/wit", |name| {
            name.ends_with(".wit")
        }));
        Ok(files)
    }

    fn manifest(&self) -> Result<String, Failure> {
        let mut text = self.filled("deskbell.toml")?;
        for (_, manifest, ..) in self.parts() {
            text += &self.filled(&format!("deskbell.{manifest}.toml"))?;
        }
        Ok(text)
    }

    fn library(&self) -> Result<String, Failure> {
        let mut text = self.filled("lib.rs")?;
        for (_, _, module, _) in self.parts() {
            text += &format!("mod {module};\n");
        }
        Ok(text)
    }

    /// A file of the template, with the id and the name in it.
    fn filled(&self, name: &str) -> Result<String, Failure> {
        let file = Template::get(&format!("{name}.txt"));
        let bytes = file.map(|file| file.data.into_owned()).unwrap_or_default();
        let text = String::from_utf8(bytes)?;
        Ok(text
            .replace("%id%", &self.id)
            .replace("%name%", &self.name()))
    }

    /// `my-router` is called "My router".
    fn name(&self) -> String {
        let words = self.id.replace('-', " ");
        let mut letters = words.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }
}

fn embedded<E: Embed>(
    into: &'static str,
    wanted: fn(&str) -> bool,
) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    E::iter()
        .filter(move |name| wanted(name))
        .filter_map(move |name| {
            let file = E::get(&name)?;
            Some((Path::new(into).join(&*name), file.data.into_owned()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_all_it_needs() {
        let hooks = PARTS.map(|(hook, ..)| hook);
        let Ok(project) = Project::new("my-plugin", &hooks) else {
            panic!("the name is good");
        };
        let Ok(files) = project.files() else {
            panic!("the template is text");
        };
        let text = |wanted: &str| {
            let found = files.iter().find(|(path, _)| path == Path::new(wanted));
            let (_, bytes) = found.unwrap_or_else(|| panic!("{wanted} is missing"));
            assert!(!bytes.is_empty(), "{wanted} is empty");
            String::from_utf8(bytes.clone()).unwrap()
        };
        for path in [
            ".gitignore",
            "src/router.rs",
            "src/variables.rs",
            "src/filter.rs",
            "src/bot.rs",
            "src/events.rs",
            "src/context.rs",
            "src/webhook.rs",
            "scenarios/billing.toml",
            "scenarios/shop.toml",
            "scenarios/masked.toml",
            "scenarios/greeting.toml",
            "scenarios/note.toml",
            "scenarios/card.toml",
            "scenarios/shipped.toml",
            "sdk/plugin-api/Cargo.toml",
            "sdk/plugin-api/src/lib.rs",
            "sdk/wit/bot/bot.wit",
            "sdk/wit/integration/integration.wit",
            "sdk/wit/routing/routing.wit",
            "sdk/wit/types/types.wit",
        ] {
            text(path);
        }
        assert!(text("README.md").contains("My plugin"));
        assert!(text("Cargo.toml").contains("name = \"my-plugin\""));
        for module in ["router", "filter", "bot", "events", "context", "webhook"] {
            assert!(text("src/lib.rs").contains(&format!("mod {module};\n")));
        }
        for (path, bytes) in &files {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                !text.contains("%id%") && !text.contains("%name%"),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn a_bad_name_is_refused_by_the_manifests_rule() {
        for name in ["My-Router", "../up", "", "a"] {
            assert!(Project::new(name, &[HookName::Routing]).is_err(), "{name}");
        }
    }
}
