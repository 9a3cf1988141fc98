//! Figures as a page: for the terminal, and as Markdown for the documentation.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// A title, and what stands below it.
#[derive(Debug, Default)]
pub(super) struct Page {
    title: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Heading(String),
    Paragraph(String),
    Table(Table),
}

/// Rows of cells; the first column has names, the others figures.
#[derive(Debug)]
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), parts: Vec::new() }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.parts.push(Part::Heading(text.to_owned()));
    }

    pub(super) fn paragraph(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Paragraph(text.into()));
    }

    pub(super) fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// For people who run it.
    pub(super) fn terminal(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Heading(text) => format!("── {text}\n"),
            Part::Paragraph(text) => format!("{text}\n"),
            Part::Table(table) => table.terminal(),
        });
        std::iter::once(format!("{}\n", self.title)).chain(parts).collect::<Vec<_>>().join("\n")
    }

    /// For people who read about it.
    pub(super) fn markdown(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Heading(text) => format!("## {text}\n"),
            Part::Paragraph(text) => format!("{text}\n"),
            Part::Table(table) => table.markdown(),
        });
        std::iter::once(format!("# {}\n", self.title)).chain(parts).collect::<Vec<_>>().join("\n")
    }

    /// Writes the Markdown to a file, and its folder where there is none.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        fs::write(file, self.markdown()).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Table {
    pub(super) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl Into<Vec<String>>) {
        self.rows.push(cells.into());
    }

    fn terminal(&self) -> String {
        let all = || std::iter::once(&self.header).chain(&self.rows);
        let width =
            |column: usize| all().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let width = width(column).unwrap_or_default();
                if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        all().map(line).collect()
    }

    fn markdown(&self) -> String {
        let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
        let alignment = self.header.iter().enumerate().map(|(column, _)| match column {
            0 => "|---",
            _ => "|---:",
        });
        let rows: String = self.rows.iter().map(line).collect();
        format!("{}{}|\n{rows}", line(&self.header), alignment.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Table};

    fn page() -> Page {
        let mut table = Table::new(["contender", "µs"]);
        table.row(["bare".to_owned(), "9.5".to_owned()]);
        table.row(["auditd".to_owned(), "104.0".to_owned()]);
        let mut page = Page::new("Title");
        page.heading("Part");
        page.paragraph("Some words.");
        page.table(table);
        page
    }

    #[test]
    fn the_documentation_gets_markdown() {
        let expected = "# Title\n\n## Part\n\nSome words.\n\n\
                        | contender | µs |\n|---|---:|\n| bare | 9.5 |\n| auditd | 104.0 |\n";
        assert_eq!(page().markdown(), expected);
    }

    #[test]
    fn the_terminal_gets_columns() {
        let expected = "Title\n\n── Part\n\nSome words.\n\n  \
                        contender     µs\n  bare         9.5\n  auditd     104.0\n";
        assert_eq!(page().terminal(), expected);
    }

    #[test]
    fn the_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("docs/benchmarks/kernel.md");
        page().write(&file).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("# Title\n"));
    }
}
