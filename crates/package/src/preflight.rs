//! Whether the programs of a staged package can run on the function, found out before it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lamex_protocol::plan::Plan;

use super::advice;
use super::al2023;
use super::binary_check;
use super::command_programs::{self, Reference};
use super::error::PackageError;
use super::finding::{PreflightFinding, Rule};
use super::inspection::Inspection;
use super::program_file::{self, ProgramFile, Shebang};
use super::staged::Staged;
use super::target::PackageTarget;
use super::{BOOTSTRAP, elf, test_binaries};

/// Looks at the runner, at every program that a command names, and at what they need of the package.
///
/// # Errors
/// A staged file cannot be read.
pub fn preflight(
    staged: &Staged,
    folder: &Path,
    target: &PackageTarget,
) -> Result<Vec<PreflightFinding>, PackageError> {
    let files: BTreeSet<&str> = staged.files.iter().map(|file| file.path.as_str()).collect();
    let mut found: Vec<(PreflightFinding, BTreeSet<usize>)> = Vec::new();
    for (reference, users) in programs(&staged.plan) {
        let mut inspection = Inspection {
            folder,
            files: &files,
            target,
            is_runner: users.is_empty(),
            seen: BTreeSet::new(),
            findings: Vec::new(),
        };
        inspection.reference(&reference)?;
        for new in inspection.findings {
            // Two programs can need the same library; what is wrong with it is said once.
            match found.iter_mut().find(|(known, _)| *known == new) {
                Some((_, known_users)) => known_users.extend(&users),
                None => found.push((new, users.clone())),
            }
        }
    }
    for (finding, index) in test_binaries::misnamed(&staged.plan, &files, folder) {
        found.push((finding, BTreeSet::from([index])));
    }
    let name = |index: usize| staged.plan.commands[index].name.clone();
    let with_names = |(finding, users): (PreflightFinding, BTreeSet<usize>)| PreflightFinding {
        commands: users.into_iter().map(name).collect(),
        ..finding
    };
    Ok(found.into_iter().map(with_names).collect())
}

/// What is to be looked at, each with the places of the commands that use it: the runner, which none uses,
/// then the others in the order of the plan.
fn programs(plan: &Plan) -> Vec<(Reference, BTreeSet<usize>)> {
    let mut users: BTreeMap<Reference, BTreeSet<usize>> = BTreeMap::new();
    for (index, command) in plan.commands.iter().enumerate() {
        for reference in command_programs::of(command) {
            users.entry(reference).or_default().insert(index);
        }
    }
    let mut programs: Vec<_> = users.into_iter().collect();
    programs.sort_by_key(|(_, users)| users.first().copied());
    programs.insert(0, (Reference::Package(BOOTSTRAP.to_owned()), BTreeSet::new()));
    programs
}

impl Inspection<'_> {
    fn reference(&mut self, reference: &Reference) -> Result<(), PackageError> {
        let missing = |name: &str| format!("`{name}` is not in {}", al2023::NAME);
        match reference {
            Reference::Package(path) if self.files.contains(path.as_str()) => self.program(path)?,
            Reference::Package(path) => {
                let message = format!("`{path}` is not in the package");
                self.error(
                    Rule::Program,
                    path,
                    message,
                    "add its file: with `package.include`, or into the folder of `--task-root`",
                );
            }
            Reference::Argument(path) => self.argument(path)?,
            Reference::Absolute(path) if al2023::has_program_at(path) => {}
            Reference::Absolute(path) if path.starts_with(al2023::LAYERS) => {
                let message = format!("`{path}` is available only if a layer of the function provides it");
                self.warning(Rule::Program, path, message, advice::missing_program());
            }
            Reference::Absolute(name) | Reference::Name(name) => {
                if !al2023::has_program(name) {
                    self.error(Rule::Program, name, missing(name), advice::missing_program());
                }
            }
        }
        Ok(())
    }

    /// An argument that names a file of the package. It may be data: only a binary that can be nothing but a
    /// program is taken for one, as in `timeout 60 ./tests`.
    fn argument(&mut self, path: &str) -> Result<(), PackageError> {
        if !self.files.contains(path) {
            return Ok(());
        }
        let file = self.folder.join(path);
        let kind = program_file::read(&file).map_err(PackageError::io("read", &file))?;
        let is_program =
            matches!(kind, ProgramFile::Elf(_)) && elf::read(&file).is_ok_and(|binary| binary.is_program());
        if is_program { self.program(path) } else { Ok(()) }
    }

    fn program(&mut self, path: &str) -> Result<(), PackageError> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        let file = self.folder.join(path);
        match program_file::read(&file).map_err(PackageError::io("read", &file))? {
            ProgramFile::Elf(machine) => binary_check::program(self, path, machine),
            ProgramFile::Script(shebang) => self.script(path, &shebang),
            ProgramFile::Foreign("empty") => {
                self.error(Rule::Format, path, format!("{path} is empty"), "was its build interrupted?");
                Ok(())
            }
            ProgramFile::Foreign(what) => {
                let help = advice::other_system(self.target.architecture);
                self.error(Rule::Format, path, format!("{path} is {what}"), help);
                Ok(())
            }
            ProgramFile::Unknown => {
                let message = format!("{path} is neither an ELF program nor a script that begins with `#!`");
                let help = "begin a script with `#!/bin/sh`; a program must be built for Linux";
                self.error(Rule::Format, path, message, help);
                Ok(())
            }
        }
    }

    fn script(&mut self, path: &str, shebang: &Shebang) -> Result<(), PackageError> {
        let rule = Rule::ScriptInterpreter;
        if shebang.interpreter.is_empty() {
            let message = format!("{path} is a script without the name of its interpreter");
            self.error(rule, path, message, "begin it with `#!/bin/sh`");
            return Ok(());
        }
        if shebang.has_carriage_return {
            let message = format!(
                "the first line of {path} ends in a carriage return, which Linux treats as a \
                 part of the interpreter's name"
            );
            self.error(rule, path, message, "save the script with Unix line endings (`dos2unix`)");
            return Ok(());
        }
        for reference in command_programs::of_shebang(shebang) {
            let name = match &reference {
                Reference::Package(program) if self.files.contains(program.as_str()) => {
                    self.program(program)?;
                    continue;
                }
                Reference::Absolute(program) if al2023::has_program_at(program) => continue,
                Reference::Name(program) if al2023::has_program(program) => continue,
                Reference::Absolute(program) if program.starts_with(al2023::LAYERS) => {
                    let message = format!(
                        "{path} is a script for {program}, which is available only if a layer of the \
                         function provides it"
                    );
                    self.warning(rule, path, message, advice::missing_program());
                    continue;
                }
                Reference::Package(program)
                | Reference::Absolute(program)
                | Reference::Argument(program)
                | Reference::Name(program) => program,
            };
            let message = format!("{path} is a script for {name}, which {} does not have", al2023::NAME);
            let help = if name.contains(' ') {
                "Linux passes everything after `env` as one name: write `#!/usr/bin/env -S` before it"
                    .to_owned()
            } else {
                format!(
                    "write it for /bin/sh or /bin/bash, or put {name} into the package and start the script with it"
                )
            };
            self.error(rule, path, message, help);
        }
        Ok(())
    }
}
