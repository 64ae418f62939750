//! A stream that is whole and says "passed", about something else than was asked for.

use std::fs;
use std::process::Command;

use lamex_protocol::plan::{self, Plan};
use lamex_testing::binaries;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::deployed::endpoint::{Endpoint, Story, configuration, record};
use crate::deployed::function::ACCOUNT;

const OURS: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const THEIRS: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

const NAMES: [&str; 3] = ["orders", "payments", "wipe"];

fn plan() -> Plan {
    let command = |name: &&str| plan::Command {
        name: (*name).to_owned(),
        argv: vec![format!("./{name}")],
        ..plan::Command::default()
    };
    let commands = NAMES.iter().map(command).collect();
    Plan { lamex: lamex_protocol::VERSION, commands, ..Plan::default() }
}

/// An honest function: version 7 is live, is what lamex.yaml says, and ran everything.
fn honest() -> Story {
    let version_7 = configuration("7", &record(OURS, &plan()));
    Story {
        account: ACCOUNT,
        configurations: vec![("live", version_7.clone()), ("7", version_7)],
        alias: Some(("7", Vec::new())),
        digest: OURS.to_owned(),
        version: "7",
        commands: vec![(0, "orders"), (1, "payments"), (2, "wipe")],
    }
}

/// The outcome of `invoke`.
struct Ran {
    exit_code: i32,
    text: String,
    invocations: usize,
}

impl Ran {
    #[track_caller]
    fn expect(&self, exit_code: i32, invocations: usize, parts: &[&str]) {
        assert_eq!((self.exit_code, self.invocations), (exit_code, invocations), "{}", self.text);
        for part in parts {
            assert!(self.text.contains(part), "no `{part}` in:\n{}", self.text);
        }
    }
}

fn project(endpoint: &str, more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let commands: String =
        NAMES.iter().map(|name| format!("  - {{ name: {name}, run: ./{name} }}\n")).collect();
    let yaml = format!(
        "commands:\n{commands}environments:\n  staging:\n    account: \"{ACCOUNT}\"\n    region: us-east-1\n    \
         function: system-tests\n    timeout: 60s\n    memory_mb: 512\n    invoke: buffered\n    endpoint_url: \
         {endpoint}\n{more}"
    );
    fs::write(folder.path().join("lamex.yaml"), yaml).unwrap();
    folder
}

fn invoke(story: Story, more: &str, arguments: &[&str]) -> Ran {
    let endpoint = Endpoint::tell(story);
    invoke_in(&project(&endpoint.url, more), &endpoint, arguments)
}

fn invoke_in(folder: &TempDir, endpoint: &Endpoint, arguments: &[&str]) -> Ran {
    let mut command = Command::new(binaries::lamex_ctl());
    command.args(["invoke", "--env", "staging"]).args(arguments).current_dir(folder.path());
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Ran {
        exit_code: output.status.code().unwrap(),
        text: String::from_utf8_lossy(&text).into_owned(),
        invocations: endpoint.invocations(),
    }
}

#[test]
fn an_honest_answer_passes() {
    invoke(honest(), "", &[]).expect(0, 1, &["passed: 3 commands passed"]);
    invoke(honest(), "", &["--qualifier", "7"]).expect(0, 1, &[]);
    let one = Story { commands: vec![(1, "payments")], ..honest() };
    invoke(one, "", &["--only", "payments"]).expect(0, 1, &["passed: 1 command passed"]);
}

#[test]
fn one_command_of_three_is_not_the_whole_suite() {
    let short = Story { commands: vec![(0, "orders")], ..honest() };
    invoke(short, "", &[]).expect(4, 1, &["other commands", "expected 3"]);
}

#[test]
fn an_answer_about_another_command_is_not_the_one_that_was_selected() {
    let lies = [vec![(1, "payments")], vec![(0, "payments")], vec![(0, "orders"), (1, "payments")]];
    for commands in lies {
        let lie = || Story { commands: commands.clone(), ..honest() };
        invoke(lie(), "", &["--only", "orders"]).expect(4, 1, &["other commands"]);
        invoke(lie(), "", &["--only", "orders", "--expect-digest", "any"]).expect(4, 1, &["other commands"]);
        invoke(lie(), "", &["--only", "orders", "--expect-digest", OURS]).expect(4, 1, &["other commands"]);
    }
    // Anywhere in whichever package.
    let elsewhere = Story { commands: vec![(5, "orders")], digest: THEIRS.to_owned(), ..honest() };
    invoke(elsewhere, "", &["--only", "orders", "--expect-digest", "any"]).expect(0, 1, &[]);
}

#[test]
fn another_version_than_the_one_that_was_asked_for_is_not_believed() {
    let lie = || {
        let mut story = honest();
        story.configurations.push(("8", configuration("8", &record(OURS, &plan()))));
        story
    };
    invoke(lie(), "", &["--qualifier", "8"]).expect(
        4,
        1,
        &["version 7 of the function ran, expected version 8"],
    );
    invoke(lie(), "", &["--qualifier", "8", "--expect-digest", "any"]).expect(4, 1, &["expected version 8"]);
    // An alias led to 7 a moment ago.
    let moved = Story { version: "9", ..honest() };
    invoke(moved, "", &[]).expect(4, 1, &["version 9 of the function ran, expected version 7"]);
    // `live` is not `$LATEST`.
    let latest = Story { version: "$LATEST", ..honest() };
    invoke(latest, "", &[]).expect(4, 1, &["version $LATEST of the function ran"]);
}

