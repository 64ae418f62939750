//! `lamex-ctl init`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use lamex_config::Architecture;
use lamex_init::{Ci, CiSystem, File, FilesError, Project};
use lamex_run::Exit;

use crate::args::InitArgs;
use crate::failure::Failure;

/// More lines than this are read by nobody.
const MOST_LEFT_OUT: usize = 30;

pub(super) fn run(args: InitArgs) -> Result<Exit, Failure> {
    let folder = fs::canonicalize(&args.dir)
        .map_err(|error| Failure::Usage(miette::miette!("cannot use {}: {error}", args.dir.display())))?;
    let architecture = args.architecture.unwrap_or_else(Architecture::host);
    let ci = ci(&args)?;
    let project = Project::find(&folder, architecture).map_err(Failure::usage)?;
    let files = File::all(&folder, &project, architecture, ci.as_ref());
    lamex_init::write(&files, args.force).map_err(|error| match error {
        FilesError::Exists { .. } => Failure::usage(error),
        FilesError::Unwritable { .. } => Failure::Infrastructure(error.into()),
    })?;
    io::stdout()
        .write_all(told(&folder, &project, &files, ci.as_ref()).as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

fn ci(args: &InitArgs) -> Result<Option<Ci>, Failure> {
    let Some(system) = args.ci.map(CiSystem::from) else { return Ok(None) };
    if let Some(job) = args.after.as_ref().filter(|job| !system.is_job_name(job)) {
        return Err(Failure::Usage(miette::miette!(
            help = "use the name that the job has in its workflow or pipeline",
            "`{job}` cannot be the name of a job"
        )));
    }
    Ok(Some(Ci { system, after: args.after.clone() }))
}

/// What was found, what was left out and why, what was written, and what to do next.
fn told(folder: &Path, project: &Project, files: &[File], ci: Option<&Ci>) -> String {
    let mut text = String::new();
    for suite in &project.suites {
        text += &format!("found {}: command `{}`\n", suite.place(), suite.name);
    }
    for suite in &project.others {
        let reason =
            "treated as unit tests, since others here are called system tests; its lines are commented out";
        text += &format!("left out {}: {reason}\n", suite.place());
    }
    for left_out in project.left_out.iter().take(MOST_LEFT_OUT) {
        text += &format!("left out {}: {}\n", left_out.place, left_out.reason);
    }
    if project.left_out.len() > MOST_LEFT_OUT {
        text += &format!("left out {} more places\n", project.left_out.len() - MOST_LEFT_OUT);
    }
    for file in files {
        let path = file.path.strip_prefix(folder).unwrap_or(&file.path);
        text += &format!("wrote {}\n", path.display());
    }
    text += "\nNext:\n";
    text += if project.suites.is_empty() {
        "  name your test binaries and commands in lamex.yaml: no Go, Cargo or GoogleTest tests were found\n"
    } else {
        "  build the tests and run them here: lamex-ctl test --env local\n"
    };
    text += "  fill in `environments.staging`, and create the function: terraform apply, or cdk deploy\n";
    text += &match ci {
        None => "  to write a CI job too, add `--ci github` or `--ci gitlab`, and `--force` to replace this \
             lamex.yaml\n"
            .to_owned(),
        Some(Ci { system: CiSystem::Github, after }) => {
            let called =
                "  call the workflow after the job that deploys the service, as its first lines explain\n";
            let called = if after.is_some() { called } else { "" };
            format!("  set the values under `env:` of the workflow\n{called}")
        }
        Some(Ci { system: CiSystem::Gitlab, .. }) => {
            "  set the variables of the job, and name its file in .gitlab-ci.yml:\n\
            \x20   include:\n\
            \x20     - local: .gitlab/system-tests.yml\n"
                .to_owned()
        }
    };
    text + "  add build/ and dist/ to .gitignore\n"
}
