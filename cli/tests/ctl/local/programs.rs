//! Programs that cannot be started, told apart in plain words.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use lamex_testing::project::Project;

/// The header of a binary for a machine that nobody has (SPARC), with nothing behind it.
const OTHER_MACHINE: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x02\0\x01\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0\0\0\0\0\0\0\0\0";

#[test]
fn a_program_that_cannot_be_started_fails_and_says_why() {
    let project = Project::new();
    let program = |name: &str, bytes: &[u8]| {
        let path = project.file(name, bytes);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("other-machine", OTHER_MACHINE);
    program("no-interpreter", b"#!/no/such/shell\n");
    program("from-windows", b"#!/bin/sh\r\necho hello\r\n");
    program("no-program", b"just words\n");
    project.file("not-executable", "#!/bin/sh\n");
    fs::create_dir(project.path("folder")).unwrap();
    let table = [
        ("./nothing", "./nothing was not found in the package"),
        ("./not-executable", "./not-executable is not executable"),
        ("./folder", "./folder is a folder, not a program"),
        ("./other-machine", "is built for another kind of machine"),
        ("./no-interpreter", "/no/such/shell"),
        ("./from-windows", "save the script with Unix line endings"),
        ("./no-program", "./no-program"),
        ("no-such-program", "`no-such-program` was not found in PATH"),
        ("not-executable", "it is in the package: write ./not-executable"),
    ];
    let commands: String = table.iter().map(|(command, _)| format!("{command}\n")).collect();
    project.file("commands.txt", format!("{commands}true\n"));
    let run = project.invoke(&[]).expect(1, &["9 of 10 commands failed"]);
    for (index, (command, reason)) in table.into_iter().enumerate() {
        let found = &run.document["commands"][index];
        assert_eq!(found["ending"]["kind"], "not_started", "{command}: {found}");
        assert_eq!(found["outcome"], "failed");
        assert!(found["message"].as_str().unwrap().contains(reason), "{command}: {found}");
    }
    assert_eq!(run.command("true")["outcome"], "passed", "the others run all the same");
}
