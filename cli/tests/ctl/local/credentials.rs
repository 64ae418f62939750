//! AWS credentials of whoever calls lamex-ctl: the tests on this machine get them when they are told to, only then.

use std::process::Command;

use lamex_testing::finished::Finished;
use lamex_testing::project::Project;

/// Shows every variable of AWS's that is about who and where.
const SCRIPT: &str =
    "env | grep -E '^AWS_(ACCESS|SECRET|SESSION|REGION|DEFAULT|PROFILE|ENDPOINT|CONFIG|SHARED)' | sort";

fn invoke(project: &Project, args: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command: Command = project.lamex_ctl(&project.invoke_args(args));
    command.env("HOME", project.root()).env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().copied());
    let finished = Finished::new(command);
    project.assert_nothing_is_left();
    finished
}

/// What the test saw.
fn seen(finished: &Finished) -> Vec<String> {
    finished.stdout().lines().filter(|line| line.starts_with("AWS_")).map(str::to_owned).collect()
}

const CALLER: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "AKIACALLER"),
    ("AWS_SECRET_ACCESS_KEY", "callers-secret"),
    ("AWS_SESSION_TOKEN", "callers-token"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_DEFAULT_REGION", "eu-west-3"),
    ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
];

#[test]
fn the_callers_variables_do_not_reach_the_function() {
    let finished = invoke(&Project::from_script(SCRIPT), &[], &CALLER).expect(0, &[]);
    let expected = [
        "AWS_ACCESS_KEY_ID=local",
        "AWS_DEFAULT_REGION=us-east-1",
        "AWS_REGION=us-east-1",
        "AWS_SECRET_ACCESS_KEY=local",
        "AWS_SESSION_TOKEN=local",
    ];
    assert_eq!(seen(&finished), expected);
    assert!(!finished.stderr().contains("credentials"), "{}", finished.stderr());
}

#[test]
fn they_are_handed_over_on_request_and_not_shown() {
    let finished = invoke(&Project::from_script(SCRIPT), &["--aws-credentials"], &CALLER).expect(0, &[]);
    let expected = [
        "AWS_ACCESS_KEY_ID=AKIACALLER",
        "AWS_DEFAULT_REGION=eu-central-1",
        "AWS_REGION=eu-central-1",
        "AWS_SECRET_ACCESS_KEY=callers-secret",
        "AWS_SESSION_TOKEN=callers-token",
    ];
    assert_eq!(seen(&finished), expected);
    let told = finished.stderr();
    assert!(told.contains("get your AWS credentials, for the region eu-central-1"), "{told}");
    assert!(!told.contains("callers-") && !told.contains("AKIA"), "{told}");
}

#[test]
fn a_profile_is_resolved_and_a_key_without_a_token_has_none() {
    let project = Project::from_script(SCRIPT);
    let of_profile = "aws_access_key_id = AKIAPROFILE\naws_secret_access_key = profiles-secret\n";
    let credentials = project.file("credentials", format!("[team]\n{of_profile}"));
    let config = project.file("config", "[profile team]\nregion = us-west-2\n");
    let variables = [
        ("AWS_PROFILE", "team"),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().unwrap()),
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
    ];
    let finished = invoke(&project, &["--aws-credentials"], &variables).expect(0, &[]);
    let expected = [
        "AWS_ACCESS_KEY_ID=AKIAPROFILE",
        "AWS_DEFAULT_REGION=us-west-2",
        "AWS_REGION=us-west-2",
        "AWS_SECRET_ACCESS_KEY=profiles-secret",
    ];
    assert_eq!(seen(&finished), expected);
}

#[test]
fn without_any_nothing_runs() {
    let project = Project::from_script("echo ran");
    let none = invoke(&project, &["--aws-credentials"], &[]);
    none.expect(2, &["there are no AWS credentials", "AWS_PROFILE"]);
    let without_region = &CALLER[..3];
    invoke(&project, &["--aws-credentials"], without_region).expect(2, &["no AWS region is set"]);
    let staging = Project::from_config(
        "commands: [{ name: a, run: 'true' }]\nenvironments: { staging: { account: '123456789012', region: \
         us-east-2, function: f } }\n",
    );
    let deployed = invoke(&staging, &["--env", "staging", "--aws-credentials"], &CALLER);
    deployed.expect(2, &["--aws-credentials is for the function on this machine"]);
}