#[test]
fn an_alias_with_weights_may_answer_with_either_version() {
    let weighted = |version, description: String| {
        let mut story = Story { alias: Some(("7", vec!["8"])), version, ..honest() };
        story.configurations.push(("8", configuration("8", &description)));
        story
    };
    for version in ["7", "8"] {
        invoke(weighted(version, record(OURS, &plan())), "", &[]).expect(0, 1, &[]);
    }
    let other = weighted("8", record(THEIRS, &plan()));
    invoke(other, "", &[]).expect(3, 0, &["some invocations go to version 8"]);
    let mut drifted = weighted("7", record(OURS, &plan()));
    drifted.configurations.last_mut().unwrap().1["Timeout"] = json!(900);
    invoke(drifted, "", &[]).expect(3, 0, &["version 8 is configured differently", "timeout"]);
}

#[test]
fn what_is_not_known_is_not_run() {
    let described = |description: &str| {
        let version = configuration("7", description);
        Story { configurations: vec![("live", version)], ..honest() }
    };
    let unknown = ["the expected package is unknown", "lamex-ctl package", "--expect-digest"];
    for description in ["", "c0ffee-dirty", "lamex", "lamex sha256:11 commands:22"] {
        invoke(described(description), "", &[]).expect(3, 0, &unknown);
        invoke(described(description), "", &["--expect-digest", "any"]).expect(0, 1, &[]);
        invoke(described(description), "", &["--expect-digest", OURS]).expect(0, 1, &[]);
    }
    let mut fewer = plan();
    fewer.commands.pop();
    let other = described(&record(OURS, &fewer));
    invoke(other, "", &[]).expect(3, 0, &["commands that differ from lamex.yaml", "c0ffee"]);
    let mut renamed = plan();
    renamed.commands[0].argv.push("-test.run=Nothing".to_owned());
    invoke(described(&record(OURS, &renamed)), "", &[]).expect(
        3,
        0,
        &["commands that differ from lamex.yaml"],
    );
    let named = ["--expect-digest", THEIRS];
    invoke(honest(), "", &named).expect(3, 0, &["version 7 is not the package sha256:2222"]);
}

#[test]
fn another_package_than_the_one_that_was_recorded_is_not_believed() {
    let lie = Story { digest: THEIRS.to_owned(), ..honest() };
    invoke(lie, "", &[]).expect(4, 1, &["another package ran"]);
}

#[test]
fn without_the_right_to_look_only_a_known_package_is_run() {
    let denied = || Story { configurations: Vec::new(), alias: None, ..honest() };
    invoke(denied(), "", &[]).expect(3, 0, &["could not be read", "lambda:GetFunctionConfiguration"]);
    let warned = ["warning", "cannot be compared with lamex.yaml", "you are not authorized"];
    invoke(denied(), "", &["--expect-digest", OURS]).expect(0, 1, &warned);
    // The number is known without looking.
    let numbered = Story { version: "6", ..denied() };
    invoke(numbered, "", &["--expect-digest", OURS, "--qualifier", "7"]).expect(
        4,
        1,
        &["expected version 7"],
    );
    let no_alias = Story { alias: None, ..honest() };
    invoke(no_alias, "", &[]).expect(0, 1, &["warning", "lambda:GetAlias"]);
}

#[test]
fn what_is_configured_otherwise_is_not_run() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut story = honest();
        change(&mut story.configurations[0].1);
        story
    };
    let old_address = |version: &mut Value| {
        version["Environment"] = json!({ "Variables": { "ORDERS_ADDR": "old.internal:1" } });
    };
    let env = "    env: { ORDERS_ADDR: \"new.internal:1\" }\n";
    let ran = invoke(with(&old_address), env, &[]);
    ran.expect(
        3,
        0,
        &["the variable ORDERS_ADDR (another value)", "terraform apply", "cdk deploy", "deploy"],
    );
    assert!(!ran.text.contains("internal"), "values are nobody's business: {}", ran.text);
    invoke(with(&old_address), env, &["--allow-drift"]).expect(0, 1, &["warning", "ORDERS_ADDR"]);
    invoke(with(&old_address), "", &[]).expect(3, 0, &["the variable ORDERS_ADDR (not in lamex.yaml)"]);
    invoke(honest(), env, &[]).expect(3, 0, &["the variable ORDERS_ADDR (not set)"]);
    invoke(with(&|version| version["Timeout"] = json!(61)), "", &[]).expect(3, 0, &["timeout"]);
    invoke(with(&|version| version["MemorySize"] = json!(1024)), "", &[]).expect(3, 0, &["memory_mb"]);
}

#[test]
fn variables_that_nobody_can_read_are_no_consent() {
    let unreadable = || {
        let mut story = honest();
        let error = json!({ "ErrorCode": "KMSAccessDeniedException", "Message": "no key" });
        story.configurations[0].1["Environment"] = json!({ "Error": error });
        story
    };
    invoke(unreadable(), "", &[]).expect(0, 1, &["warning", "Lambda cannot read them: no key"]);
    let destructive = |arguments: &[&str]| {
        let orders = Story { commands: vec![(0, "orders")], ..unreadable() };
        let endpoint = Endpoint::tell(orders);
        let folder = project(&endpoint.url, "    allow_destructive: true\n");
        let path = folder.path().join("lamex.yaml");
        let yaml = fs::read_to_string(&path).unwrap();
        fs::write(&path, yaml.replace("run: ./wipe", "run: ./wipe, destructive: true")).unwrap();
        let arguments = [&["--expect-digest", OURS], arguments].concat();
        invoke_in(&folder, &endpoint, &arguments)
    };
    for arguments in [&[][..], &["--only", "wipe"]] {
        destructive(arguments).expect(3, 0, &["destructive commands do not run there", "kms:Decrypt"]);
    }
    destructive(&["--only", "orders"]).expect(0, 1, &["Lambda cannot read them"]);
}
