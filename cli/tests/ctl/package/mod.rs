//! Packages, with real files on disk.

mod archive;
mod command;
mod folders;
mod patterns;
mod preflight;
mod refused;
mod staging;
mod targets;
mod task_roots;
mod toolbox;
mod working_dirs;

use std::fs;
use std::path::PathBuf;

use lamex_config::Architecture;
use lamex_package::{PackageError, Staged};
use lamex_testing::render;
use tempfile::TempDir;

/// A project folder beside a runner and a place to stage into.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(lamex_yaml: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.file("../bootstrap", &elf(host_machine()));
        project.file("lamex.yaml", lamex_yaml.as_bytes());
        project
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn file(&self, path: &str, bytes: &[u8]) -> PathBuf {
        fs::create_dir_all(self.root()).unwrap();
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn stage_into(&self, into: &str) -> Result<Staged, PackageError> {
        let config = lamex_config::load(&self.root().join("lamex.yaml")).unwrap();
        let environment = config.environment("local").unwrap();
        let runner = self.folder.path().join("bootstrap");
        lamex_package::stage(&config, &environment, &runner, &self.folder.path().join(into))
    }

    fn stage(&self) -> Staged {
        self.stage_into("staged").unwrap_or_else(|error| panic!("{}", self.render(&error)))
    }

    fn report(&self) -> String {
        let error = self.stage_into("staged").expect_err("cannot be staged");
        self.render(&error)
    }

    fn render(&self, error: &PackageError) -> String {
        render(error, &self.root()).replace(&format!("{}/", self.folder.path().display()), "../")
    }

    fn staged(&self, path: &str) -> Vec<u8> {
        fs::read(self.folder.path().join("staged").join(path)).unwrap()
    }
}

fn host_machine() -> u16 {
    match Architecture::host() {
        Architecture::X86_64 => 62,
        Architecture::Arm64 => 183,
    }
}

/// As much of a binary as its header.
fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
    bytes.extend(machine.to_le_bytes());
    bytes
}

/// Path, mode and size of everything that was staged.
fn listing(staged: &Staged) -> String {
    let line =
        |file: &lamex_package::StagedFile| format!("{:o} {} {}\n", file.mode, file.size_bytes, file.path);
    staged.files.iter().filter(|file| file.path != "lamex.plan.json").map(line).collect()
}
