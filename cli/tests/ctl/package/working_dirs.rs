//! Folders that commands run in, and the test data that Go tests find there.

use insta::assert_snapshot;
use lamex_protocol::plan::Plan;

use crate::package::command::{lamex_ctl, shown};
use crate::package::{Project, listing};

#[test]
fn every_working_directory_is_in_the_package() {
    let project = Project::new(
        r"
package:
  include: [tests, { from: orders/testdata/, to: orders/testdata/ }]
commands:
  - { name: orders, run: ./tests, dir: orders }
  - { name: stock, run: ./tests, dir: stock/system }
  - { name: root, run: ./tests }
",
    );
    project.file("tests", b"#!/bin/sh\n");
    project.file("orders/testdata/seed", b"1");
    project.file("stock/system/x_test.go", b"");
    let staged = project.stage();
    assert_snapshot!(listing(&staged), @"
    755 20 bootstrap
    644 1 orders/testdata/seed
    644 47 stock/system/.keep
    755 10 tests
    ");
    let plan: Plan = serde_json::from_slice(&project.staged("lamex.plan.json")).unwrap();
    let dirs: Vec<_> = plan.commands.iter().map(|command| command.dir.as_deref()).collect();
    assert_eq!(dirs, [Some("orders"), Some("stock/system"), None]);
}

#[test]
fn working_directories_that_cannot_be() {
    let project = Project::new(
        r"
package:
  include: [tests, orders/]
commands:
  - { name: a file, run: ./tests, dir: tests }
  - { name: in a file, run: ./tests, dir: tests/deep }
  - { name: a slip, run: ./tests, dir: order }
  - { name: the runner, run: ./tests, dir: bootstrap }
  - { name: nowhere, run: ./tests, dir: pay/tests }
",
    );
    project.file("tests", b"#!/bin/sh\n");
    project.file("orders/seed", b"1");
    assert_snapshot!(project.report(), @"
      × `tests` is a file of the package, not a folder to run in
       ╭─[lamex.yaml:5:40]
     4 │ commands:
     5 │   - { name: a file, run: ./tests, dir: tests }
       ·                                        ─────
     6 │   - { name: in a file, run: ./tests, dir: tests/deep }
       ╰────
      help: `dir` is a folder, relative to the package's root

    Error:
      × `tests` is a file of the package, not a folder to run in
       ╭─[lamex.yaml:6:43]
     5 │   - { name: a file, run: ./tests, dir: tests }
     6 │   - { name: in a file, run: ./tests, dir: tests/deep }
       ·                                           ──────────
     7 │   - { name: a slip, run: ./tests, dir: order }
       ╰────
      help: `dir` is a folder, relative to the package's root

    Error:
      × neither the package nor the project has a folder `order`
       ╭─[lamex.yaml:7:40]
     6 │   - { name: in a file, run: ./tests, dir: tests/deep }
     7 │   - { name: a slip, run: ./tests, dir: order }
       ·                                        ─────
     8 │   - { name: the runner, run: ./tests, dir: bootstrap }
       ╰────
      help: the package has `orders`; did you mean that?

    Error:
      × `bootstrap` is a file of the package, not a folder to run in
       ╭─[lamex.yaml:8:44]
     7 │   - { name: a slip, run: ./tests, dir: order }
     8 │   - { name: the runner, run: ./tests, dir: bootstrap }
       ·                                            ─────────
     9 │   - { name: nowhere, run: ./tests, dir: pay/tests }
       ╰────
      help: `dir` is a folder, relative to the package's root

    Error:
      × neither the package nor the project has a folder `pay/tests`
       ╭─[lamex.yaml:9:41]
     8 │   - { name: the runner, run: ./tests, dir: bootstrap }
     9 │   - { name: nowhere, run: ./tests, dir: pay/tests }
       ·                                         ─────────
       ╰────
      help: include what the tests need there: `{ from: …, to: pay/tests/ }`
    ");
}

#[test]
fn working_directories_that_no_package_has() {
    for dir in ["..", "../x", "/tmp", "./x", "x/", "''"] {
        let project = Project::new("commands: []\n");
        project.file("lamex.yaml", format!("commands: [{{ name: a, run: echo, dir: {dir} }}]\n").as_bytes());
        let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
        let shown = shown(&project, &output);
        assert_eq!(output.status.code(), Some(2), "{dir}: {shown}");
        assert!(shown.contains("working directory"), "{dir}: {shown}");
    }
}

#[test]
fn test_data_that_was_not_included_is_said() {
    let project = Project::new(
        r"
package:
  include: [tests, { from: orders/testdata/, to: orders/testdata/ }]
commands:
  - { name: orders, run: ./tests, dir: orders, framework: go }
  - { name: stock, run: ./tests, dir: stock, framework: go }
  - { name: stock again, run: ./tests -test.short, dir: stock, framework: go }
  - { name: shell, run: ./tests, dir: pay }
",
    );
    project.file("bootstrap", b"#!/bin/sh\n");
    project.file("tests", b"#!/bin/sh\n");
    for folder in ["orders", "stock", "pay"] {
        project.file(&format!("{folder}/testdata/fuzz/FuzzX/seed"), b"1");
    }
    let output = lamex_ctl(&project, &["package", "--runner", "bootstrap"]);
    assert_eq!(output.status.code(), Some(0));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    ⚠ the project has stock/testdata/, and the package does not (run by `stock`, `stock again`)
    help: tests that read it fail, and seeds of fuzz tests are not run: include `{ from: stock/testdata/, to: stock/testdata/ }`
    ");
}
