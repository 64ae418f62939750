//! `lamex-ctl package --task-root`: a folder with commands.txt and binaries, packed as it is.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Output;

use insta::assert_snapshot;
use serde_json::Value;

use crate::package::Project;
use crate::package::command::{lamex_ctl, shown, unzip};

/// A folder `suite` as users of the program before lamex have it, and no lamex.yaml.
fn suite() -> Project {
    let project = Project::new("");
    fs::remove_file(project.root().join("lamex.yaml")).unwrap();
    project.file("runner", b"#!/bin/sh\n");
    project
        .file("suite/commands.txt", b"# smoke first\r\n./smoke.sh 'a b' '${NAME}'\r\n\r\n./bin/orders\r\n");
    project.file("suite/smoke.sh", b"#!/bin/sh\ntest \"$1\" = 'a b' && cat data/line\n");
    project.file("suite/bin/orders", b"#!/bin/sh\necho \"orders: $LAMEX_TEST\"\n");
    project.file("suite/data/line", b"from the folder\n");
    for name in ["suite/smoke.sh", "suite/bin/orders"] {
        fs::set_permissions(project.root().join(name), Permissions::from_mode(0o644)).unwrap();
    }
    project
}

fn pack(project: &Project, arguments: &[&str]) -> Output {
    let fixed = ["package", "--task-root", "suite", "--runner", "runner", "--architecture", "arm64"];
    lamex_ctl(project, &[&fixed, arguments].concat())
}

