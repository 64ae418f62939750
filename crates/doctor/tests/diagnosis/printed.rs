//! What doctor prints as a fix is a change that the tools take, and takes nothing away.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use lamex_doctor::finding::Tool;
use lamex_testing::binaries::python;
use serde_json::Value;

use crate::table::fixes;

/// The snippets for the kits, which `make lint-terraform` and `make test-cdk` give to Terraform and to TypeScript.
const SNIPPETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../provision/doctor/snippets.json");

fn printed(with: Tool) -> BTreeSet<String> {
    fixes().into_iter().filter(|fix| fix.with == with).map(|fix| fix.text).collect()
}

/// By the real AWS CLI, with everything but the call itself.
#[test]
fn the_aws_cli_takes_every_line() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws_commands.py");
    let mut process =
        Command::new(python()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = printed(Tool::Aws);
    assert!(lines.len() > 10, "{lines:?}");
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(serde_json::to_string(&lines).unwrap().as_bytes()).unwrap();
    drop(stdin);
    let output = process.wait_with_output().unwrap();
    let refused: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success() && refused == serde_json::json!([]), "{refused:#}");
}

#[test]
fn no_line_applies_anything_but_a_change() {
    for text in [Tool::Terraform, Tool::Cdk, Tool::Words, Tool::LamexYaml].into_iter().flat_map(printed) {
        assert!(!text.contains("-chdir") && !text.contains("npx "), "{text}");
    }
}

/// On the function itself, DeleteFunction deletes all of it.
#[test]
fn nobody_is_told_to_allow_deleting_the_function() {
    let statements = printed(Tool::Words);
    let deleting: Vec<_> = statements.iter().filter(|text| text.contains("lambda:DeleteFunction")).collect();
    assert!(
        !deleting.is_empty()
            && deleting.iter().all(|text| text.contains("\"Resource\": [\"arn:")
                && !text.contains("system-tests-staging\"")
                && text.contains("system-tests-staging:*\"")),
        "{deleting:?}"
    );
}

#[test]
fn lines_of_lamex_yaml_are_yaml() {
    for text in printed(Tool::LamexYaml) {
        let parsed: Result<Value, _> = serde_yaml::from_str(&text);
        assert!(parsed.is_ok_and(|value| value.is_object() || value.is_array()), "{text}");
    }
}

#[test]
fn the_kits_are_given_every_snippet() {
    let snippets = serde_json::json!({ "terraform": printed(Tool::Terraform), "cdk": printed(Tool::Cdk) });
    let text = format!("{snippets:#}\n");
    if std::env::var_os("LAMEX_BLESS").is_some() {
        std::fs::write(SNIPPETS, &text).unwrap();
    }
    let known = std::fs::read_to_string(SNIPPETS).unwrap_or_default();
    assert_eq!(known, text, "LAMEX_BLESS=1 writes provision/doctor/snippets.json");
}
