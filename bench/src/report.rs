//! The result file: what was measured on which machine, as text and as JSON.
//! The only part that prints.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use crate::Settings;
use crate::error::Outcome;

/// One bench's part of the report.
#[derive(Serialize)]
pub struct Section {
    pub title: &'static str,
    /// What was done, and what to know when reading.
    pub about: Vec<String>,
    pub tables: Vec<Table>,
    /// Every single run.
    pub runs: serde_json::Value,
}

#[derive(Serialize)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(caption: impl Into<String>, head: &[&str]) -> Self {
        Self {
            caption: caption.into(),
            head: head.iter().map(|&cell| cell.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// The middle of some values, and their range: `4.1 (3.9–4.4)`.
pub fn spread(values: impl IntoIterator<Item = f64>, digits: usize) -> String {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (Some(least), Some(most), Some(middle)) = (values.first(), values.last(), median(&values))
    else {
        return "–".to_owned();
    };
    if values.len() == 1 {
        return format!("{middle:.digits$}");
    }
    format!("{middle:.digits$} ({least:.digits$}–{most:.digits$})")
}

/// Of sorted values.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(sorted.len() / 2 - 1)?, upper))
}

/// The median alone, for what is computed from it.
pub fn middle(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    median(&values)
}

/// Microseconds as milliseconds.
pub fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

/// Writes both files and prints the text.
pub fn publish(
    settings: &Settings,
    facts: &[(String, String)],
    sections: &[Section],
) -> Outcome<()> {
    let text = text(settings, facts, sections);
    say(&text);
    if settings.quick {
        say("A quick run shows that everything works. It is not written down.");
        return Ok(());
    }
    std::fs::create_dir_all(&settings.results)?;
    let name = format!("{}-{}", settings.date, settings.commit);
    let path = |ending: &str| -> PathBuf { settings.results.join(format!("{name}.{ending}")) };
    std::fs::write(path("md"), text)?;
    let facts: serde_json::Map<_, _> = facts.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    let all = json!({
        "date": settings.date, "commit": settings.commit, "facts": facts, "sections": sections,
    });
    std::fs::write(path("json"), serde_json::to_string_pretty(&all)?)?;
    say(&format!("Written to {}", path("md").display()));
    Ok(())
}

fn text(settings: &Settings, facts: &[(String, String)], sections: &[Section]) -> String {
    let mut out = format!(
        "# Benches, {} at {}\n\nWritten by `make bench`; see [how it is measured](../README.md). \
         Values are medians with their range.\n\n| what | it is |\n| --- | --- |\n",
        settings.date, settings.commit
    );
    for (what, it_is) in facts {
        let _ = writeln!(out, "| {what} | {it_is} |");
    }
    for section in sections {
        let _ = writeln!(out, "\n## {}\n", section.title);
        for line in &section.about {
            let _ = writeln!(out, "- {line}");
        }
        for table in &section.tables {
            let _ = writeln!(out, "\n{}\n", table.caption);
            let _ = writeln!(out, "| {} |", table.head.join(" | "));
            let _ = writeln!(out, "|{}", " --- |".repeat(table.head.len()));
            for row in &table.rows {
                let _ = writeln!(out, "| {} |", row.join(" | "));
            }
        }
    }
    out
}

pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// How far it is, to standard error.
pub fn progress(line: &str) {
    let _ = writeln!(std::io::stderr(), "bench: {line}");
}

pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_median_and_the_range() {
        assert_eq!(spread([3.0, 1.0, 2.0], 1), "2.0 (1.0–3.0)");
        assert_eq!(spread([1.0, 2.0], 1), "1.5 (1.0–2.0)");
        assert_eq!(spread([7.0], 0), "7");
        assert_eq!(spread([], 0), "–");
    }
}
