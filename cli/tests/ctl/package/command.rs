//! `lamex-ctl package`, as it is typed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use insta::assert_snapshot;
use lamex_testing::binaries;
use zip::ZipArchive;

use crate::package::Project;

pub(crate) fn lamex_ctl(project: &Project, args: &[&str]) -> Output {
    Command::new(binaries::lamex_ctl())
        .current_dir(project.root())
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .args(args)
        .output()
        .unwrap()
}

/// Exit code, stdout and stderr, without what differs from run to run.
pub(crate) fn shown(project: &Project, output: &Output) -> String {
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&project.root().display().to_string(), "PROJECT");
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        lines.join("\n")
    };
    let (code, stdout, stderr) = (output.status.code(), text(&output.stdout), text(&output.stderr));
    format!("exit {}\n{stdout}\n--- stderr\n{stderr}", code.unwrap_or(-1))
}

/// A project whose runner is a script, so that its package is the same on every machine.
fn project(yaml: &str) -> Project {
    let project = Project::new(yaml);
    project.file("bootstrap", b"#!/bin/sh\n");
    project.file("tests.sh", b"#!/bin/sh\nexit 0\n");
    project
}

const PACKABLE: &str = "
package: { include: [tests.sh] }
commands: [{ name: tests, run: ./tests.sh }, { name: layer, run: /opt/bin/tool }]
environments:
  staging: { account: '123456789012', region: us-east-1, function: f, architecture: arm64 }
";

const UNFIT: &str = "
package: { include: [tests.sh] }
commands: [{ name: tests, run: ./tests.sh }, { name: python, run: python3 x.py }]
environments:
  staging: { account: '123456789012', region: us-east-1, function: f, architecture: arm64 }
";

