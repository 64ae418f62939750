//! What the tests of lamex.yaml and of packages share.

use std::path::Path;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

/// The report as a terminal without colours shows it, with the folder of the test taken out.
pub fn render(diagnostic: &dyn Diagnostic, folder: &Path) -> String {
    let mut report = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false)
        .render_report(&mut report, diagnostic)
        .unwrap();
    let lines = report.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let folder = folder.display().to_string();
    lines.trim_matches('\n').replace(&format!("{folder}/"), "").replace(&folder, ".")
}
