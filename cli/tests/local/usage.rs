//! Mistakes on the command line and in the files that it names: exit code 2, and what to do.

use std::fs;

use crate::support::binaries::examples;
use crate::support::project::Project;
use crate::support::run::Finished;

#[test]
fn unknown_names_are_met_with_the_nearest_known_one() {
    let config = examples().join("lamex.yaml");
    let config = config.to_str().unwrap();
    let project = Project::new();
    for (args, parts) in [
        (&["--only", "smoek"][..], &["no command named `smoek`", "did you mean `smoke`?"][..]),
        (&["--only", "smoke", "--only", "nothing"], &["`nothing`", "smoke, orders, inventory, wipe"]),
        (&["--tag", "quikc"], &["the tag `quikc`", "did you mean `quick`?"]),
        (&["--tag", "orders"], &["the tag `orders`", "its tags are: api, quick"]),
        (&["--param", "CUSTOMR=x"], &["the parameter `CUSTOMR`", "did you mean `CUSTOMER`?"]),
        (&["--only", "smoke", "--param", "CUSTOMER=x"], &["the parameter `CUSTOMER`", "declare it"]),
        (&["--env", "lcoal"], &["no environment `lcoal`", "did you mean `local`?"]),
        (&["--ouput", "json"], &["--output"]),
    ] {
        let args = [&["--config", config], args].concat();
        let finished = project.show(&args).expect(2, parts);
        assert_eq!(finished.stdout(), "", "{args:?}");
    }
}

#[test]
fn arguments_that_say_nothing_are_not_guessed_at() {
    let project = Project::of_commands("touch ran\n");
    for (args, part) in [
        (&["--timeout", "30"][..], "it needs a unit"),
        (&["--timeout", "0s"], "--timeout"),
        (&["--param", "NAME"], "NAME=VALUE"),
        (&["--param", "1A=x"], "no name of a variable"),
        (&["-q", "-v"], "cannot be used with"),
        (&["--config", "lamex.yaml", "--task-root", "."], "cannot be used with"),
        (&["--env", "staging"], "--task-root runs on this machine"),
        (&["--runner", "nowhere"], "there is no runner at nowhere"),
        (&["--output", "xml"], "human"),
        (&["--qualifier", ""], "it is an alias such as `live`"),
        (&["--expect-digest", "sha256:1"], "64 hex digits"),
        (&["--allow-stale"], "cannot be used with"),
    ] {
        project.show(args).expect(2, &[part]);
    }
    Finished::of(project.lamex_ctl(&["invoke", "--task-root", "nowhere"])).expect(2, &["nowhere"]);
    Finished::of(project.lamex_ctl(&["frobnicate"])).expect(2, &["frobnicate"]);
    assert!(!project.path("ran").exists());
}

#[test]
fn a_missing_or_wrong_lamex_yaml_says_where_and_what() {
    let project = Project::new();
    let invoke = || Finished::of(project.lamex_ctl(&["invoke"]));
    invoke().expect(2, &["there is no lamex.yaml", "--config FILE"]);
    project.file("lamex.yaml", "commands:\n  - name: orders\n    runn: ./orders\n");
    let caret = ["lamex.yaml:3:5", "runn: ./orders", "·     ────", "did you mean `run`?"];
    invoke().expect(2, &caret);
    Finished::of(project.lamex_ctl(&["config", "check"])).expect(2, &caret);
    project.file("lamex.yaml", "commands:\n  - { name: orders, run: ./orders }\n");
    invoke().expect(2, &["lamex.yaml:2", "`./orders` is not in the package", "package.include"]);
    project.file("lamex.yaml", "commands: [\n");
    invoke().expect(2, &["lamex.yaml:"]);
}

#[test]
fn a_task_root_without_a_plan_or_with_a_wrong_one_does_not_run() {
    let project = Project::new();
    let invoke = || project.show(&[]);
    invoke().expect(2, &["commands.txt"]);
    project.file("commands.txt", "touch ran\n./second 'without an end\n");
    invoke().expect(2, &["commands.txt:2:10"]);
    project.file("commands.txt", "touch ran\n");
    project.file("lamex.plan.json", "{}");
    invoke().expect(2, &["lamex.plan.json", "commands.txt"]);
    assert!(!project.path("ran").exists());
}

#[test]
fn reports_that_cannot_be_written_are_found_before_anything_runs() {
    let project = Project::of_commands("touch ran\n");
    project.file("file", "");
    for (args, part) in [
        (["--junit", "file/junit.xml"], "file"),
        (["--junit", "."], "JUnit"),
        (["--junit", "/dev/full"], "JUnit"),
        (["--events", "file/events.jsonl"], "cannot write the events to file/events.jsonl"),
        (["--events", "."], "cannot write the events to ."),
    ] {
        project.show(&args).expect(2, &[part]);
    }
    assert!(!project.path("ran").exists());
}

#[test]
fn help_and_version_are_answers() {
    let project = Project::new();
    let help = Finished::of(project.lamex_ctl(&["--help"])).expect(0, &["Exit codes:"]);
    for line in [
        "0  passed",
        "1  tests failed",
        "2  usage",
        "3  refused",
        "4  infra",
        "5  incomplete",
        "6  nothing",
        "130  interrupted",
    ] {
        assert!(help.stdout().contains(line), "{line}");
    }
    Finished::of(project.lamex_ctl(&["--version"])).expect(0, &[env!("CARGO_PKG_VERSION")]);
    assert_eq!(fs::read_dir(project.root()).unwrap().count(), 0);
}
