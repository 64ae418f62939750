//! What a staged package holds.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use insta::assert_snapshot;
use lamex_protocol::plan::{Framework, Plan};
use sha2::{Digest as _, Sha256};

use crate::package::{Project, elf, host_machine, listing};

#[test]
fn files_folders_and_mappings_land_where_they_belong() {
    let project = Project::new(
        r"
package:
  include:
    - build/orders-tests
    - testdata/
    - { from: fixtures/, to: data/fixtures/ }
    - { from: more/, to: ./ }
    - { from: build/pay-tests, to: bin/ }
    - { from: build/pay-tests, to: ./bin/renamed }
commands:
  - { name: orders, run: ./orders-tests -test.v, framework: go, timeout: 1m30s, tags: [smoke] }
  - { name: data, run: [testdata/../testdata/run, a b], destructive: true }
  - { name: path, run: echo hello }
  - { name: variable, run: '${TOOL}/x' }
fail_fast: true
",
    );
    project.file("build/orders-tests", &elf(host_machine()));
    project.file("build/pay-tests", b"#!/bin/sh\n");
    project.file("testdata/run", b"no header at all");
    project.file("testdata/deep/er/order.json", b"{}");
    project.file("fixtures/a.txt", b"");
    project.file("more/b.txt", b"bb");
    let staged = project.stage();
    assert_snapshot!(listing(&staged), @"
    644 2 b.txt
    755 10 bin/pay-tests
    755 10 bin/renamed
    755 20 bootstrap
    644 0 data/fixtures/a.txt
    755 20 orders-tests
    644 2 testdata/deep/er/order.json
    755 16 testdata/run
    ");
    for file in &staged.files {
        let metadata = fs::metadata(project.folder.path().join("staged").join(&file.path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, file.mode, "{}", file.path);
        assert_eq!(metadata.len(), file.size_bytes, "{}", file.path);
    }
    assert_eq!(project.staged("testdata/deep/er/order.json"), b"{}");

    let plan: Plan = serde_json::from_slice(&project.staged("lamex.plan.json")).unwrap();
    assert_eq!(plan, staged.plan);
    assert!(plan.fail_fast);
    let orders = &plan.commands[0];
    assert_eq!((orders.framework, orders.timeout_ms), (Framework::Go, Some(90_000)));
    assert_eq!(orders.argv, ["./orders-tests", "-test.v"]);
    assert_eq!(plan.commands[1].argv, ["testdata/../testdata/run", "a b"]);
    assert!(plan.commands[1].destructive && !orders.literal);
}

#[test]
fn the_digest_is_one_of_the_whole_package() {
    let yaml = "package: { include: [a, b] }\ncommands: [{ name: a, run: ./a }]\n";
    let project = Project::new(yaml);
    project.file("a", b"#!/bin/sh\n");
    let b = project.file("b", b"one");
    let first = project.stage();
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines = format!(
        "0755 a {}\n0644 b {}\n0755 bootstrap {}\n",
        hex(b"#!/bin/sh\n"),
        hex(b"one"),
        hex(&elf(host_machine()))
    );
    assert_eq!(first.plan.contents_sha256.as_deref(), Some(&*hex(lines.as_bytes())));
    assert_eq!(first.package_digest, format!("sha256:{}", hex(&project.staged("lamex.plan.json"))));

    // Modes on disk do not count, nor does when it was staged.
    fs::set_permissions(&b, fs::Permissions::from_mode(0o700)).unwrap();
    let same = project.stage_into("again").unwrap();
    assert_eq!(same, first);
    project.file("b", b"two");
    let other = project.stage_into("other").unwrap();
    assert_ne!(other.package_digest, first.package_digest);
}

#[test]
fn a_package_without_anything_is_a_runner_and_a_plan() {
    let project = Project::new("commands: [{ name: a, run: 'true' }]\n");
    let staged = project.stage();
    let paths: Vec<_> = staged.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["bootstrap", "lamex.plan.json"]);
}

#[test]
fn links_are_followed_inside_the_project() {
    let project = Project::new("package: { include: [link, folder/] }\n");
    project.file("real/tests", b"#!/bin/sh\n");
    project.file("folder/own", b"own");
    symlink("real/tests", project.root().join("link")).unwrap();
    symlink("../real", project.root().join("folder/linked")).unwrap();
    let staged = project.stage();
    assert_snapshot!(listing(&staged), @"
    755 20 bootstrap
    755 10 folder/linked/tests
    644 3 folder/own
    755 10 link
    ");
    let link = project.folder.path().join("staged/link");
    assert!(fs::symlink_metadata(link).unwrap().is_file());
}

#[test]
fn many_files_are_all_there() {
    let project = Project::new("package: { include: [data/] }\n");
    for index in 0..300_u32 {
        project.file(&format!("data/{}/{index}", index % 7), index.to_string().repeat(500).as_bytes());
    }
    let staged = project.stage();
    assert_eq!(staged.files.len(), 302);
    assert!(staged.files.is_sorted_by(|one, other| one.path < other.path));
    for index in 0..300_u32 {
        let path = format!("data/{}/{index}", index % 7);
        assert_eq!(project.staged(&path), index.to_string().repeat(500).as_bytes());
    }
}
