//! Tables as Markdown writes them.

pub(super) fn row(cells: &[String]) -> String {
    // A bar would end the cell.
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

pub(super) fn ruler(columns: usize) -> String {
    format!("|{}", "---|".repeat(columns))
}
