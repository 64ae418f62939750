//! A plain `aws lambda invoke`, as users of the predecessor have it in CI.

use std::process::Command;

use lamex_testing::ministack::{endpoint, python_folder};

use crate::aws::function::Function;
use crate::aws::project::Project;

/// As the README has it.
const LINE: &str = "aws lambda invoke --cli-read-timeout 0 --function-name \"$FUNCTION\" --qualifier live out \
                    --log-type Tail --query LogResult --output text | base64 -d";

fn run_line(project: &Project, function: &Function) -> String {
    run(LINE, project, function)
}

fn run(line: &str, project: &Project, function: &Function) -> String {
    let mut command = Command::new("/bin/sh");
    project.isolate(&mut command);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([python_folder()].into_iter().chain(std::env::split_paths(&path)));
    command.args(["-c", line]).current_dir(project.path("")).env("PATH", path.unwrap());
    command.env("FUNCTION", function.name).env("AWS_MAX_ATTEMPTS", "1");
    command.env("AWS_ENDPOINT_URL", endpoint()).env("AWS_DEFAULT_REGION", "us-east-1");
    let output = command.output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{log}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    log
}

#[test]
fn a_plain_aws_lambda_invoke_shows_the_verdict() {
    let function = Function::create("plain-invoke");
    let project = Project::new(&function, "echo hello from the function");
    project.deploy();
    let log = run_line(&project, &function);
    assert!(log.contains("hello from the function"), "{log}");
    assert!(log.lines().last().unwrap_or_default().contains("PASS"), "{log}");

    project.set_script("echo expected 3, got 4; exit 1");
    project.deploy();
    let log = run_line(&project, &function);
    assert!(log.contains("expected 3, got 4"), "{log}");
    assert!(log.lines().last().unwrap_or_default().contains("FAIL"), "{log}");
    let answer = std::fs::read_to_string(project.path("out")).unwrap();
    assert!(answer.contains("Function.TestsFailed"), "{answer}");
}

/// The predecessor had no aliases, and neither does the command that its users run: a plain `aws lambda
/// invoke`.
#[test]
fn without_the_qualifier_it_runs_what_was_deployed_last_also_after_a_rollback() {
    let function = Function::create("plain-rollback");
    let project = Project::new(&function, "echo this is one");
    project.deploy();
    project.set_script("echo this is two");
    project.deploy();
    let back = project.run(&["rollback", "--env", "staging"]);
    back.expect(0).says("`aws lambda invoke` without `--qualifier live` runs that, not what is live");
    let readme = include_str!("../../../../README.md");
    assert!(
        readme.contains("--function-name system-tests-staging --qualifier live out"),
        "the README's line"
    );
    assert!(run_line(&project, &function).contains("this is one"));
    let without = LINE.replace("--qualifier live ", "");
    assert!(run(&without, &project, &function).contains("this is two"));
}
