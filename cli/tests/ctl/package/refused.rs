//! What cannot be staged, and what is said about it.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::package::{Project, elf, host_machine, listing};

#[test]
fn links_out_of_the_project_are_refused() {
    let project = Project::new("package:\n  include:\n    - folder/\n");
    project.file("../secret", b"secret");
    project.file("folder/own", b"own");
    symlink("../../secret", project.root().join("folder/leak")).unwrap();
    let report = project.report();
    let words = "`folder/leak` leads outside the project, to ";
    assert!(report.contains(words) && report.contains("[lamex.yaml:3:7]"), "{report}");
}

#[test]
fn a_place_outside_can_be_named_but_not_left() {
    let project = Project::new("package: { include: [../target/tests, ../shared/] }\n");
    project.file("../target/tests", b"#!/bin/sh\n");
    project.file("../shared/data", b"data");
    assert_snapshot!(listing(&project.stage()), @"
    755 20 bootstrap
    644 4 shared/data
    755 10 tests
    ");
    symlink("../target/tests", project.folder.path().join("shared/leak")).unwrap();
    let error = project.stage_into("again").unwrap_err().to_string();
    assert!(error.contains("leads outside"), "{error}");
}

#[test]
fn a_folder_within_itself_is_refused() {
    let project = Project::new("package:\n  include: [folder/]\n");
    project.file("folder/own", b"own");
    symlink("..", project.root().join("folder/up")).unwrap();
    symlink(".", project.root().join("folder/self")).unwrap();
    assert_snapshot!(project.report(), @"
     × the link `folder/self` leads back to itself
      ╭─[lamex.yaml:2:13]
    1 │ package:
    2 │   include: [folder/]
      ·             ───────
      ╰────
     help: a package cannot hold a folder within itself
    ");
}

#[test]
fn includes_that_cannot_be() {
    let project = Project::new(
        r"
package:
  include:
    - build/order-tests
    - build
    - build/orders-tests/
    - /etc/hostname
    - { from: build/orders-tests, to: ../orders-tests }
    - { from: build/orders-tests, to: /orders-tests }
    - { from: build/orders-tests, to: bootstrap }
    - { from: build/, to: ./ }
    - dangling
    - build/pipe
",
    );
    project.file("build/orders-tests", b"#!/bin/sh\n");
    project.file("build/lamex.plan.json", b"{}");
    symlink("nowhere", project.root().join("dangling")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(project.root().join("build/pipe")).status().unwrap();
    assert!(made.success());
    assert_snapshot!(project.report(), @"
      × there is no `build/order-tests`
       ╭─[lamex.yaml:4:7]
     3 │   include:
     4 │     - build/order-tests
       ·       ─────────────────
     5 │     - build
       ╰────
      help: the folder has `orders-tests`; did you mean that?

    Error:
      × `build` is a folder
       ╭─[lamex.yaml:5:7]
     4 │     - build/order-tests
     5 │     - build
       ·       ─────
     6 │     - build/orders-tests/
       ╰────
      help: write `build/` to include all of it

    Error:
      × `build/orders-tests/` is not a folder
       ╭─[lamex.yaml:6:7]
     5 │     - build
     6 │     - build/orders-tests/
       ·       ───────────────────
     7 │     - /etc/hostname
       ╰────
      help: write `build/orders-tests`

    Error:
      × `/etc/hostname` is an absolute path
       ╭─[lamex.yaml:7:7]
     6 │     - build/orders-tests/
     7 │     - /etc/hostname
       ·       ─────────────
     8 │     - { from: build/orders-tests, to: ../orders-tests }
       ╰────
      help: write it relative to the folder of lamex.yaml: the file is for every machine

    Error:
      × `../orders-tests` is outside of the package
       ╭─[lamex.yaml:8:39]
     7 │     - /etc/hostname
     8 │     - { from: build/orders-tests, to: ../orders-tests }
       ·                                       ───────────────
     9 │     - { from: build/orders-tests, to: /orders-tests }
       ╰────
      help: `to` is relative to the root of the package and has no `..`

    Error:
      × `/orders-tests` is outside of the package
        ╭─[lamex.yaml:9:39]
      8 │     - { from: build/orders-tests, to: ../orders-tests }
      9 │     - { from: build/orders-tests, to: /orders-tests }
        ·                                       ─────────────
     10 │     - { from: build/orders-tests, to: bootstrap }
        ╰────
      help: `to` is relative to the root of the package and has no `..`

    Error:
      × `bootstrap` at the root of the package is reserved for lamex
        ╭─[lamex.yaml:10:15]
      9 │     - { from: build/orders-tests, to: /orders-tests }
     10 │     - { from: build/orders-tests, to: bootstrap }
        ·               ──────────────────
     11 │     - { from: build/, to: ./ }
        ╰────
      help: give it another name there: `{ from: …, to: … }`

    Error:
      × `lamex.plan.json` at the root of the package is reserved for lamex
        ╭─[lamex.yaml:11:15]
     10 │     - { from: build/orders-tests, to: bootstrap }
     11 │     - { from: build/, to: ./ }
        ·               ──────
     12 │     - dangling
        ╰────
      help: give it another name there: `{ from: …, to: … }`

    Error:
      × the link `dangling` is broken
        ╭─[lamex.yaml:12:7]
     11 │     - { from: build/, to: ./ }
     12 │     - dangling
        ·       ────────
     13 │     - build/pipe
        ╰────
      help: has its target been built?

    Error:
      × `build/pipe` is not a regular file
        ╭─[lamex.yaml:13:7]
     12 │     - dangling
     13 │     - build/pipe
        ·       ──────────
        ╰────
      help: a package holds files: no sockets, pipes or devices
    ");
}

#[test]
fn a_folder_where_the_runner_goes_is_refused() {
    let project = Project::new("package: { include: [{ from: data/, to: bootstrap/ }] }\n");
    project.file("data/x", b"x");
    let report = project.report();
    assert!(report.contains("`bootstrap` at the root of the package is reserved for lamex"), "{report}");
}

#[test]
fn two_includes_at_one_place_are_refused() {
    let project = Project::new(
        r"
package:
  include:
    - a/tests
    - b/tests
    - { from: a/, to: tests/ }
    - { from: a/tests, to: data }
    - { from: b/tests, to: data/deep/tests }
",
    );
    project.file("a/tests", b"a");
    project.file("b/tests", b"b");
    assert_snapshot!(project.report(), @"
      × two includes put something at `tests`
       ╭─[lamex.yaml:4:7]
     3 │   include:
     4 │     - a/tests
       ·       ───┬───
       ·          ╰── this one
     5 │     - b/tests
       ·       ───┬───
       ·          ╰── and this one
     6 │     - { from: a/, to: tests/ }
       ╰────
      help: give one of them another place: `{ from: …, to: … }`

    Error:
      × two includes put something at `tests/tests`
       ╭─[lamex.yaml:4:7]
     3 │   include:
     4 │     - a/tests
       ·       ───┬───
       ·          ╰── this one
     5 │     - b/tests
     6 │     - { from: a/, to: tests/ }
       ·               ─┬
       ·                ╰── and this one
     7 │     - { from: a/tests, to: data }
       ╰────
      help: give one of them another place: `{ from: …, to: … }`

    Error:
      × two includes put something at `data/deep/tests`
       ╭─[lamex.yaml:7:15]
     6 │     - { from: a/, to: tests/ }
     7 │     - { from: a/tests, to: data }
       ·               ───┬───
       ·                  ╰── this one
     8 │     - { from: b/tests, to: data/deep/tests }
       ·               ───┬───
       ·                  ╰── and this one
       ╰────
      help: give one of them another place: `{ from: …, to: … }`
    ");
}

#[test]
fn programs_that_are_not_in_the_package() {
    let project = Project::new(
        r"
package:
  include: [build/orders-tests, data/]
commands:
  - { name: in the package, run: ./orders-tests }
  - { name: misspelled, run: ./order-tests -test.v }
  - { name: where it was built, run: [build/orders-tests, -v] }
  - { name: a folder, run: ./data }
  - { name: outside, run: ../orders-tests }
  - { name: nothing like it, run: ./xyz }
  - { name: absolute, run: /bin/true }
",
    );
    project.file("build/orders-tests", b"#!/bin/sh\n");
    project.file("data/x", b"");
    assert_snapshot!(project.report(), @"
      × `./order-tests` is not in the package
       ╭─[lamex.yaml:6:30]
     5 │   - { name: in the package, run: ./orders-tests }
     6 │   - { name: misspelled, run: ./order-tests -test.v }
       ·                              ─────────────────────
     7 │   - { name: where it was built, run: [build/orders-tests, -v] }
       ╰────
      help: the package has `./orders-tests`; did you mean that?

    Error:
      × `build/orders-tests` is not in the package
       ╭─[lamex.yaml:7:38]
     6 │   - { name: misspelled, run: ./order-tests -test.v }
     7 │   - { name: where it was built, run: [build/orders-tests, -v] }
       ·                                      ─
     8 │   - { name: a folder, run: ./data }
       ╰────
      help: the package has `./orders-tests`; did you mean that?

    Error:
      × `./data` is a folder of the package, not a program
       ╭─[lamex.yaml:8:28]
     7 │   - { name: where it was built, run: [build/orders-tests, -v] }
     8 │   - { name: a folder, run: ./data }
       ·                            ──────
     9 │   - { name: outside, run: ../orders-tests }
       ╰────
      help: it contains `./data/x`

    Error:
      × `../orders-tests` is not in the package
        ╭─[lamex.yaml:9:27]
      8 │   - { name: a folder, run: ./data }
      9 │   - { name: outside, run: ../orders-tests }
        ·                           ───────────────
     10 │   - { name: nothing like it, run: ./xyz }
        ╰────
      help: the package has `./orders-tests`; did you mean that?

    Error:
      × `./xyz` is not in the package
        ╭─[lamex.yaml:10:35]
      9 │   - { name: outside, run: ../orders-tests }
     10 │   - { name: nothing like it, run: ./xyz }
        ·                                   ─────
     11 │   - { name: absolute, run: /bin/true }
        ╰────
      help: name its file under `package.include`
    ");
}

#[test]
fn runners_that_do_not_fit() {
    let project = Project::new("commands: []\n");
    let other = if host_machine() == 62 { 183 } else { 62 };
    project.file("../bootstrap", &elf(other));
    let report = project.report();
    assert!(report.contains("is for") && report.contains("the environment `local` has"), "{report}");
    fs::remove_file(project.folder.path().join("bootstrap")).unwrap();
    assert_snapshot!(project.report(), @"
    × there is no runner at ../bootstrap
    help: the runner is the program `bootstrap`; name another one with `--runner PATH`, or set
          LAMEX_RUNNER
    ");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let project = Project::new("commands: []\n");
    project.file("../staged/mine", b"mine");
    assert_snapshot!(project.report(), @"
    × ../staged is not empty
    help: a package is staged into a folder of its own
    ");
    assert_eq!(project.staged("mine"), b"mine");
}
