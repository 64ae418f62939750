//! `lamex-ctl build`: the lines of lamex.yaml, run by a shell here.

use std::fs;
use std::path::Path;

use lamex_processes::Signal;
use lamex_testing::finished::Finished;
use lamex_testing::live::Live;
use lamex_testing::project::Project;

/// A project whose commands have these names and lines.
pub(super) fn project(commands: &[(&str, &str)]) -> Project {
    let project = Project::new();
    let mut text = "package: { include: [build/*] }\ncommands:\n".to_owned();
    for (name, line) in commands {
        text += &format!("  - name: {name}\n    run: ./{name}\n    tags: [tag-of-{name}]\n");
        if !line.is_empty() {
            text += &format!("    build: |\n      {}\n", line.replace('\n', "\n      "));
        }
    }
    project.file("lamex.yaml", text);
    project
}

/// A line that makes a program of this script.
pub(super) fn making(name: &str, script: &str) -> String {
    format!("mkdir -p build\nprintf '#!/bin/sh\\n%s\\n' '{script}' > build/{name}")
}

fn build(project: &Project, args: &[&str]) -> Finished {
    let finished = Finished::new(project.lamex_ctl(&[&["build"], args].concat()));
    project.assert_nothing_is_left();
    finished
}

fn wait_for(path: &Path) {
    while !path.exists() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
fn every_line_runs_once_in_the_folder_of_lamex_yaml() {
    let line = "echo once >> log; echo built in $PWD";
    let project = project(&[("one", line), ("two", line), ("three", "echo three >> log"), ("four", "")]);
    fs::create_dir(project.path("below")).unwrap();
    let mut command = project.lamex_ctl(&["build", "--config", "../lamex.yaml"]);
    command.current_dir(project.path("below"));
    let finished = Finished::new(command).expect(0, &["BUILT", "one, two\n", "] three\n"]);
    let mut log: Vec<_> =
        fs::read_to_string(project.path("log")).unwrap().lines().map(str::to_owned).collect();
    log.sort();
    assert_eq!(log, ["once", "three"]);
    let root = fs::canonicalize(project.root()).unwrap();
    let told = finished.stderr();
    let where_it_ran = told.lines().find_map(|line| line.strip_prefix("built in ")).unwrap();
    assert_eq!(fs::canonicalize(where_it_ran).unwrap(), root);
    assert_eq!(finished.stdout(), "");
    assert!(!told.contains("four"), "{told}");
    build(&project, &["--verbose"]).expect(0, &["NO BUILD four", "echo three >> log"]);
}

#[test]
fn only_what_is_selected_is_built() {
    let project = project(&[("one", "echo one >> log"), ("two", "echo two >> log"), ("three", "")]);
    build(&project, &["--only", "one"]).expect(0, &["] one"]);
    build(&project, &["--tag", "tag-of-two"]).expect(0, &["] two"]);
    assert_eq!(fs::read_to_string(project.path("log")).unwrap(), "one\ntwo\n");
    build(&project, &["--only", "three"]).expect(0, &["nothing to build"]);
    build(&project, &["--only", "tow"]).expect(2, &["did you mean `two`?"]);
    build(&project, &["--tag", "none"]).expect(2, &["its tags are: "]);
    assert_eq!(fs::read_to_string(project.path("log")).unwrap(), "one\ntwo\n");
}

#[test]
fn what_failed_is_named_with_all_that_it_wrote_and_the_others_are_built() {
    let project = project(&[
        ("good", "echo good >> log"),
        ("bad", "echo to stdout; echo to stderr >&2; printf unfinished; exit 7"),
        ("killed", "kill -9 $$"),
        ("hidden", "false\ntrue"),
    ]);
    let finished = build(&project, &[]).expect(2, &["3 of 4 builds failed: `bad`, `killed`, `hidden`"]);
    let told = finished.stderr();
    let of_bad = "bad: exit code 7\n             echo to stdout; echo to stderr >&2; printf unfinished; exit 7\nto \
                  stdout\nto stderr\nunfinished\n";
    assert!(told.contains(of_bad), "{told}");
    assert!(told.contains("killed: ended by signal 9"), "{told}");
    assert!(told.contains("hidden: exit code 1"), "a line that fails is not hidden by the next one: {told}");
    assert_eq!(fs::read_to_string(project.path("log")).unwrap(), "good\n");
    build(&project, &["--only", "bad"]).expect(2, &["the build failed: `bad`"]);
}

/// What a failed build has left from an earlier one must not be tested.
#[test]
fn what_fails_inside_of_a_line_fails_the_build() {
    for line in ["false; echo built", "false | cat", "(exit 3) 2>&1 | tee build.log; true"] {
        let project = project(&[("orders", line)]);
        project.script("orders", "echo of an earlier build");
        let ran = Finished::new(project.lamex_ctl(&["test"])).expect(2, &["the build failed: `orders`"]);
        assert!(!ran.stdout().contains("earlier build"), "{line}");
    }
}

#[test]
fn outputs_of_lines_that_run_at_once_are_not_mixed() {
    // Each waits until the other has written, so that both run at once, where there are two processors.
    let wait = |own: &str, other: &str| {
        format!(
            "echo {own} begins; touch {own}; while [ ! -e {other} ]; do sleep 0.01; done; echo {own} ends"
        )
    };
    let at_once = std::thread::available_parallelism().unwrap().get() > 1;
    let two =
        if at_once { wait("two", "one") } else { "echo two begins; touch two; echo two ends".to_owned() };
    let project = project(&[("two", &two), ("one", &wait("one", "two"))]);
    let told = build(&project, &[]).expect(0, &[]).stderr();
    for name in ["one", "two"] {
        assert!(told.contains(&format!("] {name}\n{name} begins\n{name} ends\n")), "{told}");
    }
}

#[test]
fn a_line_gets_the_callers_variables_without_those_of_aws_and_lamex() {
    let project = project(&[("one", "env > variables")]);
    let mut command = project.lamex_ctl(&["build"]);
    let given =
        ["GOFLAGS", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "LAMEX_RUNNER", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    command.envs(given.map(|name| (name, "value-of-it")));
    Finished::new(command).expect(0, &[]);
    let variables = fs::read_to_string(project.path("variables")).unwrap();
    let found: Vec<_> = variables.lines().filter(|line| line.ends_with("=value-of-it")).collect();
    assert_eq!(found, ["GOFLAGS=value-of-it"]);
    for prefix in ["AWS_", "LAMEX_"] {
        assert!(!variables.lines().any(|line| line.starts_with(prefix)), "{variables}");
    }
}

#[test]
fn a_line_reads_nothing_and_leaves_nothing_running() {
    let line = "cat; sleep 600 & setsid sh -c 'trap \"\" TERM HUP; touch up; exec sleep 600' & while [ ! -e up ]; do \
                sleep 0.01; done";
    let project = project(&[("one", line)]);
    // It asserts that nothing is left.
    build(&project, &[]).expect(0, &["BUILT"]);
}

#[test]
fn every_signal_to_end_ends_the_builds_and_what_they_started() {
    let stubborn = "trap '' INT TERM HUP\nsetsid sh -c 'trap \"\" TERM; while :; do sleep 600; done' &\n\
                    touch up\nwhile :; do sleep 600; done";
    let tidy = "trap 'rm working; exit 1' TERM\ntouch working\nwhile :; do sleep 0.05 || :; done";
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let project = project(&[("one", tidy), ("two", stubborn), ("three", "touch three")]);
        let run = Live::start(project.lamex_ctl(&["build", "--only", "one", "--only", "two"]));
        wait_for(&project.path("working"));
        if std::thread::available_parallelism().unwrap().get() > 1 {
            wait_for(&project.path("up"));
        }
        run.signal(signal);
        run.finish().expect(130, &["interrupted"]);
        project.assert_nothing_is_left();
        assert!(!project.path("working").exists(), "a line has time to clean up");
    }
}

#[test]
fn a_line_is_no_part_of_the_package() {
    let line = making("one", "echo one ran");
    let project = project(&[("one", &line)]);
    build(&project, &[]).expect(0, &[]);
    let digest = |project: &Project| {
        let finished = Finished::new(project.lamex_ctl(&["package", "--output", "json"])).expect(0, &[]);
        let document: serde_json::Value = serde_json::from_slice(&finished.stdout).unwrap();
        document["package_digest"].as_str().unwrap().to_owned()
    };
    let before = digest(&project);
    let other = fs::read_to_string(project.path("lamex.yaml")).unwrap().replace("mkdir -p", "true; mkdir -p");
    project.file("lamex.yaml", other);
    assert_eq!(digest(&project), before);
    let plan = lamex_package::inspect_zip(&project.path("dist/lamex.zip")).unwrap().plan;
    assert!(!serde_json::to_string(&plan).unwrap().contains("mkdir"));
    let config = lamex_config::load(&project.path("lamex.yaml")).unwrap();
    let differences = lamex_package::differences(&config, &project.path("dist/lamex.zip"), None).unwrap();
    assert_eq!(differences.changes, Vec::<String>::new());
}

#[test]
fn what_cannot_be_a_line_is_refused_with_its_place() {
    let project = Project::from_config("commands:\n  - { name: a, run: ./a, build: ' # later' }\n");
    build(&project, &[]).expect(2, &["`build` has no command to run", "lamex.yaml:2:"]);
    let project = Project::from_config("commands:\n  - { name: a, run: ./a, build: [go, test] }\n");
    build(&project, &[]).expect(2, &["expected text, found a list", "lamex.yaml:2:"]);
}
