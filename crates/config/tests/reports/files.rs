//! Files that are not there, or no text; reports that would be too long.

use std::fs;

use insta::assert_snapshot;
use lamex_testing::render;

use crate::report;

#[test]
fn missing() {
    let folder = tempfile::tempdir().unwrap();
    let error = lamex_config::load(&folder.path().join("lamex.yaml")).unwrap_err();
    assert_snapshot!(render(&error, folder.path()), @r"
    × there is no lamex.yaml
    help: name another file with `--config FILE`, or go to the folder that has the lamex.yaml;
          `lamex-ctl init` writes one
    ");
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lamex.yaml")).unwrap();
    let error = lamex_config::load(&folder.path().join("lamex.yaml")).unwrap_err();
    assert_snapshot!(render(&error, folder.path()), @"
    × cannot read lamex.yaml
    ╰─▶ Is a directory (os error 21)
    ");
}

#[test]
fn empty() {
    assert_snapshot!(report(""), @"
    × lamex.yaml is empty
    help: it needs at least one command:
          commands:
            - name: hello
              run: echo hello
    ");
    assert_eq!(report(""), report("# only a comment\n"));
    assert_eq!(report(""), report("---\n"));
}

#[test]
fn not_utf8() {
    assert_snapshot!(report(b"commands:\n  - name: \xfforders\n"), @"
     × this is not UTF-8
      ╭─[lamex.yaml:2:11]
    1 │ commands:
    2 │   - name: �orders
      ·           ─
      ╰────
     help: save the file as UTF-8
    ");
}

#[test]
fn too_large() {
    let text = "# filler\n".repeat(500_000);
    assert_snapshot!(report(text), @"
    × lamex.yaml is larger than 4194304 bytes
    help: is this the right file?
    ");
}

#[test]
fn an_environment_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lamex.yaml");
    fs::write(
        &path,
        "environments: { staging: { account: \"123456789012\", region: us-east-2, function: f } }",
    )
    .unwrap();
    let config = lamex_config::load(&path).unwrap();
    let error = config.environment("stagin").unwrap_err();
    assert_snapshot!(render(&error, folder.path()), @"
    × lamex.yaml has no environment `stagin`
    help: did you mean `staging`?
    ");
    let error = config.environment("production").unwrap_err();
    assert_snapshot!(render(&error, folder.path()), @"
    × lamex.yaml has no environment `production`
    help: it has local, staging
    ");
}

#[test]
fn a_line_that_would_fill_the_screen_is_not_shown() {
    let text = format!("commands: {}\n", "[".repeat(100_000));
    assert_snapshot!(report(text), @"
    × this is nested more than 32 levels deep (line 1, column 266)
    help: lamex.yaml needs no more than seven levels
    ");
    let text = format!("# {}\nfail_fast: true\nfail_fast: false\n", "a".repeat(2_000));
    let report = report(text).replace("\n  │ ", " ");
    assert!(report.contains("twice (first here: line 2, column 1) (and again here: line 3, column 1)"));
}

#[test]
fn twenty_problems_are_enough_for_one_report() {
    let text: String = (0..25).map(|index| format!("a{index}: 1\n")).collect();
    let report = report(text);
    assert_eq!(report.matches("lamex.yaml has no key").count(), 20);
    assert!(report.ends_with("5 more problems are not shown"), "{report}");
}

#[test]
fn a_file_of_another_name_is_named() {
    for name in ["lamex.yml", ".lamex.yaml", "lamex.yaml.txt", "Lamex.YAML"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), "commands: []\n").unwrap();
        let error = lamex_config::load(&folder.path().join("lamex.yaml")).unwrap_err();
        let report = render(&error, folder.path()).replace('\n', " ");
        assert!(report.contains(&format!("there is `{name}`: rename it to lamex.yaml")), "{report}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lamex.yaml"), "commands: []\n").unwrap();
    fs::create_dir_all(folder.path().join("a/b")).unwrap();
    let error = lamex_config::load(&folder.path().join("a/b/lamex.yaml")).unwrap_err();
    let report: String = render(&error, folder.path()).split_whitespace().collect();
    assert!(report.contains("inafolderabove") && report.contains("a/b/../../lamex.yaml"), "{report}");
}
