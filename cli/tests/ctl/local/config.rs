//! `config check` and `config schema`.

use std::fs::File;

use lamex_testing::finished::Finished;
use lamex_testing::project::Project;
use serde_json::{Value, json};

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
    Finished::new(project.lamex_ctl(&[&["config"], args].concat()))
}

#[test]
fn a_valid_file_is_summed_up() {
    let project = Project::from_config(TWO);
    let summary = config(&project, &["check"]).expect(0, &[]).stdout();
    assert_eq!(summary, "lamex.yaml is valid: 1 commands; environments local, staging\n");
    let document = config(&project, &["check", "--output", "json"]).expect(0, &[]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document, json!({ "commands": ["orders"], "environments": ["local", "staging"] }));
}

#[test]
fn an_environment_is_shown_as_it_is_resolved() {
    let project = Project::from_config(TWO);
    let shown = ["check", "--env", "staging", "--show-values"];
    config(&project, &shown).expect(0, &["system-tests-staging", "GREETING: \"hello\""]);
    let document = config(&project, &[&shown[..], &["--output", "json"]].concat()).expect(0, &[]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["env"], json!({ "GREETING": "hello" }));
    config(&project, &["check", "--env", "stagin"]).expect(2, &["did you mean `staging`?"]);
}

#[test]
fn values_of_variables_are_told_only_when_asked_for() {
    let project = Project::from_config(&TWO.replace("hello", "hunter2"));
    for args in
        [&["check"][..], &["check", "--env", "staging"], &["check", "--env", "local", "--output", "json"]]
    {
        let finished = config(&project, args).expect(0, &[]);
        let text = finished.stdout() + &String::from_utf8_lossy(&finished.stderr);
        assert!(!text.contains("hunter2"), "{args:?}: {text}");
    }
    config(&project, &["check", "--env", "staging"]).expect(0, &["env:\n  GREETING:\n"]);
    let document = config(&project, &["check", "--env", "staging", "--output", "json"]).expect(0, &[]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["env"], json!({ "GREETING": null }));
}

const NEEDS: &str = "
commands:
  - { name: orders, run: './orders -addr=${ORDERS_ADDR} -region=${AWS_REGION}' }
  - name: pay
    run: ['true', '${CUSTOMER}', '${BUILD}', '${TMPDIR}']
    requires: [PAY_ADDR, HOME, BUILD]
    parameters: { CUSTOMER: { pattern: '.*' }, BUILD: { pattern: '.*', default: x } }
  - { name: wipe, run: './wipe ${WIPE_ADDR}', destructive: true }
defaults: { account: '123456789012', region: us-east-2, env: { SHARED: a } }
environments:
  staging: { function: f, env: { ORDERS_ADDR: 'orders:80', PAY_ADDR: 'pay:80' } }
  production: { function: f, env: { ORDER_ADDR: 'orders:80' } }
  unsafe: { function: f, allow_destructive: true, env: { ORDERS_ADDR: a, PAY_ADDR: b } }
";

#[test]
fn variables_that_an_environment_does_not_set_are_named() {
    let project = Project::from_config(NEEDS);
    config(&project, &["check", "--env", "staging"]).expect(0, &[]);
    let finished = config(&project, &["check", "--env", "production"]).expect(
        2,
        &[
            "`production` does not set ORDERS_ADDR, which the command `orders` needs",
            "lamex.yaml:3:42",
            "it sets ORDER_ADDR; did you mean that?",
            "`production` does not set PAY_ADDR, which the command `pay` needs",
            "lamex.yaml:6:16",
        ],
    );
    let stderr = String::from_utf8_lossy(&finished.stderr).into_owned();
    assert!(!stderr.contains("WIPE_ADDR"), "it is skipped there: {stderr}");
    config(&project, &["check", "--env", "unsafe"]).expect(2, &["does not set WIPE_ADDR"]);
    // WIPE_ADDR is set nowhere that `wipe` may run.
    config(&project, &["check"])
        .expect(2, &["no environment sets WIPE_ADDR, which the command `wipe` needs"]);
    let project = Project::from_config(
        &NEEDS.replace("destructive: true", "destructive: false").replace("SHARED", "WIPE_ADDR"),
    );
    config(&project, &["check"]).expect(
        0,
        &[
            "`production` does not set ORDERS_ADDR",
            "`production` does not set PAY_ADDR",
            "lamex.yaml is valid",
        ],
    );
    let nowhere = Project::from_config("commands: [{ name: a, run: [./a, '${NOWHERE}'] }]");
    config(&nowhere, &["check"]).expect(2, &["no environment sets NOWHERE"]);
}

