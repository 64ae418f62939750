//! From the plan to a process: folders, required variables, and values that must not be told.

use std::fs;

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Environment, Runner, TaskRoot};

#[test]
fn a_command_runs_in_its_folder_and_its_program_is_found_from_the_root() {
    let show = r#"pwd -P; echo "$PWD"; echo "$0""#;
    let root = TaskRoot::with_plan(&json!([
        { "name": "slash", "argv": ["./show"], "dir": "orders/systemtests" },
        { "name": "plain", "argv": ["bin/show"], "dir": "orders" },
        { "name": "path", "argv": ["sh", "-c", "pwd -P; cat data"], "dir": "orders" },
        { "name": "root", "argv": ["./show"] },
        { "name": "missing", "argv": ["./show"], "dir": "nowhere/at all" },
        { "name": "file", "argv": ["./show"], "dir": "show" },
        { "name": "no program", "argv": ["./nothing"], "dir": "orders" },
    ]))
    .script("show", show);
    fs::create_dir_all(root.join("orders/systemtests")).unwrap();
    fs::create_dir(root.join("bin")).unwrap();
    let root = root.script("bin/show", show).file("orders/data", "found");
    let transcript = Runner::start(&root).ask(json!({}));
    let folder = root.path().canonicalize().unwrap();
    let folder = folder.to_str().unwrap();
    assert_eq!(
        transcript.stdout(0),
        format!("{folder}/orders/systemtests\n{folder}/orders/systemtests\n{folder}/show\n")
    );
    assert_eq!(transcript.stdout(1), format!("{folder}/orders\n{folder}/orders\n{folder}/bin/show\n"));
    assert_eq!(transcript.stdout(2), format!("{folder}/orders\nfound"));
    let at_root = transcript.stdout(3);
    assert!(at_root.starts_with(&format!("{folder}\n")) && at_root.ends_with("\n./show\n"), "{at_root}");
    let not_started = [
        (4, "its working directory `nowhere/at all` is not in the package"),
        (5, "its working directory `show` is a file in the package, not a folder"),
        (6, "./nothing was not found in the package"),
    ];
    for (command, message) in not_started {
        assert_eq!(transcript.finished(command).ending, Ending::NotStarted);
        assert!(transcript.message(command).contains(message), "{}", transcript.message(command));
    }
}

#[test]
fn a_command_without_a_variable_that_it_requires_is_not_started() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "one", "argv": ["./touches"], "requires": ["HOME", "ORDERS_ADDR", "SET", "EMPTY"] },
        { "name": "three", "argv": ["./touches"], "requires": ["A", "SET", "B", "C"] },
        { "name": "all", "argv": ["true"], "requires": ["SET", "EMPTY", "TMPDIR"] },
        {
            "name": "parameter", "argv": ["true"], "requires": ["SHA"],
            "parameters": { "SHA": { "pattern": "[0-9a-f]+" } },
        },
    ]))
    .script("touches", "touch ran");
    let variables = vec![("SET", "x".to_owned()), ("EMPTY", String::new())];
    let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
    let transcript = runner.ask(json!({}));
    assert_eq!(
        transcript.message(0),
        "the variable ORDERS_ADDR is not set on the function system-tests, and the command requires it"
    );
    assert_eq!(
        transcript.message(1),
        "the variables A, B and C are not set on the function system-tests, and the command requires them"
    );
    for command in [0, 1, 3] {
        let finished = transcript.finished(command);
        assert_eq!((&finished.ending, finished.outcome), (&Ending::NotStarted, CommandOutcome::Failed));
    }
    assert_eq!(transcript.finished(2).outcome, CommandOutcome::Passed, "an empty one is set");
    assert!(!root.join("ran").exists());
    let with_parameter =
        runner.ask(json!({ "select": { "names": ["parameter"] }, "parameters": { "SHA": "1f" } }));
    assert_eq!(with_parameter.judgement, Judgement::Passed);
}

#[test]
fn values_of_variables_are_in_no_message() {
    const SECRET: &str = "hunter2";
    let not_started = |argv: Value| json!({ "name": argv.to_string().replace('"', ""), "argv": argv });
    let commands: Vec<Value> = [
        json!(["${PASSWORD}", "x"]),
        json!(["${PASSWORD}"]),
        json!(["./${PASSWORD}"]),
        json!(["./folder/${PASSWORD}"]),
        json!(["./bad-${PASSWORD}"]),
        json!(["./empty-${PASSWORD}"]),
        json!(["./mode-${PASSWORD}"]),
        json!(["./link-${PASSWORD}"]),
        json!(["./folder-${PASSWORD}"]),
        json!(["true", "${PASSWORD}", "${NOT_SET}"]),
    ]
    .into_iter()
    .map(not_started)
    .chain([
        json!({ "name": "none", "argv": ["sh", "-c", "echo 1..0", "${PASSWORD}"], "framework": "tap" }),
        json!({ "name": "go", "argv": ["./wrapper-${PASSWORD}", "-test.run=${PASSWORD}"], "framework": "go" }),
        json!({ "name": "dir", "argv": ["./${PASSWORD}"], "dir": "folder" }),
    ])
    .collect();
    let root = TaskRoot::with_plan(&json!(commands))
        .file("hunter2", "not executable, and in the package")
        .program("bad-hunter2", "#!/no/such/interpreter\n")
        .program("empty-hunter2", "")
        .file("mode-hunter2", "")
        .script("wrapper-hunter2", "echo 'testing: warning: no tests to run' >&2; echo PASS");
    fs::create_dir(root.join("folder")).unwrap();
    fs::create_dir(root.join("folder-hunter2")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("link-hunter2")).unwrap();
    let variables = vec![("PASSWORD", SECRET.to_owned())];
    let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
    let transcript = runner.ask(json!({}));
    assert_eq!(transcript.verdict().counts.failed, commands.len() as u64);
    let streamed = String::from_utf8_lossy(&transcript.exchange.body).into_owned();
    assert!(streamed.contains("`${PASSWORD}` was not found in PATH"), "{streamed}");
    let plain = runner.invoke("{}");
    runner.log_with("lamex: FAIL: 0 passed");
    for text in [streamed, String::from_utf8_lossy(&plain.body).into_owned(), runner.log_text()] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let shown = |command: u64| transcript.message(command).contains("${PASSWORD}");
    assert!(
        (0..9).all(shown) && shown(11) && shown(12),
        "{:?}",
        transcript.all_finished().collect::<Vec<_>>()
    );
}
