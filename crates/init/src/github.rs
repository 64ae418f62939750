//! The workflow of GitHub Actions.

use lamex_config::Architecture;

use super::jobs::{self, Template};
use super::project::Project;
use super::repository::RepositoryPath;
use super::suite::{Source, Suite};
use super::walk::join;

/// Where GitHub looks for it, from the root of the repository.
pub(super) const PATH: &str = ".github/workflows/system-tests.yml";

pub(super) fn text(project: &Project, architecture: Architecture, place: &RepositoryPath) -> String {
    let folder = if place.folder.is_empty() { "." } else { &place.folder };
    Template::new(include_str!("templates/github.yml"), architecture, place)
        .with("RUNS_ON", runs_on(architecture))
        .with("FOLDER", &jobs::yaml_text(folder))
        .with("BUILD", &build(&project.suites, architecture, place))
        .finish()
}

/// Machines of the function's own processor, so that nothing needs a cross-compiler.
fn runs_on(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "ubuntu-24.04",
        Architecture::Arm64 => "ubuntu-24.04-arm",
    }
}

fn build(suites: &[Suite], architecture: Architecture, place: &RepositoryPath) -> String {
    let lines = jobs::builds(suites.iter(), architecture);
    if lines.is_empty() {
        return "      # Build the test binaries here, into the places that lamex.yaml names.\n".to_owned();
    }
    let mut steps = String::new();
    let module = suites.iter().find_map(|suite| match &suite.source {
        Source::Go { module, .. } => Some(module),
        Source::Cargo { .. } => None,
    });
    if let Some(module) = module {
        let manifest = jobs::yaml_text(&place.seen_from_root(&join(module, "go.mod")));
        steps += &format!(
            "      - uses: actions/setup-go@v6\n        with:\n          go-version-file: {manifest}\n\n"
        );
    }
    if suites.iter().any(|suite| !suite.is_go()) {
        let target = jobs::rust_target(architecture);
        steps += &format!("      - name: Set Rust up for musl\n        run: rustup target add {target}\n\n");
    }
    steps += "      - name: Build the tests\n        run: |\n";
    steps + &jobs::indented(&lines, 10)
}
