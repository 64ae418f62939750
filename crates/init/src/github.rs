//! The workflow of GitHub Actions.

use lamex_config::Architecture;

use super::builds::rust_target;
use super::jobs::{self, Template};
use super::project::Project;
use super::repository::RepositoryPath;
use super::suite::{Language, Source};
use super::walk::join;

/// Where GitHub looks for it, from the root of the repository.
pub(super) const PATH: &str = ".github/workflows/system-tests.yml";

/// The workflow; `after` is the job that deploys the service.
pub(super) fn text(
    project: &Project,
    architecture: Architecture,
    place: &RepositoryPath,
    after: Option<&str>,
) -> String {
    let folder = if place.folder.is_empty() { "." } else { &place.folder };
    Template::new(include_str!("templates/github.yml"), place)
        .with("ON", &on(after))
        .with("BRANCHES", if after.is_some() { "the branches that deploy" } else { "the branch below" })
        .with("RUNS_ON", runs_on(architecture))
        .with("FOLDER", &jobs::yaml_text(folder))
        .with("SET_UP", &set_up(project, architecture, place))
        .finish()
}

fn on(after: Option<&str>) -> String {
    match after {
        None => "\
# On each push to a branch, not on pull requests: whoever can run code on the function is inside the VPC. The
# tests run against the service as it runs there now. Where a workflow of this repository deploys it, that is the
# old one: `lamex-ctl init --ci github --after JOB` writes this workflow for after the job that deploys.
on:
  push:
    branches: [main]
  workflow_dispatch:
"
        .to_owned(),
        Some(job) => format!(
            "\
# After the service's own deployment, and not on a push: beside it, the tests would run against the service as it was
# before, and pass for code that was never deployed. The workflow that deploys it calls this one, in a job of its own:
#
#   system-tests:
#     needs: {job}
#     uses: ./{PATH}
#     permissions:
#       contents: read
#       id-token: write
#
# From branches, not from pull requests: whoever can run code on the function is inside the VPC.
on:
  workflow_call:
  workflow_dispatch:
"
        ),
    }
}

/// Machines of the function's own processor, so that nothing needs a cross-compiler.
fn runs_on(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "ubuntu-24.04",
        Architecture::Arm64 => "ubuntu-24.04-arm",
    }
}

/// What the build lines need that is not on the machine anyway.
fn set_up(project: &Project, architecture: Architecture, place: &RepositoryPath) -> String {
    let languages = project.languages();
    let mut steps = String::new();
    let module = project.suites.iter().find_map(|suite| match &suite.source {
        Source::Go { module, .. } => Some(module),
        Source::Cargo { .. } | Source::Cmake { .. } => None,
    });
    if let Some(module) = module {
        let manifest = jobs::yaml_text(&place.seen_from_root(&join(module, "go.mod")));
        steps += &format!(
            "      - uses: actions/setup-go@v6\n        with:\n          go-version-file: {manifest}\n\n"
        );
    }
    if languages.contains(&Language::Rust) {
        let target = rust_target(architecture);
        steps += &format!("      - name: Set Rust up for musl\n        run: rustup target add {target}\n\n");
    }
    if languages.contains(&Language::Cpp) {
        let line = "sudo apt-get update -qq && sudo apt-get install -qq -y libgtest-dev libgmock-dev";
        steps += &format!("      - name: Install GoogleTest\n        run: {line}\n\n");
    }
    if languages.is_empty() {
        steps += "      # Set up here what the `build` lines of lamex.yaml need.\n\n";
    }
    steps
}
