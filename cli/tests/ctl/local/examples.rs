//! The example suites give what their table says, in every report.

use std::collections::BTreeMap;
use std::fs;

use lamex_testing::binaries::examples;
use lamex_testing::junit::Outcome;
use lamex_testing::project::Project;
use lamex_testing::run::Run;
use serde_json::{Map, Value};

#[test]
fn every_run_of_the_table_gives_what_it_says() {
    let folder = examples();
    let table: Value = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let runs = table["runs"].as_array().unwrap();
    let exit_codes: Vec<&Value> = runs.iter().map(|run| &run["exit_code"]).collect();
    assert_eq!(exit_codes, [0, 1], "the table has a run that passes and one that does not");
    for expected in runs {
        let config = folder.join(expected["config"].as_str().unwrap());
        let run = Project::new().invoke(&["--env", "local", "--config", config.to_str().unwrap()]);
        assert_eq!(expected["exit_code"], run.code, "{}", run.human);
        let expected: Vec<&Value> = expected["commands"].as_array().unwrap().iter().collect();
        let names: Vec<&str> = expected.iter().map(|command| command["name"].as_str().unwrap()).collect();
        let found: Vec<&str> = run.outcomes().iter().map(|(name, _)| *name).collect();
        assert_eq!(found, names);
        for command in expected {
            assert_command(&run, command);
        }
    }
}

fn assert_command(run: &Run, expected: &Value) {
    let name = expected["name"].as_str().unwrap();
    let found = run.command(name);
    assert_eq!(found["outcome"], expected["outcome"], "{name}: {found}");
    for (field, value) in expected["ending"].as_object().unwrap() {
        assert_eq!(&found["ending"][field], value, "{name}: {found}");
    }
    if let Some(part) = expected["message"].as_str() {
        assert!(found["message"].as_str().unwrap().contains(part), "{name}: {found}");
        assert!(run.human.contains(part), "{name}: {}", run.human);
    }
    assert_eq!(tests_of(found), *expected["tests"].as_object().unwrap(), "{name}");
    for (test, outcome) in expected["tests"].as_object().unwrap() {
        let outcome = outcome.as_str().unwrap();
        let in_junit = match outcome {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "skipped" => Outcome::Skipped,
            _ => Outcome::Error,
        };
        assert_eq!(run.junit.case(name, test).outcome, in_junit, "{name}: {test}");
        if matches!(outcome, "failed" | "unfinished") {
            assert!(names_test(&run.human, outcome, test), "{test} is not named:\n{}", run.human);
        }
    }
}

/// Whether a line such as `failed [   0.010s] TestCreate` is there.
fn names_test(human: &str, outcome: &str, test: &str) -> bool {
    human.lines().map(str::trim).any(|line| line.starts_with(outcome) && line.ends_with(&format!(" {test}")))
}

fn tests_of(command: &Value) -> Map<String, Value> {
    let ended = command["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|test| (test["name"].as_str().unwrap().to_owned(), test["outcome"].clone()));
    let unfinished = command["unfinished_tests"].as_array().unwrap().iter();
    let unfinished = unfinished.map(|test| (test.as_str().unwrap().to_owned(), Value::from("unfinished")));
    let tests: BTreeMap<String, Value> = ended.chain(unfinished).collect();
    tests.into_iter().collect()
}
