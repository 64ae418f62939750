//! What a request may select and set, and what a command line becomes.

use lamex_protocol::event::CommandOutcome::{Passed, Skipped};
use lamex_protocol::event::{Ending, VerdictOutcome};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Environment, Runner, TaskRoot, Transcript};

fn abc() -> TaskRoot {
    TaskRoot::with_plan(&json!([
        { "name": "a", "argv": ["true"], "tags": ["quick"] },
        { "name": "b", "argv": ["true"], "tags": ["slow", "quick"] },
        { "name": "c", "argv": ["true"] },
    ]))
}

fn names(transcript: &Transcript) -> Vec<&str> {
    transcript.outcomes().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn commands_are_selected_by_name_tag_and_index_each_once_in_the_plans_order() {
    let runner = Runner::start(&abc());
    let cases: [(Value, &[&str]); 6] = [
        (json!({}), &["a", "b", "c"]),
        (json!({ "names": ["c", "a"] }), &["a", "c"]),
        (json!({ "tags": ["quick"] }), &["a", "b"]),
        (json!({ "indexes": [2, 0, 2] }), &["a", "c"]),
        (json!({ "names": ["b"], "tags": ["quick", "slow"], "indexes": [1] }), &["a", "b"]),
        (json!({ "names": [] }), &["a", "b", "c"]),
    ];
    for (select, expected) in cases {
        let transcript = runner.ask(json!({ "select": select }));
        assert_eq!(transcript.judgement, Judgement::Passed);
        assert_eq!(names(&transcript), expected, "{select}");
        assert_eq!(transcript.hello().selected, expected.len() as u64);
    }
}

#[test]
fn what_the_package_does_not_have_is_refused() {
    let runner = Runner::start(&abc());
    let cases = [
        (json!({ "names": ["a", "d"] }), "no command named `d`"),
        (json!({ "tags": ["nightly"] }), "no command with the tag `nightly`"),
        (json!({ "indexes": [3] }), "no command 3: it has 3, counted from 0"),
    ];
    for (select, reason) in cases {
        let transcript = runner.ask(json!({ "select": select }));
        assert!(
            matches!(&transcript.judgement, Judgement::Refused(why) if why.contains(reason)),
            "{:?}",
            transcript.judgement
        );
        assert_eq!(names(&transcript), [""; 0], "nothing ran");
    }
}

#[test]
fn destructive_commands_run_only_where_the_function_says_so() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "read", "argv": ["true"], "tags": ["all"] },
        { "name": "wipe", "argv": ["./script"], "tags": ["all"], "destructive": true },
    ]))
    .script("script", "echo ran >> runs");
    let wiped = || std::fs::remove_file(root.join("runs")).is_ok();
    let allowing = |value: &str| {
        let variables = vec![("LAMEX_ALLOW_DESTRUCTIVE", value.to_owned())];
        Runner::start_in(&root, Environment { variables, ..Environment::default() })
    };

    for runner in [Runner::start(&root), allowing("1"), allowing("TRUE"), allowing("")] {
        let transcript = runner.ask(json!({ "allow_destructive": true }));
        assert_eq!(transcript.outcomes(), [("read", Passed), ("wipe", Skipped)]);
        assert_eq!(transcript.finished(1).ending, Ending::Skipped);
        assert_eq!(transcript.judgement, Judgement::Passed);
        let selections =
            [json!({ "names": ["wipe"] }), json!({ "tags": ["all"] }), json!({ "indexes": [0, 1] })];
        for select in selections {
            let transcript = runner.ask(json!({ "select": select }));
            assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused, "{select}");
            assert!(transcript.reason().contains("`wipe`") && transcript.outcomes().is_empty());
        }
        let exchange = runner.invoke("{}");
        assert_eq!(exchange.kind(), "response");
        let report: Value = serde_json::from_slice(&exchange.body).unwrap();
        assert_eq!(report["commands"][1]["outcome"], "skipped");
        assert!(!wiped());
    }

    let runner = allowing("true");
    assert_eq!(runner.ask(json!({})).outcomes(), [("read", Passed), ("wipe", Skipped)]);
    assert!(!wiped(), "the caller has not allowed it");
    assert_eq!(
        runner.ask(json!({ "allow_destructive": true })).outcomes(),
        [("read", Passed), ("wipe", Passed)]
    );
    assert!(wiped());
    let transcript = runner.ask(json!({ "select": { "names": ["wipe"] }, "allow_destructive": true }));
    assert_eq!(transcript.outcomes(), [("wipe", Passed)]);
    assert!(wiped());
    let report: Value = serde_json::from_slice(&runner.invoke("{}").body).unwrap();
    assert_eq!(report["commands"][1]["outcome"], "skipped", "a plain invocation never runs it");
    assert!(!wiped());
}

#[test]
fn only_skipped_commands_are_no_pass() {
    let root = TaskRoot::with_plan(&json!([{ "name": "wipe", "argv": ["true"], "destructive": true }]));
    let runner = Runner::start(&root);
    assert_eq!(runner.ask(json!({})).judgement, Judgement::Empty);
    assert_eq!(runner.invoke("{}").kind(), "error");
}

