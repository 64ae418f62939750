//! A package without a usable plan: the runner says so to `init/error` and ends.

use serde_json::Value;

use crate::support::{Environment, Runner, TaskRoot};

/// The message of the init error; the runner must end with a failure and say the same in its last words.
fn init_error(root: &TaskRoot) -> String {
    let mut runner = Runner::start(root);
    let exchange = runner.exchange();
    assert_eq!(exchange.path, "/2018-06-01/runtime/init/error");
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.InitError"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(document["errorType"], "Function.InitError");
    let message = document["errorMessage"].as_str().unwrap().to_owned();
    let status = runner.wait();
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    let (_, errors) = runner.finish();
    assert!(errors.contains(&message), "{errors}");
    message
}

#[test]
fn a_package_without_a_plan_says_what_to_do() {
    let message = init_error(&TaskRoot::new());
    for part in ["commands.txt", "lamex.plan.json", "lamex-ctl package"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn two_plans_are_one_too_many() {
    let root = TaskRoot::with_plan(&serde_json::json!([])).file("commands.txt", "true");
    assert!(init_error(&root).contains("two plans"));
}

#[test]
fn a_broken_plan_is_named_with_its_place() {
    let cases: [(&str, &[u8], &str); 16] = [
        ("lamex.plan.json", b"{\"lamex\": 1,\n  \"commands\": [}", "lamex.plan.json:2:16: "),
        ("lamex.plan.json", b"{\"lamex\": 1, \"commands\": 7}", "lamex.plan.json:1:26: invalid type"),
        ("lamex.plan.json", b"", "lamex.plan.json:1:0: "),
        ("lamex.plan.json", br#"{"lamex":2,"commands":[]}"#, "version 2, this runner reads version 1"),
        (
            "lamex.plan.json",
            br#"{"lamex":1,"commands":[{"name":"a","argv":["x"]},{"name":"a","argv":["x"]}]}"#,
            "command 1: the name `a` is taken already",
        ),
        (
            "lamex.plan.json",
            br#"{"lamex":1,"commands":[{"name":"a","argv":["sh","-c","echo ${X}"]}]}"#,
            "inside a shell's -c argument",
        ),
        (
            "lamex.plan.json",
            br#"{"lamex":1,"commands":[{"name":"a","argv":["x"],"parameters":{"LD_PRELOAD":{"pattern":""}}}]}"#,
            "the parameter `LD_PRELOAD` is reserved",
        ),
        (
            "lamex.plan.json",
            br#"{"lamex":1,"commands":[{"name":"a","argv":["x"],"phase":"warmup"}]}"#,
            "unknown variant `warmup`, expected one of `setup`, `test`, `teardown`",
        ),
        ("commands.txt", b"true\n./a 'open\n", "commands.txt:2:5: this single quote is never closed"),
        ("commands.txt", b"true\n\xff\n", "commands.txt:2: not UTF-8"),
        ("commands.txt", b"true\n./migrate && ./tests\n", "commands.txt:2:11: `&&` joins commands"),
        ("commands.txt", b"true\n./tests 2>&1\n", "commands.txt:2:9: `2>&1` redirects"),
        ("commands.txt", b"./tests -run=${FILTER}\n", "commands.txt:1:14: `${FILTER}` stands for something else"),
        ("commands.txt", b"# all\r./first\r./second\r", "commands.txt:1:6: a carriage return"),
        ("commands.txt", b"cd x\n", "run it in a shell: `sh -c 'cd x'`"),
        (
            "lamex.plan.json",
            br#"{"lamex":1,"commands":[{"name":"a","argv":["python3","-c","print(${X})"]}]}"#,
            "inside the code that `python` is given",
        ),
    ];
    for (file, contents, expected) in cases {
        let message = init_error(&TaskRoot::new().file(file, contents));
        assert!(message.contains(expected) && message.starts_with(file), "{message}");
    }
}

#[test]
fn a_plan_that_cannot_be_read_is_named() {
    let root = TaskRoot::new();
    std::fs::create_dir(root.join("commands.txt")).unwrap();
    let message = init_error(&root);
    assert!(message.contains("commands.txt: Is a directory"), "{message}");
}

#[test]
fn outside_lambda_it_says_what_starts_it() {
    let root = TaskRoot::with_commands("true");
    let environment = Environment { shell: Some("unset LAMBDA_TASK_ROOT".into()), ..Environment::default() };
    let mut runner = Runner::start_in(&root, environment);
    assert_eq!(runner.wait().code(), Some(1));
    let (_, errors) = runner.finish();
    assert!(errors.contains("LAMBDA_TASK_ROOT is not set") && errors.contains("lamex-ctl"), "{errors}");
}

#[test]
fn a_reason_survives_a_runtime_api_that_is_not_there() {
    let environment = Environment {
        // The discard port, where nothing listens.
        variables: vec![("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9".to_owned())],
        ..Environment::default()
    };
    let mut runner = Runner::start_in(&TaskRoot::new(), environment);
    assert_eq!(runner.wait().code(), Some(1));
    let (_, errors) = runner.finish();
    assert!(errors.contains("the package has no plan"), "{errors}");
    assert!(errors.contains("cannot reach the Runtime API"), "{errors}");
}
