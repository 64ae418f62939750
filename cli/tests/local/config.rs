//! `config check` and `config schema`.

use std::fs::File;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::run::Finished;

const TWO: &str = "
commands:
  - { name: orders, run: 'true' }
defaults: { env: { GREETING: hello } }
environments:
  staging:
    account: '123456789012'
    region: us-east-2
    function: system-tests-staging
    vpc: { id: vpc-0123456789abcdef0, subnet_ids: [subnet-0123456789abcdef0] }
";

fn config(project: &Project, args: &[&str]) -> Finished {
    Finished::of(project.lamex_ctl(&[&["config"], args].concat()))
}

#[test]
fn a_valid_file_is_summed_up() {
    let project = Project::of_config(TWO);
    let summary = config(&project, &["check"]).expect(0, &[]).stdout();
    assert_eq!(summary, "lamex.yaml is valid: 1 commands; environments local, staging\n");
    let document = config(&project, &["check", "--output", "json"]).expect(0, &[]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document, json!({ "commands": ["orders"], "environments": ["local", "staging"] }));
}

#[test]
fn an_environment_is_shown_as_it_is_resolved() {
    let project = Project::of_config(TWO);
    config(&project, &["check", "--env", "staging"])
        .expect(0, &["system-tests-staging", "GREETING", "hello"]);
    let document = config(&project, &["check", "--env", "staging", "--output", "json"]).expect(0, &[]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["env"], json!({ "GREETING": "hello" }));
    config(&project, &["check", "--env", "stagin"]).expect(2, &["did you mean `staging`?"]);
}

#[test]
fn the_schema_accepts_what_the_check_accepts() {
    let project = Project::of_config(TWO);
    let schema = config(&project, &["schema"]).expect(0, &[]);
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "commands": [{ "name": "orders", "run": "true" }] })));
    assert!(!validator.is_valid(&json!({ "commands": [{ "name": "orders", "runn": "true" }] })));
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let project = Project::of_config(TWO);
    for args in [&["check"][..], &["schema"]] {
        let mut command = project.lamex_ctl(&[&["config"], args].concat());
        let output = command.stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{args:?}");
    }
}
