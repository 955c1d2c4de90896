//! Lines of a CSV file (RFC 4180), made for whoever opens them in a spreadsheet.

/// At the beginning of a file: it is UTF-8.
pub const MARK: &str = "\u{feff}";

/// What a spreadsheet takes for the beginning of a formula, full-width forms too.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// One line of a file, every cell in quotes. A cell that a spreadsheet would run
/// begins with an apostrophe, which makes it a text.
#[must_use]
pub fn line(cells: &[&str]) -> String {
    let length: usize = cells.iter().map(|cell| cell.len() + 4).sum();
    let mut line = String::with_capacity(length + 2);
    for (at, cell) in cells.iter().enumerate() {
        line.push_str(if at == 0 { "\"" } else { ",\"" });
        if cell.trim_start_matches(' ').starts_with(FORMULA) {
            line.push('\'');
        }
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_none_is_a_formula() {
        assert_eq!(line(&["a", "", "b, c"]), "\"a\",\"\",\"b, c\"\r\n");
        assert_eq!(line(&["say \"x\"\nand"]), "\"say \"\"x\"\"\nand\"\r\n");
        for cell in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(1)",
            "\tx",
            "\rx",
            "\nx",
            " =1",
            "\u{ff1d}1",
            "\u{ff20}x",
        ] {
            assert_eq!(line(&[cell]), format!("\"'{cell}\"\r\n"));
        }
        assert_eq!(line(&["a=1"]), "\"a=1\"\r\n", "only at the beginning");
        let hidden = line(&["\",\"=1"]);
        assert_eq!(hidden, "\"\"\",\"\"=1\"\r\n", "a cell cannot end early");
    }
}
