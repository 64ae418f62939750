//! The table of cases that lamex-ctl, the Terraform module and the CDK app share.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::fs;
use std::sync::LazyLock;

use lamex_config::{Config, Values};
use lamex_testing::render;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    durations: Vec<DurationCase>,
    schedules: Vec<ScheduleCase>,
    values: Vec<ValueCase>,
    resolved: Vec<ResolvedCase>,
    refused: Vec<RefusedCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DurationCase {
    text: String,
    seconds: Option<u64>,
    refused: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleCase {
    text: String,
    refused: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueCase {
    settings: String,
    accepted: Vec<String>,
    refused: Vec<String>,
    /// What the JSON Schema lets pass.
    #[serde(default, rename = "unseen_by_editors")]
    _unseen_by_editors: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolvedCase {
    name: String,
    lamex_yaml: String,
    environment: String,
    resolved: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedCase {
    lamex_yaml: String,
    problem: String,
}

fn cases() -> Cases {
    serde_yaml::from_str(include_str!("cases.yaml")).unwrap()
}

/// The configuration, or the report on it.
fn load(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lamex.yaml");
    fs::write(&path, text).unwrap();
    lamex_config::load(&path).map_err(|error| render(&error, folder.path()))
}

#[test]
fn durations() {
    for case in cases().durations {
        let loaded = load(&format!("environments: {{ local: {{ timeout: {:?} }} }}", case.text));
        match (loaded, case.seconds, case.refused) {
            (Ok(config), Some(seconds), None) => {
                let timeout = config.environment("local").unwrap().timeout;
                assert_eq!(timeout.as_secs(), seconds, "{:?}", case.text);
            }
            (Err(report), None, Some(problem)) => {
                assert!(report.contains(&problem), "{:?}: {report}", case.text);
            }
            (loaded, ..) => panic!("{:?}: {:?}", case.text, loaded.map(|config| config.environments)),
        }
    }
}

#[test]
fn schedules() {
    for case in cases().schedules {
        let environment =
            format!("account: '123456789012', region: us-east-2, function: f, schedule: {:?}", case.text);
        let loaded = load(&format!("environments: {{ staging: {{ {environment} }} }}"));
        match (loaded, case.refused) {
            (Ok(config), None) => {
                let environment = serde_json::to_value(config.environment("staging").unwrap()).unwrap();
                assert_eq!(environment["schedule"], Value::from(case.text.as_str()));
            }
            (Err(report), Some(problem)) => {
                let one_line = report.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
                assert!(one_line.contains(&problem), "{:?}: {report}", case.text);
            }
            (loaded, _) => panic!("{:?}: {:?}", case.text, loaded.map(|config| config.environments)),
        }
    }
}

#[test]
fn values() {
    for case in cases().values {
        let load = |value: &str| {
            let settings = case.settings.replace("VALUE", value);
            load(&format!(
                "defaults: {{ account: '123456789012', region: us-east-2, function: f }}\n\
                 environments: {{ staging: {{ {settings} }} }}"
            ))
        };
        for value in &case.accepted {
            load(value).unwrap_or_else(|report| panic!("{}, {value}: {report}", case.settings));
        }
        for value in &case.refused {
            assert!(load(value).is_err(), "{}: {value}", case.settings);
        }
    }
}

#[test]
fn resolved_environments() {
    for case in cases().resolved {
        let config = load(&case.lamex_yaml).unwrap_or_else(|report| panic!("{}: {report}", case.name));
        let environment = config.environment(&case.environment).unwrap();
        let resolved = serde_json::to_value(&environment).unwrap();
        for (key, expected) in case.resolved {
            let found = resolved.get(&key).unwrap_or(&Value::Null);
            assert_eq!(*found, expected, "{}: {key}", case.name);
        }
    }
}

#[test]
fn refused_files() {
    for case in cases().refused {
        let report = load(&case.lamex_yaml).expect_err(&case.lamex_yaml);
        let one_line = report.replace("\n  │ ", " ");
        assert!(one_line.contains(&case.problem), "{}: {report}", case.lamex_yaml);
    }
}

#[test]
fn a_described_environment_is_a_lamex_yaml_again() {
    let environment = load(&EVERY_KEY).unwrap().environment("staging").unwrap();
    let described: String = lamex_config::describe(&environment, Values::Shown)
        .lines()
        // The keys that the model has in another form than the file.
        .filter(|line| !line.starts_with("name:"))
        .map(|line| match line.strip_prefix("artifacts_") {
            Some(bucket) if bucket.starts_with("bucket: ") => format!("    artifacts:\n      {bucket}\n"),
            Some(other) => format!("      {other}\n"),
            None => format!("    {line}\n"),
        })
        .collect();
    let again = load(&format!("environments:\n  staging:\n{described}")).unwrap();
    assert_eq!(again.environment("staging").unwrap(), environment);
}

/// The case with every key.
static EVERY_KEY: LazyLock<String> = LazyLock::new(|| {
    let mut cases = cases().resolved.into_iter();
    cases.find(|case| case.name == "every key").unwrap().lamex_yaml
});

proptest! {
    /// Whatever a slip of the keyboard makes of a file: an answer, and places that are inside of it.
    #[test]
    fn a_damaged_file_is_read_or_reported(at in 0.0..1.0, cut in 0_usize..20, put in "[ \\n\\t:#&*!|>'\"%@`{}\\[\\],?a0é-]{0,4}") {
        let mut text = EVERY_KEY.clone();
        text.push_str("commands: [{ name: a, run: ./a 'b c' ${D}, parameters: { E1: { pattern: x } } }]\n");
        let start = (text.len() as f64 * at) as usize;
        let end = (start + cut).min(text.len());
        prop_assume!(text.is_char_boundary(start) && text.is_char_boundary(end));
        text.replace_range(start..end, &put);
        if let Err(report) = load(&text) {
            prop_assert!(report.contains('×'));
        }
    }
}
