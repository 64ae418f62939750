//! Includes that stand for several files.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::package::{Project, listing};

#[test]
fn a_pattern_brings_every_file_that_it_stands_for() {
    let project = Project::new(
        "package: { include: [build/*.test, { from: 'data/*/[ab].json', to: data/ }, { from: build/?.test, to: ./bin }] }\n",
    );
    // `to: ./bin` is no folder's name.
    assert!(project.report().contains("`build/?.test` matches several files, but `./bin` is a single file"));
    project.file(
        "lamex.yaml",
        b"package: { include: [build/*.test, { from: 'data/*/[ab].json', to: data/ }, { from: build/?.test, to: bin/ }] }\n",
    );
    for path in ["build/b.test", "build/a.test", "build/orders.test", "build/.hidden.test", "build/a.tests"] {
        project.file(path, b"x");
    }
    project.file("build/folder.test/file", b"");
    project.file("data/one/a.json", b"1");
    project.file("data/two/b.json", b"22");
    project.file("data/two/c.json", b"333");
    symlink("a.test", project.root().join("build/link.test")).unwrap();
    assert_snapshot!(listing(&project.stage()), @"
    644 1 a.test
    644 1 b.test
    644 1 bin/a.test
    644 1 bin/b.test
    755 20 bootstrap
    644 1 data/a.json
    644 2 data/b.json
    644 1 link.test
    644 1 orders.test
    ");
}

#[test]
fn a_file_of_that_very_name_is_meant_itself() {
    let project = Project::new("package: { include: ['data[1].json', 'folder[1]/'] }\n");
    project.file("data[1].json", b"");
    project.file("data1.json", b"other");
    project.file("folder[1]/file", b"");
    assert_snapshot!(listing(&project.stage()), @"
    755 20 bootstrap
    644 0 data[1].json
    644 0 folder[1]/file
    ");
}

#[test]
fn patterns_that_cannot_be() {
    let project = Project::new(
        r"
package:
  include:
    - build/*.test
    - none/*.test
    - build/**/x
    - build/a[b
    - bui*/
    - { from: build/*, to: bin }
    - { from: build/*, to: ../bin/ }
    - /etc/host*
",
    );
    project.file("build/a.tests", b"");
    let report = project.report();
    for (problem, place) in [
        ("no file matches `build/*.test`", "[lamex.yaml:4:7]"),
        ("no file matches `none/*.test`", "[lamex.yaml:5:7]"),
        ("`build/**/x` has `**`", "[lamex.yaml:6:7]"),
        ("`build/a[b` has a `[` without a closing `]`", "[lamex.yaml:7:7]"),
        ("`bui*/` is a pattern for folders", "[lamex.yaml:8:7]"),
        ("`build/*` matches several files, but `bin` is a single file", "[lamex.yaml:9:28]"),
        ("`../bin/` is outside of the package", "[lamex.yaml:10:28]"),
        ("`/etc/host*` is an absolute path", "[lamex.yaml:11:7]"),
    ] {
        let found = report.split("× ").find(|each| each.starts_with(problem));
        assert!(found.is_some_and(|each| each.contains(place)), "{problem} {place} is not in\n{report}");
    }
}

#[test]
fn two_files_of_one_name_are_refused() {
    let project = Project::new("package: { include: ['*/a.test'] }\n");
    project.file("one/a.test", b"");
    project.file("two/a.test", b"");
    let report = project.report();
    assert!(report.contains("two includes put something at `a.test`"), "{report}");
}

#[test]
fn a_pattern_does_not_lead_out_of_the_project() {
    let project = Project::new("package: { include: [build/*] }\n");
    project.file("../secret", b"secret");
    project.file("build/own", b"own");
    symlink("../../secret", project.root().join("build/leak")).unwrap();
    assert!(project.report().contains("`build/leak` leads outside the project"));
}

#[test]
fn what_is_packed_by_a_pattern_is_compared_with_what_is_here() {
    let project = Project::new(
        "package: { include: [{ from: build/*.test, to: bin/ }] }\ncommands: [{ name: a, run: bin/a.test }]\n",
    );
    project.file("build/a.test", b"#!/bin/sh\n");
    project.file("build/b.test", b"#!/bin/sh\n");
    let zip = project.folder.path().join("lamex.zip");
    let staged = project.stage();
    lamex_package::write_zip(&staged, &project.folder.path().join("staged"), &zip).unwrap();
    let changes = || {
        let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
        lamex_package::differences(&config, &zip, None).unwrap().changes
    };
    assert_eq!(changes(), [""; 0]);
    project.file("build/a.test", b"#!/bin/sh\ntrue\n");
    project.file("build/c.test", b"#!/bin/sh\n");
    assert_eq!(changes(), ["`bin/a.test` changed", "`bin/c.test` is not in it"]);
    // What is not here is no difference: a job that got the zip from another job has no build folder.
    fs::remove_dir_all(project.root().join("build")).unwrap();
    assert_eq!(changes(), [""; 0]);
    project.file("lamex.yaml", b"package: { include: [] }\ncommands: [{ name: a, run: bin/a.test }]\n");
    assert_eq!(changes(), ["`bin/a.test` is no longer included", "`bin/b.test` is no longer included"]);
}