fn refused(project: &Project, arguments: &[&str]) -> String {
    let output = pack(project, arguments);
    assert_eq!(output.status.code(), Some(2), "{}", shown(project, &output));
    assert!(!project.root().join("dist").exists());
    let text = String::from_utf8(output.stderr).unwrap();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_folder_is_packed_with_its_commands_as_the_plan() {
    let project = suite();
    let output = pack(&project, &[]);
    assert_snapshot!(shown(&project, &output), @"
    exit 0
          size  mode  sha256        path
          37 B  0755  22c3730fa9c0  bin/orders
          10 B  0755  a8076d3d28d2  bootstrap
          16 B  0644  b1ec867adcc9  data/line
         374 B  0644  3674193858c4  lamex.plan.json
          45 B  0755  cf479eb7a769  smoke.sh

    package       dist/lamex.zip
    size          822 B, from 5 files of 482 B
    architecture  arm64, as the command line has
    runner        PROJECT/runner
    digest        sha256:3674193858c4919ac7dab0796e9d86f67144c6516415bb5c4b06a8638c08d57e
    zip sha256    177dfafd10d0806c8fd98b5382c58a65295a7560054dc838b5d9be0acd4f596a
    CodeSha256    F336/RDQgGyP2YtTgsWKZSladWAFTcg4tdm+Cs1PWWo=
    left out      commands.txt
    --- stderr
    ");
    let zip = lamex_package::inspect_zip(&project.root().join("dist/lamex.zip")).unwrap();
    let commands = zip.plan.commands;
    assert_eq!(commands[0].argv, ["./smoke.sh", "a b", "${NAME}"]);
    assert!(commands.iter().all(|command| command.literal), "nothing is filled in, as ever");
    assert!(zip.plan.contents_sha256.is_some());

    // The digest is one of every file, as it is not where commands.txt is the plan.
    project.file("suite/data/line", b"another line\n");
    assert_eq!(pack(&project, &[]).status.code(), Some(0));
    let other = lamex_package::inspect_zip(&project.root().join("dist/lamex.zip")).unwrap();
    assert_ne!(other.package_digest, zip.package_digest);
}

#[test]
fn what_is_not_the_suites_is_left_out() {
    let project = suite();
    project.file("suite/bootstrap", b"#!/bin/sh\necho an older runner\n");
    project.file("suite/lamex", b"#!/bin/sh\necho the runner of before\n");
    project.file("suite/.git/HEAD", b"ref: x\n");
    project.file("suite/lamex.yaml", b"environments: {}\n");
    let inside = |arguments: &[&str]| {
        let all = ["--config", "suite/lamex.yaml", "-o", "suite/lamex.zip", "--output", "json"];
        let output = pack(&project, &[&all, arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", shown(&project, &output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let first = inside(&[]);
    assert_eq!(first["left_out"], serde_json::json!([".git", "bootstrap", "commands.txt", "lamex.yaml"]));
    let paths: Vec<_> =
        first["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["bin/orders", "bootstrap", "data/line", "lamex", "lamex.plan.json", "smoke.sh"]);
    assert_eq!(first["findings"][0]["message"], "`lamex` is packed, but no command runs it");
    // The zip of the last time is in the folder now, and is no part of it either.
    let second = inside(&[]);
    assert_eq!(second["zip"]["sha256"], first["zip"]["sha256"]);
    assert_eq!(second["left_out"][4], "lamex.zip");
}

#[test]
fn what_was_packed_runs_as_the_folder_does() {
    let project = suite();
    let runner = lamex_testing::binaries::bootstrap();
    let runner = runner.to_str().unwrap();
    // The runner of a development build is linked with whatever this machine has.
    let packed = ["package", "--task-root", "suite", "--runner", runner, "--preflight", "warn"];
    let packed = lamex_ctl(&project, &packed);
    assert_eq!(packed.status.code(), Some(0), "{}", shown(&project, &packed));
    unzip(&project.root().join("dist/lamex.zip"), &project.root().join("unzipped"));
    let run = lamex_ctl(&project, &["invoke", "--task-root", "unzipped"]);
    let report = shown(&project, &run);
    assert_eq!(run.status.code(), Some(0), "{report}");
    assert!(report.contains("from the folder") && report.contains("passed: 2 commands passed"), "{report}");
    // The folder itself cannot: its files are not executable.
    let run = lamex_ctl(&project, &["invoke", "--task-root", "suite", "--runner", runner]);
    assert_eq!(run.status.code(), Some(1), "{}", shown(&project, &run));
    // A package is a folder with a plan, and can be packed again.
    let again =
        ["package", "--task-root", "unzipped", "-o", "again.zip", "--runner", runner, "--preflight", "warn"];
    assert_eq!(lamex_ctl(&project, &again).status.code(), Some(0));
    let bytes = |name: &str| fs::read(project.root().join(name)).unwrap();
    assert!(bytes("again.zip") == bytes("dist/lamex.zip"));
}

#[test]
fn folders_that_cannot_be_packed() {
    let project = suite();
    let commands = project.root().join("suite/commands.txt");
    project.file("suite/lamex.plan.json", b"{\"lamex\": 1, \"commands\": []}");
    assert_snapshot!(refused(&project, &[]), @"
    × suite has both lamex.plan.json and commands.txt
    help: remove one of them, so that it is clear what runs
    ");
    fs::remove_file(&commands).unwrap();
    assert_snapshot!(refused(&project, &[]), @"
    × commands.txt or lamex.plan.json in suite has no commands: there is nothing to run
    help: write one command per line, such as `./orders-system-tests -test.v`
    ");
    fs::remove_file(project.root().join("suite/lamex.plan.json")).unwrap();
    assert_snapshot!(refused(&project, &[]), @"
    × suite has neither lamex.plan.json nor commands.txt
    help: write one command per line into commands.txt, beside the binaries that it names
    ");
    project.file("suite/commands.txt", b"\xef\xbb\xbf# nothing yet\r\n\r\n");
    assert_snapshot!(refused(&project, &[]), @"
    × commands.txt or lamex.plan.json in suite has no commands: there is nothing to run
    help: write one command per line, such as `./orders-system-tests -test.v`
    ");
    project.file("suite/commands.txt", b"./smoke.sh 'never closed\r\n");
    assert_snapshot!(refused(&project, &[]), @"
    × the commands in suite cannot be read
    ╰─▶ commands.txt:1:12: this single quote is never closed
    help: one command per line, quoted as in a POSIX shell; `#` begins a comment line
    ");
    project.file("suite/commands.txt", b"./smoke.sh\n./typo\n");
    assert_snapshot!(refused(&project, &[]), @"
      × a program of this package cannot run on provided.al2023
      help: if a layer of the function provides what is missing, use `--preflight warn`

    Error:
      × `typo` is not in the package (run by `typo`)
      help: add its file: with `package.include`, or into the folder of `--task-root`
    ");
    let plan = |dir: &str| {
        let _ = fs::remove_file(&commands);
        let command = format!("{{ \"name\": \"a\", \"argv\": [\"./smoke.sh\"], \"dir\": \"{dir}\" }}");
        project.file(
            "suite/lamex.plan.json",
            format!("{{ \"lamex\": 1, \"commands\": [{command}] }}").as_bytes(),
        );
    };
    plan("nowhere");
    assert_snapshot!(refused(&project, &[]), @"
    × the command `a`: neither the package nor the project has a folder `nowhere`
    help: the folder must have every `dir` of its lamex.plan.json
    ");
    plan("..");
    assert!(refused(&project, &[]).contains("the working directory `..` is not a plain path"));
    plan("data");
    assert_eq!(pack(&project, &[]).status.code(), Some(0));
    fs::remove_dir_all(project.root().join("dist")).unwrap();
    project.file("suite/commands.txt/bootstrap", b"");
    assert_snapshot!(refused(&project, &[]), @"
    × cannot read suite/commands.txt
    ╰─▶ Is a directory (os error 21)
    ");
    fs::rename(project.root().join("suite"), project.root().join("moved")).unwrap();
    assert_snapshot!(refused(&project, &[]), @"
    × cannot read suite
    ╰─▶ No such file or directory (os error 2)
    ");
}

#[test]
fn nothing_is_taken_from_outside_of_the_folder() {
    let project = suite();
    // Where the lines break depends on the length of the path.
    let words = |text: &str| text.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    project.file("secret", b"secret");
    let link = project.root().join("suite/data/leak");
    symlink("../../secret", &link).unwrap();
    let report = words(&refused(&project, &[]));
    assert!(report.contains("`data/leak` leads outside the folder, to "), "{report}");
    fs::remove_file(&link).unwrap();
    symlink("nowhere", &link).unwrap();
    let report = words(&refused(&project, &[]));
    assert!(
        report.contains("cannot follow ") && report.contains("a broken symbolic link cannot be packed"),
        "{report}"
    );
    fs::remove_file(&link).unwrap();
    symlink("..", &link).unwrap();
    assert_snapshot!(refused(&project, &[]), @"
    × the link `data/leak` leads back to itself
    help: a package cannot hold a folder within itself
    ");
    fs::remove_file(&link).unwrap();
    symlink("line", &link).unwrap();
    assert_eq!(pack(&project, &[]).status.code(), Some(0));
}

#[test]
fn more_than_a_function_can_have_is_not_copied() {
    let project = suite();
    let data = File::create(project.file("suite/testdata/large", b"")).unwrap();
    data.set_len(300 << 20).unwrap();
    let report = refused(&project, &[]);
    assert!(
        report.contains("the package is 300.0 MB unzipped") && report.contains("testdata/large"),
        "{report}"
    );
}

#[test]
fn the_folder_and_lamex_yaml_do_not_both_say_what_runs() {
    let project = suite();
    let environment = "{ account: '123456789012', region: us-east-1, function: f, architecture: arm64 }";
    let config = |commands: &str| {
        project
            .file("lamex.yaml", format!("{commands}environments: {{ staging: {environment} }}\n").as_bytes());
    };
    config("commands: [{ name: a, run: echo }]\n");
    assert_snapshot!(refused(&project, &[]), @"
    × lamex.yaml has commands, and the commands of a package from `--task-root` are those of suite
    help: remove `commands` from it, or name another file with `--config`
    ");
    config("");
    // Without the folder there is nothing to pack.
    let output = lamex_ctl(&project, &["package", "--env", "staging", "--runner", "runner"]);
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    × lamex.yaml has no commands: there is nothing to run
    help: name them under `commands`; a folder with commands.txt is packed with `--task-root DIR`
    ");
    let output =
        lamex_ctl(&project, &["package", "--env", "staging", "--task-root", "suite", "--runner", "runner"]);
    let text = shown(&project, &output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("architecture  arm64, as the environment `staging` has"), "{text}");
}

#[test]
fn a_zip_made_by_hand_is_read_as_well() {
    let project = suite();
    let zip = project.root().join("by-hand.zip");
    let mut writer = zip::ZipWriter::new(File::create(&zip).unwrap());
    writer.start_file("commands.txt", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut writer, b"./orders -test.v\n").unwrap();
    writer.finish().unwrap();
    let found = lamex_package::inspect_zip(&zip).unwrap();
    assert_eq!(found.plan.commands[0].argv, ["./orders", "-test.v"]);
    fs::write(project.root().join("suite/commands.txt"), "./orders -test.v\n").unwrap();
    let folder = lamex_package::inspect_task_root(&project.root().join("suite")).unwrap();
    assert_eq!(found.package_digest, folder.package_digest);
}
