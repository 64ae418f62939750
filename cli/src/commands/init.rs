//! `lamex-ctl init`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use lamex_config::Architecture;
use lamex_init::{CiSystem, File, FilesError, Project};
use lamex_run::Exit;

use crate::args::InitArgs;
use crate::failure::Failure;

pub(super) fn run(args: InitArgs) -> Result<Exit, Failure> {
    let folder = fs::canonicalize(&args.dir)
        .map_err(|error| Failure::Usage(miette::miette!("cannot use {}: {error}", args.dir.display())))?;
    let architecture = args.architecture.unwrap_or_else(Architecture::host);
    let project = Project::find(&folder, architecture).map_err(Failure::usage)?;
    let ci = args.ci.map(CiSystem::from);
    let files = File::all(&folder, &project, architecture, ci);
    lamex_init::write(&files, args.force).map_err(|error| match error {
        FilesError::Exists { .. } => Failure::usage(error),
        FilesError::Unwritable { .. } => Failure::Infrastructure(error.into()),
    })?;
    io::stdout()
        .write_all(told(&folder, &project, &files, ci).as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

/// What was found, what was written, and what to do next.
fn told(folder: &Path, project: &Project, files: &[File], ci: Option<CiSystem>) -> String {
    let mut text = String::new();
    for suite in &project.suites {
        text += &format!("found {}: command `{}`\n", suite.place(), suite.name);
    }
    for suite in &project.others {
        text += &format!("found {}: taken for a test of units, left in a comment\n", suite.place());
    }
    for file in files {
        let path = file.path.strip_prefix(folder).unwrap_or(&file.path);
        text += &format!("wrote {}\n", path.display());
    }
    text += "\nNext:\n";
    text += if project.suites.is_empty() {
        "  name your test binaries and commands in lamex.yaml: no Go or Cargo package with tests was found\n"
    } else {
        "  build the tests with the lines in lamex.yaml, and run them here: lamex-ctl invoke --env local\n"
    };
    text += "  fill in `environments.staging`, and create the function: terraform apply, or cdk deploy\n";
    text += match ci {
        None => {
            "  with `--ci github` or `--ci gitlab`, and `--force` for the lamex.yaml that is there now, a CI job is written too\n"
        }
        Some(CiSystem::Github) => "  set the values under `env:` of the workflow\n",
        Some(CiSystem::Gitlab) => {
            "  set the variables of the job, and name its file in .gitlab-ci.yml:\n\
            \x20   include:\n\
            \x20     - local: .gitlab/system-tests.yml\n"
        }
    };
    text + "  add build/ and dist/ to .gitignore\n"
}