#[test]
fn people_get_a_table() {
    let project = project(PACKABLE);
    let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
    assert_snapshot!(shown(&project, &output), @"
    exit 0
          size  mode  sha256        path
          10 B  0755  a8076d3d28d2  bootstrap
         291 B  0644  d3c7b20809f9  lamex.plan.json
          17 B  0755  306c6ca74075  tests.sh

    package       dist/lamex.zip
    size          520 B, from 3 files of 318 B
    architecture  arm64, as the environment `staging` has
    runner        PROJECT/bootstrap
    digest        sha256:d3c7b20809f91077be14f2fd3d85f77ad53eed089997be2b6ff62682dc81a230
    zip sha256    80228459dfec109cfc8a1b1afca9331720abe1a8bbb29434384540e26401ec42
    CodeSha256    gCKEWd/sEJz8ihsa/KkzFyCr4ai7spQ0OEVA4mQB7EI=
    --- stderr
      ⚠ `/opt/bin/tool` is available only if a layer of the function provides it (run by `layer`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    ");
}

#[test]
fn machines_get_a_document() {
    let project = project(PACKABLE);
    let args = ["package", "--env", "staging", "--runner", "bootstrap", "-o", "x.zip", "--output", "json"];
    let output = lamex_ctl(&project, &args);
    assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r#"
    {
      "zip": {
        "path": "x.zip",
        "size_bytes": 520,
        "sha256": "80228459dfec109cfc8a1b1afca9331720abe1a8bbb29434384540e26401ec42",
        "code_sha256": "gCKEWd/sEJz8ihsa/KkzFyCr4ai7spQ0OEVA4mQB7EI="
      },
      "package_digest": "sha256:d3c7b20809f91077be14f2fd3d85f77ad53eed089997be2b6ff62682dc81a230",
      "architecture": "arm64",
      "unzipped_bytes": 318,
      "commands": [
        "tests",
        "layer"
      ],
      "files": [
        {
          "path": "bootstrap",
          "size_bytes": 10,
          "mode": "0755",
          "sha256": "a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf"
        },
        {
          "path": "lamex.plan.json",
          "size_bytes": 291,
          "mode": "0644",
          "sha256": "d3c7b20809f91077be14f2fd3d85f77ad53eed089997be2b6ff62682dc81a230"
        },
        {
          "path": "tests.sh",
          "size_bytes": 17,
          "mode": "0755",
          "sha256": "306c6ca7407560340797866e077e053627ad409277d1b9da58106fce4cf717cb"
        }
      ],
      "findings": [
        {
          "severity": "warning",
          "rule": "program",
          "path": "/opt/bin/tool",
          "message": "`/opt/bin/tool` is available only if a layer of the function provides it",
          "help": "put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl",
          "commands": [
            "layer"
          ]
        }
      ]
    }
    "#);
    assert!(project.root().join("x.zip").is_file());
}

#[test]
fn what_cannot_run_is_not_written() {
    let project = project(UNFIT);
    let old = project.file("dist/lamex.zip", b"an older one");
    let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
    assert_snapshot!(shown(&project, &output), @"
    exit 2

    --- stderr
      × a program of this package cannot run on provided.al2023
      help: if a layer of the function provides what is missing, use `--preflight warn`

    Error:
      × `python3` is not in provided.al2023 (run by `python`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    ");
    assert_eq!(fs::read(&old).unwrap(), b"an older one");
    assert_eq!(fs::read_dir(old.parent().unwrap()).unwrap().count(), 1);

    let output =
        lamex_ctl(&project, &["package", "--runner", "bootstrap", "--preflight", "warn", "--output", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["findings"][0]["severity"], "warning");
    assert_eq!(document["findings"][0]["commands"][0], "python");
    assert_ne!(fs::read(&old).unwrap(), b"an older one");
}

#[test]
fn a_zip_that_cannot_be_written() {
    let project = project(PACKABLE);
    project.file("dist/lamex.zip/in-the-way", b"");
    let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot write dist/lamex.zip"), "{stderr}");
    assert_eq!(fs::read_dir(project.root().join("dist")).unwrap().count(), 1);
}

#[test]
fn a_runner_for_another_architecture() {
    let project = project(PACKABLE);
    project.file("bootstrap", &crate::package::elf(62));
    let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
    assert_eq!(output.status.code(), Some(2));
    // Where the lines break depends on the length of the path.
    let words = shown(&project, &output).replace("\n  │", "");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = "the runner PROJECT/bootstrap is for x86_64, the environment `staging` has arm64 help: name a \
                    runner for arm64 with `--runner PATH`";
    assert!(words.contains(sentence), "{words}");
    assert!(!project.root().join("dist").exists());
}

#[test]
fn what_was_packed_runs_on_the_local_lambda() {
    let yaml = "
package: { include: [tests.sh, data/] }
commands: [{ name: tests, run: ./tests.sh }]
";
    let project = project(yaml);
    project.file("tests.sh", b"#!/bin/sh\nread -r line < data/line && echo \"read $line\"\n");
    project.file("data/line", b"from the package\n");
    let runner = binaries::bootstrap();
    let runner = runner.to_str().unwrap();
    // The runner of a development build is linked with whatever this machine has.
    let packed = lamex_ctl(&project, &["package", "--runner", runner, "--preflight", "warn"]);
    assert_eq!(packed.status.code(), Some(0), "{}", shown(&project, &packed));
    let task_root = project.root().join("unzipped");
    unzip(&project.root().join("dist/lamex.zip"), &task_root);
    let run = lamex_ctl(&project, &["invoke", "--task-root", "unzipped", "--output", "json"]);
    assert_eq!(run.status.code(), Some(0), "{}", shown(&project, &run));
    let report = String::from_utf8(run.stderr).unwrap();
    assert!(report.contains("read from the package"), "{report}");
}

pub(crate) fn unzip(zip: &Path, into: &Path) {
    ZipArchive::new(fs::File::open(zip).unwrap()).unwrap().extract(into).unwrap();
}