/// One command that prints its arguments, a line each, and the variable `SHA`.
fn printing(arguments: &Value) -> TaskRoot {
    let mut argv = vec![json!("./script")];
    argv.extend(arguments.as_array().unwrap().iter().cloned());
    TaskRoot::with_plan(&json!([
        { "name": "print", "argv": argv, "parameters": {
            "SHA": { "pattern": "[0-9a-f]{4}" },
            "MODE": { "pattern": "fast|slow", "default": "fast" },
        } },
        { "name": "other", "argv": ["./script"], "parameters": { "ONLY_OTHERS": { "pattern": ".*" } } },
    ]))
    .script("script", r#"for word; do echo "<$word>"; done; echo "SHA=${SHA-unset} MODE=${MODE-unset}""#)
}

#[test]
fn parameters_are_set_where_they_are_declared_and_match() {
    let runner = Runner::start(&printing(&json!([])));
    let only = json!({ "names": ["print"] });
    let cases = [
        (json!({}), "SHA=unset MODE=fast\n"),
        (json!({ "SHA": "12af" }), "SHA=12af MODE=fast\n"),
        (json!({ "SHA": "12af", "MODE": "slow" }), "SHA=12af MODE=slow\n"),
    ];
    for (parameters, expected) in cases {
        let transcript = runner.ask(json!({ "select": only, "parameters": parameters }));
        assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
        assert_eq!(transcript.stdout(0), expected);
    }
    let all = runner.ask(json!({ "parameters": { "SHA": "12af" } }));
    assert_eq!(all.stdout(1), "SHA=unset MODE=unset\n", "another command does not declare it");

    let refused = [
        (json!({ "SHA": "12ag" }), "does not match the pattern `[0-9a-f]{4}`"),
        (json!({ "SHA": "12af\n" }), "does not match"),
        (json!({ "SHA": "" }), "does not match"),
        (json!({ "MODE": "fastest" }), "does not match"),
        (json!({ "PATH": "/tmp" }), "no selected command declares the parameter `PATH`"),
        (json!({ "LD_PRELOAD": "/tmp/x.so" }), "no selected command declares"),
        (json!({ "LAMEX_ALLOW_DESTRUCTIVE": "true" }), "no selected command declares"),
        (json!({ "ONLY_OTHERS": "x" }), "no selected command declares the parameter `ONLY_OTHERS`"),
        (json!({ "SHA": 1 }), "invalid type"),
    ];
    for (parameters, reason) in refused {
        let transcript = runner.ask(json!({ "select": only, "parameters": parameters }));
        assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused, "{parameters}");
        assert!(transcript.reason().contains(reason), "{}", transcript.reason());
    }
}

#[test]
fn variables_are_filled_in_after_the_splitting() {
    let root = printing(&json!(["-addr=${ADDR}", "$${ADDR}", "$ADDR", "${MODE}-${SHA}", "$$"]));
    let variables = vec![("ADDR", "a b 'c' ${SHA} *".to_owned())];
    let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
    let transcript = runner.ask(json!({ "parameters": { "SHA": "12af" } }));
    assert_eq!(
        transcript.stdout(0).lines().take(5).collect::<Vec<_>>(),
        ["<-addr=a b 'c' ${SHA} *>", "<${ADDR}>", "<$ADDR>", "<fast-12af>", "<$$>"]
    );
    let missing = runner.ask(json!({}));
    assert_eq!(missing.judgement, Judgement::Failed);
    assert_eq!(missing.finished(0).ending, Ending::NotStarted);
    for part in ["SHA", "not set", "system-tests"] {
        assert!(missing.message(0).contains(part), "{}", missing.message(0));
    }
    assert_eq!(missing.stdout(0), "");
}

#[test]
fn commands_txt_is_taken_literally() {
    let root = TaskRoot::with_commands("\u{feff}./script '${HOME} $X' '$${Y}' \\\n\r\n \"\" *.txt")
        .script("script", r#"for word; do echo "<$word>"; done"#);
    // The backslash stands at the end of a line of its own file: an error of that line.
    let runner = Runner::start(&root);
    let exchange = runner.exchange();
    let body = String::from_utf8_lossy(&exchange.body);
    assert!(body.contains("commands.txt:1:31: nothing follows"), "{body}");

    let root = TaskRoot::with_commands("\u{feff}./script '${HOME} $X' '$${Y}' \"\" *.txt\r\n")
        .script("script", r#"for word; do echo "<$word>"; done"#);
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.stdout(0), "<${HOME} $X>\n<$${Y}>\n<>\n<*.txt>\n");
}

#[test]
fn a_value_does_not_become_an_option() {
    let command = json!([{
        "name": "a", "argv": ["./script", "${FILTER}"],
        "parameters": { "FILTER": { "pattern": ".*", "default": "-default" } },
    }, {
        "name": "meant", "argv": ["./script", "-x=${FILTER}", "${FLAG}"],
        "parameters": { "FILTER": { "pattern": ".*", "default": "x" }, "FLAG": { "pattern": "-v|-q", "default": "-v" } },
    }, {
        "name": "of-the-function", "argv": ["./script", "${FROM_FUNCTION}"],
    }]);
    let root = TaskRoot::with_plan(&command).script("script", r#"for word; do echo "<$word>"; done"#);
    let variables = vec![("FROM_FUNCTION", "-test.run=Hidden".to_owned())];
    let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
    let transcript = runner.ask(json!({ "parameters": { "FILTER": "-test.run=Nothing" } }));
    assert_eq!(transcript.judgement, Judgement::Failed);
    for (index, name) in [(0, "FILTER"), (2, "FROM_FUNCTION")] {
        assert_eq!(transcript.finished(index).ending, Ending::NotStarted);
        let message = transcript.message(index);
        assert!(message.contains(&format!("the variable {name} begins with `-`")), "{message}");
        assert!(!message.contains("-test.run"), "values are not told: {message}");
    }
    assert_eq!(transcript.stdout(1), "<-x=-test.run=Nothing>\n<-v>\n");
    // The default is no better, and a value without a hyphen runs.
    assert_eq!(runner.ask(json!({})).finished(0).ending, Ending::NotStarted);
    let good = runner.ask(json!({ "parameters": { "FILTER": "x-y" } }));
    assert_eq!(good.stdout(0), "<x-y>\n");
}
