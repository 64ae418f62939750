//! The JSON Schema that editors use, against what the reader accepts.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::fs;
use std::sync::LazyLock;

use lamex_protocol::plan;
use serde_json::{Value, json};

/// As the other readers do, which know no underscores in numbers.
fn parse(text: &str) -> Value {
    let options = serde_yaml::options! { underscored_numbers_as_strings: true };
    serde_yaml::from_str_with_options(text, options).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&lamex_config::schema()).unwrap()
}

/// The documents of the table of cases that lamex-ctl accepts.
fn accepted() -> Vec<Value> {
    let cases = parse(include_str!("cases.yaml"));
    let cases = cases["resolved"].as_array().unwrap().clone();
    cases.iter().map(|case| parse(case["lamex_yaml"].as_str().unwrap())).collect()
}

#[test]
fn it_accepts_what_the_reader_accepts() {
    let validator = validator();
    let mut documents = accepted();
    documents.push(parse(
        r#"
package:
  include: [build/orders-tests, testdata/, { from: a, to: b/ }]
commands:
  - name: orders
    run: ./orders-tests -addr ${ORDERS_ADDR}
    build: go test -c -o build/orders-tests ./systemtests
    framework: go
    timeout: 5m
    tags: [smoke]
    parameters: { BUILD_SHA: { pattern: "^[0-9a-f]{40}$", default: "" } }
    dir: orders/systemtests
    requires: [ORDERS_ADDR, AWS_REGION]
    allow_empty: true
    leftovers: warn
  - { name: wipe, run: [./wipe, --all], destructive: true, leftovers: fail }
fail_fast: true
"#,
    ));
    for document in documents {
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{document}: {errors:?}");
    }
}

#[test]
fn it_refuses_what_an_editor_can_see() {
    let validator = validator();
    let wrong = [
        json!({ "comands": [] }),
        json!({ "commands": { "name": "a", "run": "b" } }),
        json!({ "commands": [{ "name": "a" }] }),
        json!({ "commands": [{ "name": "a", "run": [] }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "timeout": 5 }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "timeout": "5 min" }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "framework": "pytest" }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "leftovers": "kill" }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "allow_empty": "yes" }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "requires": "A" }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "dir": 5 }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "build": ["make"] }] }),
        json!({ "commands": [{ "name": "a", "run": "b", "parameters": { "A": {} } }] }),
        json!({ "package": { "include": [{ "from": "a" }] } }),
        json!({ "defaults": { "account": 123_456_789_012_u64 } }),
        json!({ "defaults": { "env": { "PORT": 8080 } } }),
        json!({ "defaults": { "memory_mb": 64 } }),
        json!({ "defaults": { "architecture": "amd64" } }),
        json!({ "defaults": { "vpc": { "id": "subnet-0123456789abcdef0" } } }),
        json!({ "environments": { "local": { "account": "123456789012" } } }),
        json!({ "environments": { "staging": { "reach": [{ "name": "a", "host": "h" }] } } }),
    ];
    for document in wrong {
        assert!(!validator.is_valid(&document), "{document}");
    }
}

/// What `default` says of a key is what the reader takes where the key is not given.
#[test]
fn defaults_are_those_of_the_reader() {
    let schema = lamex_config::schema();
    // By the name of a definition, a file with one of it, into which its defaults are put.
    let files = [
        ("", json!({ "environments": {} }), ""),
        ("CommandEntry", json!({ "commands": [{ "name": "a", "run": "./a" }] }), "/commands/0"),
        (
            "EnvironmentEntry",
            json!({ "environments": { "staging": STAGING.clone() } }),
            "/environments/staging",
        ),
        ("LocalEntry", json!({ "environments": { "local": {} } }), "/environments/local"),
        (
            "ReachEntry",
            json!({ "environments": { "staging": STAGING.clone() } }),
            "/environments/staging/reach/0",
        ),
        (
            "StatementEntry",
            json!({ "environments": { "staging": STAGING.clone() } }),
            "/environments/staging/role/statements/0",
        ),
    ];
    let mut stated = 0;
    for (definition, file, place) in files {
        let described = if definition.is_empty() { &schema } else { &schema["definitions"][definition] };
        let mut filled = file.clone();
        for (key, property) in described["properties"].as_object().unwrap() {
            if let Some(default) = property.get("default") {
                filled.pointer_mut(place).unwrap()[key] = default.clone();
                stated += 1;
            }
        }
        assert_ne!(file, filled, "{definition} states no default");
        assert_eq!(resolved(&file), resolved(&filled), "{definition}");
    }
    let with_default = |described: &Value| {
        let keys = described["properties"].as_object().into_iter().flatten();
        keys.filter(|(_, property)| property.get("default").is_some()).count()
    };
    let definitions = schema["definitions"].as_object().unwrap();
    let all = with_default(&schema) + definitions.values().map(with_default).sum::<usize>();
    assert_eq!(stated, all, "there is a default that this test does not reach");
}

static STAGING: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "account": "123456789012",
        "region": "us-east-2",
        "function": "f",
        "reach": [{ "name": "a", "host": "a", "port": 1, "cidr": "10.0.0.0/8" }],
        "role": { "statements": [{ "actions": ["*"], "resources": ["*"] }] },
    })
});

/// What the reader makes of a file, but for places in it.
fn resolved(file: &Value) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lamex.yaml");
    fs::write(&path, serde_json::to_vec(file).unwrap()).unwrap();
    let config = lamex_config::load(&path).unwrap();
    let commands: Vec<_> = config.commands.iter().map(plan::Command::from).collect();
    format!("{commands:?} {} {:?}", config.fail_fast, config.environments)
}

#[test]
fn it_has_the_limits_and_patterns_of_the_readers() {
    let validator = validator();
    let cases = parse(include_str!("cases.yaml"));
    let texts = |case: &Value, key: &str| -> Vec<String> {
        let texts = case[key].as_array().into_iter().flatten();
        texts.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    for case in cases["values"].as_array().unwrap() {
        let is_valid = |value: &String| {
            let settings = case["settings"].as_str().unwrap().replace("VALUE", value);
            validator.is_valid(&parse(&format!("environments: {{ staging: {{ {settings} }} }}")))
        };
        let refused = texts(case, "refused");
        let passing: Vec<_> = refused.iter().filter(|value| is_valid(value)).cloned().collect();
        assert_eq!(passing, texts(case, "unseen_by_editors"), "{}", case["settings"]);
        for value in texts(case, "accepted") {
            assert!(is_valid(&value), "{}: {value}", case["settings"]);
        }
    }
}

#[test]
fn every_key_is_described() {
    fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
        if let Some(properties) = schema["properties"].as_object() {
            for (key, property) in properties {
                if property["description"].as_str().is_none_or(str::is_empty) {
                    found.push(format!("{path}/{key}"));
                }
            }
        }
    }
    let schema = lamex_config::schema();
    let mut found = Vec::new();
    undescribed("", &schema, &mut found);
    let definitions = schema["definitions"].as_object().unwrap();
    for (name, definition) in definitions {
        undescribed(name, definition, &mut found);
    }
    assert!(definitions.len() >= 10, "{definitions:?}");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(schema["title"], "lamex.yaml");
}
