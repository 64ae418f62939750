//! Task roots that are there already.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use lamex_testing::render;
use tempfile::TempDir;

use crate::package::Project;

/// A task root with these files.
fn task_root(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn refused(folder: &Path) -> String {
    render(&lamex_package::inspect_task_root(folder).unwrap_err(), folder)
}

#[test]
fn task_roots() {
    let folder = task_root(&[("commands.txt", "./a 'b c'\n")]);
    let found = lamex_package::inspect_task_root(folder.path()).unwrap();
    assert_eq!(found.plan.commands[0].argv, ["./a", "b c"]);
    // printf "./a 'b c'\n" | sha256sum
    assert_snapshot!(found.package_digest, @"
    sha256:e5b779b1f12e32ee2956e18d34043928bd3f66432376827869b4ef2c01073e83
    ");

    let project = Project::new("commands: [{ name: a, run: 'true' }]\n");
    let staged = project.stage();
    let found = lamex_package::inspect_task_root(&project.folder.path().join("staged")).unwrap();
    assert_eq!((found.plan, found.package_digest), (staged.plan, staged.package_digest));
}

#[test]
fn task_roots_that_are_none() {
    assert_snapshot!(refused(task_root(&[]).path()), @"
    × . has neither lamex.plan.json nor commands.txt
    help: write one command per line into commands.txt, beside the binaries that it names
    ");
    assert_snapshot!(refused(task_root(&[("commands.txt", "a"), ("lamex.plan.json", "{}")]).path()), @"
    × . has both lamex.plan.json and commands.txt
    help: remove one of them, so that it is clear what runs
    ");
    assert_snapshot!(refused(task_root(&[("commands.txt", "a\n./b 'c\n")]).path()), @"
    × the commands in . cannot be read
    ╰─▶ commands.txt:2:5: this single quote is never closed
    help: one command per line, quoted as in a POSIX shell; `#` begins a comment line
    ");
    assert_snapshot!(refused(task_root(&[("lamex.plan.json", "{\"lamex\": 1,\n\"commands\": 5}")]).path()), @"
    × lamex.plan.json is not a plan
    ╰─▶ invalid type: integer `5`, expected a sequence at line 2 column 13
    help: lamex-ctl writes this file; it is not meant to be edited
    ");
    assert_snapshot!(refused(task_root(&[("lamex.plan.json", "{\"lamex\": 2, \"commands\": []}")]).path()), @"
    × lamex.plan.json cannot be run
    ╰─▶ the plan is of version 2, this runner reads version 1
    help: stage the package again with this lamex-ctl
    ");
    let folder = task_root(&[]);
    assert_snapshot!(
        render(&lamex_package::inspect_task_root(&folder.path().join("nowhere")).unwrap_err(), folder.path()), @"
    × cannot read nowhere
    ╰─▶ No such file or directory (os error 2)
    ");
}
