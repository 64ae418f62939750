//! The job of GitLab CI.

use lamex_config::Architecture;

use super::builds::rust_target;
use super::jobs::{self, Template};
use super::project::Project;
use super::repository::RepositoryPath;
use super::suite::Language;

/// Where it is put, from the root of the repository; .gitlab-ci.yml must include it.
pub(super) const PATH: &str = ".gitlab/system-tests.yml";

/// The job; `after` is the one that deploys the service.
pub(super) fn text(
    project: &Project,
    architecture: Architecture,
    place: &RepositoryPath,
    after: Option<&str>,
) -> String {
    let Toolchain { image, lines } = Toolchain::new(project, architecture);
    // One block a line, so that each has its own exit code and its quotes stay as they are.
    let set_up: String = lines.iter().map(|line| format!("    - |\n      {line}\n")).collect();
    Template::new(include_str!("templates/gitlab.yml"), place)
        .with("PATH", PATH)
        .with("WHEN", &when(after))
        .with("IMAGE", image)
        .with("RUNNER", runner(architecture))
        .with("SET_UP", &set_up)
        .with("CHANGE_FOLDER", &change_folder(place))
        .finish()
}

fn when(after: Option<&str>) -> String {
    match after {
        None => [
            "  # The tests run against the service as it runs there now. Where another job of the pipeline deploys it, that is",
            "  # the old one: `lamex-ctl init --ci gitlab --after JOB` writes this job for after the one that deploys.",
            "  stage: test\n",
        ]
        .join("\n"),
        Some(job) => [
            "  # After the service's own deployment: beside it, the tests would run against the service as it was before, and",
            "  # pass for code that was never there. The stage is that of the job that deploys, or a later one.",
            "  stage: deploy",
            &format!("  needs: [{}]\n", jobs::yaml_text(job)),
        ]
        .join("\n"),
    }
}

/// What the build lines need.
struct Toolchain {
    image: &'static str,
    lines: Vec<String>,
}

impl Toolchain {
    fn new(project: &Project, architecture: Architecture) -> Self {
        let languages = project.languages();
        let has = |language| languages.contains(&language);
        let image = match (has(Language::Go), has(Language::Rust), has(Language::Cpp)) {
            (true, _, _) => "golang:1-bookworm",
            (false, true, _) => "rust:1-bookworm",
            (false, false, true) => "gcc:14-bookworm",
            (false, false, false) => "buildpack-deps:bookworm",
        };
        let target = rust_target(architecture);
        let mut lines = Vec::new();
        if has(Language::Rust) && has(Language::Go) {
            lines.push(format!(
                "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --target {target}"
            ));
            lines.push("export PATH=\"$HOME/.cargo/bin:$PATH\"".to_owned());
        } else if has(Language::Rust) {
            lines.push(format!("rustup target add {target}"));
        }
        if has(Language::Cpp) {
            lines.push(
                "apt-get update -qq && apt-get install -qq -y cmake libgtest-dev libgmock-dev".to_owned(),
            );
        }
        Self { image, lines }
    }
}

/// Machines of the function's own processor, so that nothing needs a cross-compiler.
fn runner(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "",
        Architecture::Arm64 => {
            "  tags: [saas-linux-small-arm64]    # of gitlab.com; otherwise a runner with this processor\n"
        }
    }
}

fn change_folder(place: &RepositoryPath) -> String {
    place.change_folder().map(|line| format!("    - |\n      {line}\n")).unwrap_or_default()
}
