//! Whether what `framework: go` is said of can be a test binary of Go.

use std::collections::BTreeSet;
use std::path::Path;

use lamex_protocol::plan::{Command, Framework, Plan};

use super::elf::{self, Binary};
use super::finding::{FindingSeverity, PreflightFinding, Rule};
use super::program_file::{self, ProgramFile};
use super::programs;

/// A warning for every such command whose program is no test binary, with the command's place. Of a script
/// nothing is known: it may start one.
pub(super) fn misnamed(plan: &Plan, files: &BTreeSet<&str>, folder: &Path) -> Vec<(PreflightFinding, usize)> {
    let commands = plan.commands.iter().enumerate();
    let go = commands.filter(|(_, command)| command.framework == Framework::Go);
    go.filter_map(|(index, command)| Some((finding(command, files, folder)?, index))).collect()
}

fn finding(command: &Command, files: &BTreeSet<&str>, folder: &Path) -> Option<PreflightFinding> {
    let path = programs::path_in_package(command).filter(|path| files.contains(path.as_str()))?;
    let file = folder.join(&path);
    // What cannot be read is a matter of the other checks.
    let ProgramFile::Elf(_) = program_file::read(&file).ok()? else { return None };
    let what = other_than_tests(&elf::read(&file).ok()?)?;
    Some(PreflightFinding {
        severity: FindingSeverity::Warning,
        rule: Rule::Framework,
        message: format!("{path} is {what}, and `framework: go` reads the output of a Go test binary"),
        path,
        help: "build it with `go test -c`, or set `framework: exit-code`".to_owned(),
        commands: Vec::new(),
    })
}

/// What the program is, where that is certain.
fn other_than_tests(binary: &Binary) -> Option<&'static str> {
    match &binary.go_path {
        _ if !binary.is_go => Some("not a Go program"),
        Some(path) if !path.ends_with(".test") => Some("a Go program without tests"),
        // Other build tools than Go's own note nothing down.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_test_binary() {
        let binary = |is_go, path: Option<&str>| Binary {
            is_go,
            go_path: path.map(str::to_owned),
            ..Binary::default()
        };
        assert_eq!(other_than_tests(&binary(true, Some("example.com/orders.test"))), None);
        assert_eq!(other_than_tests(&binary(true, None)), None);
        assert!(other_than_tests(&binary(true, Some("example.com/cmd/test"))).is_some());
        assert!(other_than_tests(&binary(false, None)).is_some());
    }
}