#[test]
fn what_is_missing_is_found_before_anything_is_packed_or_runs() {
    let project = Project::from_config(
        "
commands:
  - { name: first, run: touch ran }
  - { name: second, run: ['true', '${ORDERS_ADDR}'] }
  - { name: third, run: ['true', '${CUSTOMER}'], parameters: { CUSTOMER: { pattern: '.*' } } }
  - { name: fourth, run: 'true', requires: [PAY_ADDR] }
",
    );
    let local = "the environment `local` does not set ORDERS_ADDR, which the command `second` needs";
    project.show(&[]).expect(2, &[local, "does not set PAY_ADDR, which the command `fourth` needs"]);
    project.show(&["--only", "third"]).expect(2, &["needs the parameter CUSTOMER", "--param CUSTOMER="]);
    project.show(&["--only", "third", "--param", "CUSTOMER=-v"]).expect(
        2,
        &["the value of CUSTOMER begins with `-`", "--name=${CUSTOMER}", "let the pattern begin with `-`"],
    );
    assert!(!project.path("ran").exists());
    project.show(&["--only", "third", "--param", "CUSTOMER=v"]).expect(0, &[]);
    Finished::new(project.lamex_ctl(&["package"])).expect(2, &["no environment sets ORDERS_ADDR"]);
    Finished::new(project.lamex_ctl(&["package", "--env", "local"])).expect(2, &[local]);
    assert!(!project.path("dist").exists());
}

#[test]
fn a_value_that_would_be_an_option_is_refused_where_it_is_known() {
    let project = Project::from_config(
        "
commands: [{ name: a, run: ['true', '${FILTER}'] }]
environments: { local: { env: { FILTER: -test.run=Nothing } } }
",
    );
    let parts = ["the value of FILTER begins with `-`", "filled in here", "this value", "--name=${FILTER}"];
    config(&project, &["check", "--env", "local"]).expect(2, &parts);
    project.show(&[]).expect(2, &parts);
    Finished::new(project.lamex_ctl(&["package", "--env", "local"])).expect(2, &parts);
}

#[test]
fn a_pattern_of_files_is_told_to_stay_as_it_is() {
    let text = "commands: [{ name: a, run: ./a *.json data/* 'x/*.txt' -run=*/x Test.*/y TestA/b.* }]\n";
    let finished = config(&Project::from_config(text), &["check"]).expect(
        0,
        &["`*.json` is passed on as it stands", "lamex.yaml:1:32", "`data/*` is passed on as it stands"],
    );
    let stderr = String::from_utf8_lossy(&finished.stderr).into_owned();
    assert_eq!(stderr.matches("is passed on as it stands").count(), 2, "{stderr}");
}

#[test]
fn addresses_that_nothing_lets_out_are_told() {
    let text = "
commands: [{ name: orders, run: 'true' }]
defaults: { account: '123456789012', region: us-east-2, function: f }
environments:
  staging:
    vpc: { id: vpc-0123456789abcdef0, subnet_ids: [subnet-0123456789abcdef0] }
    env: { ORDERS: 'orders.internal:50051', PAY: 'https://pay.internal:8443/v1', LEVEL: '12:30' }
    reach: [{ name: pay, host: pay.internal, port: 8443, cidr: 10.0.0.0/16 }]
";
    let project = Project::from_config(text);
    let parts = [
        "ORDERS holds an address with the port 50051, which no `reach` entry of `staging` allows",
        "lamex.yaml:7:20",
    ];
    for args in [&["check"][..], &["check", "--env", "staging"]] {
        let finished = config(&project, args).expect(0, &parts);
        let stderr = String::from_utf8_lossy(&finished.stderr).into_owned();
        assert!(!stderr.contains("PAY holds") && !stderr.contains("LEVEL holds"), "{stderr}");
    }
    let more = text.replace("abcdef0] }", "abcdef0], extra_security_group_ids: [sg-0123456789abcdef0] }");
    let no_vpc: String =
        text.lines().filter(|line| !line.contains("vpc:")).map(|line| format!("{line}\n")).collect();
    for text in [more, no_vpc] {
        let finished = config(&Project::from_config(&text), &["check"]).expect(0, &[]);
        assert_eq!(String::from_utf8_lossy(&finished.stderr), "", "nobody knows what they let out");
    }
}

#[test]
fn the_schema_accepts_what_the_check_accepts() {
    let project = Project::from_config(TWO);
    let schema = config(&project, &["schema"]).expect(0, &[]);
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "commands": [{ "name": "orders", "run": "true" }] })));
    assert!(!validator.is_valid(&json!({ "commands": [{ "name": "orders", "runn": "true" }] })));
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let project = Project::from_config(TWO);
    for args in [&["check"][..], &["schema"]] {
        let mut command = project.lamex_ctl(&[&["config"], args].concat());
        let output = command.stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{args:?}");
    }
}
