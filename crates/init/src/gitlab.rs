//! The jobs of GitLab CI.

use lamex_config::Architecture;

use super::jobs::{self, Template};
use super::project::Project;
use super::repository::RepositoryPath;
use super::suite::Suite;

/// Where it is put, from the root of the repository; .gitlab-ci.yml must include it.
pub(super) const PATH: &str = ".gitlab/system-tests.yml";

pub(super) fn text(project: &Project, architecture: Architecture, place: &RepositoryPath) -> String {
    let target = format!("rustup target add {}", jobs::rust_target(architecture));
    let jobs = [
        Job { name: "system-tests-build-go", image: "golang:1", is_go: true, set_up: None },
        Job { name: "system-tests-build-rust", image: "rust:1", is_go: false, set_up: Some(target) },
    ];
    let jobs: Vec<(&str, String)> = jobs
        .iter()
        .filter_map(|job| Some((job.name, job.text(&project.suites, architecture, place)?)))
        .collect();
    let needs: Vec<&str> = jobs.iter().map(|(name, _)| *name).collect();
    let needs = if needs.is_empty() {
        "  # Build the test binaries in a job before this one, and keep them as its artifacts.\n".to_owned()
    } else {
        format!("  needs: [{}]\n", needs.join(", "))
    };
    let build: String = jobs.into_iter().map(|(_, text)| text).collect();
    Template::new(include_str!("templates/gitlab.yml"), architecture, place)
        .with("PATH", PATH)
        .with("RUNNER", runner(architecture))
        .with("NEEDS", &needs)
        .with("CHANGE_FOLDER", &change_folder(place))
        .with("BUILD", &build)
        .finish()
}

/// A job that builds the suites of one language.
struct Job {
    name: &'static str,
    image: &'static str,
    is_go: bool,
    set_up: Option<String>,
}

impl Job {
    fn text(&self, suites: &[Suite], architecture: Architecture, place: &RepositoryPath) -> Option<String> {
        let own = suites.iter().filter(|suite| suite.is_go() == self.is_go);
        let lines = jobs::builds(own, architecture);
        if lines.is_empty() {
            return None;
        }
        let lines = self.set_up.iter().chain(&lines);
        // One block a line, so that each has its own exit code and its quotes stay as they are.
        let script: String = lines.map(|line| format!("    - |\n      {line}\n")).collect();
        let Self { name, image, .. } = self;
        let (runner, change_folder) = (runner(architecture), change_folder(place));
        let artifacts = jobs::yaml_text(&place.seen_from_root("build/"));
        Some(format!(
            "\
{name}:
  stage: build
  image: {image}
{runner}  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
{change_folder}{script}  artifacts:
    paths: [{artifacts}]
    expire_in: 1 day

"
        ))
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
