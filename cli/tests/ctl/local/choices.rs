//! What of the plan runs, and with what: selection, stopping, timeouts, parameters, runners, guards.

use std::fs;

use lamex_testing::binaries::bootstrap;
use lamex_testing::project::Project;
use serde_json::json;

const THREE: &str = "
commands:
  - { name: first, run: 'true', tags: [quick] }
  - { name: second, run: 'true', tags: [slow] }
  - { name: third, run: 'true', tags: [quick, late] }
";

#[test]
fn commands_are_selected_by_name_and_tag_in_the_order_of_the_plan() {
    let project = Project::from_config(THREE);
    for (args, expected) in [
        (&[][..], &["first", "second", "third"][..]),
        (&["--only", "second"], &["second"]),
        (&["--only", "third", "--only", "first", "--only", "first"], &["first", "third"]),
        (&["--tag", "quick"], &["first", "third"]),
        (&["--tag", "late", "--tag", "slow"], &["second", "third"]),
        (&["--tag", "slow", "--only", "first"], &["first", "second"]),
    ] {
        let run = project.invoke(args).expect(0, &[]);
        let expected: Vec<_> = expected.iter().map(|name| (*name, "passed")).collect();
        assert_eq!(run.outcomes(), expected, "{args:?}");
    }
}

#[test]
fn a_failure_stops_the_run_only_where_that_is_wanted() {
    let commands = "
commands:
  - { name: good, run: 'true' }
  - { name: bad, run: sh -c 'exit 3' }
  - { name: later, run: 'true' }
";
    let in_file = format!("fail_fast: true\n{commands}");
    for (config, args, stops) in [
        (commands, &[][..], false),
        (commands, &["--fail-fast"][..], true),
        (in_file.as_str(), &[][..], true),
    ] {
        let run = Project::from_config(config).invoke(args).expect(1, &["it exited with code 3"]);
        assert_eq!(run.command("bad")["ending"], json!({ "kind": "exited", "code": 3 }));
        if stops {
            assert_eq!(run.outcomes(), [("good", "passed"), ("bad", "failed")]);
            assert_eq!(run.document["remaining"], json!([{ "command": 2, "name": "later" }]));
            assert!(run.human.contains("NOT RUN"), "{}", run.human);
        } else {
            assert_eq!(run.outcomes(), [("good", "passed"), ("bad", "failed"), ("later", "passed")]);
            assert_eq!(run.document["remaining"], json!([]));
        }
    }
}

#[test]
fn the_time_out_of_the_command_line_replaces_that_of_the_file() {
    let project = Project::from_config("commands: [{ name: hangs, run: sleep 600, timeout: 10m }]");
    let run = project.invoke(&["--timeout", "1s"]).expect(1, &["TIMEOUT", "timeout of 1s"]);
    assert_eq!(run.command("hangs")["ending"], json!({ "kind": "timed_out", "after_ms": 1_000 }));
}

const GREETING: &str = r#"
commands:
  - name: greets
    run: [sh, -c, 'echo "$1, $WHO"', sh, "hello ${WHO}"]
    parameters:
      WHO: { pattern: "[a-z $();]+", default: nobody }
  - name: asks
    run: "true"
"#;

#[test]
fn parameters_are_filled_in_and_never_become_code() {
    let project = Project::from_config(GREETING);
    for (args, expected) in [
        (&[][..], "hello nobody, nobody\n"),
        (&["--param", "WHO=you"], "hello you, you\n"),
        (&["--param", "WHO=a b $(id);"], "hello a b $(id);, a b $(id);\n"),
    ] {
        let run = project.invoke(args).expect(0, &[]);
        assert_eq!(String::from_utf8(run.stdout()).unwrap(), expected);
    }
}

#[test]
fn a_value_that_does_not_match_is_refused_and_nothing_runs() {
    let project = Project::from_config(GREETING);
    for value in ["WHO=YOU", "WHO=", "WHO=you\n"] {
        let run = project.invoke(&["--param", value]).expect(3, &["refused: ", "does not match the pattern"]);
        assert_eq!(run.outcomes(), []);
    }
}

#[test]
fn destructive_commands_run_only_where_the_environment_allows_them() {
    let commands = "
commands:
  - { name: reads, run: 'true' }
  - { name: wipes, run: touch wiped, destructive: true, tags: [risky] }
";
    let project = Project::from_config(commands);
    let run = project.invoke(&[]).expect(0, &["SKIP"]);
    assert_eq!(run.outcomes(), [("reads", "passed"), ("wipes", "skipped")]);
    for args in [&["--only", "wipes"][..], &["--tag", "risky"], &["--only", "reads", "--only", "wipes"]] {
        let run = project.invoke(args).expect(3, &["refused: ", "`wipes`", "destructive"]);
        assert_eq!(run.outcomes(), []);
    }
    let allowed = commands.replace("touch wiped", "'true'");
    let allowed = format!("{allowed}\nenvironments: {{ local: {{ allow_destructive: true }} }}");
    let run = Project::from_config(&allowed).invoke(&["--only", "wipes"]).expect(0, &[]);
    assert_eq!(run.outcomes(), [("wipes", "passed")]);
}

#[test]
fn the_runner_is_the_one_that_was_named() {
    let project = Project::from_script(r#"tr '\0' '\n' <"/proc/$PPID/cmdline""#);
    let copy = |name: &str| {
        let path = project.path(name);
        fs::copy(bootstrap(), &path).unwrap();
        path.canonicalize().unwrap().to_str().unwrap().to_owned()
    };
    let (named, by_variable) = (copy("named"), copy("by-variable"));
    let beside = bootstrap().canonicalize().unwrap().to_str().unwrap().to_owned();
    let ran = |args: &[&str], variable: Option<&str>| {
        let mut command = project.lamex_ctl(&project.invoke_args(args));
        command.envs(variable.map(|path| ("LAMEX_RUNNER", path)));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ran(&[], None).contains(&format!("{beside}\n")));
    assert!(ran(&[], Some(&by_variable)).contains(&format!("{by_variable}\n")));
    assert!(ran(&["--runner", &named], Some(&by_variable)).contains(&format!("{named}\n")));
    assert!(ran(&["--runner", "./named"], None).contains(&format!("{named}\n")));
    let own = copy("bootstrap");
    assert!(ran(&[], None).contains(&format!("{own}\n")), "the task root's own");
    assert!(ran(&["--runner", &named], None).contains(&format!("{named}\n")));
}

/// The first command passes; what it leaves behind withstands SIGTERM until the function's time is over.
#[test]
fn what_there_was_no_time_for_is_incomplete() {
    let run = Project::from_config(
        "
commands:
  - { name: passes, run: \"sh -c '(trap \\\"\\\" TERM; while :; do sleep 600; done) > /dev/null 2>&1 & exit 0'\" }
  - { name: never, run: 'true' }
environments: { local: { timeout: 5s } }
",
    )
    .invoke(&[])
    .expect(5, &["incomplete: nothing failed, but 1 command never ran", "NOT RUN"]);
    assert_eq!(run.outcomes(), [("passes", "passed")]);
    assert_eq!(run.document["remaining"], json!([{ "command": 1, "name": "never" }]));
}

#[test]
fn a_run_of_nothing_is_no_pass() {
    for commands in ["", "# nothing to run\n\n"] {
        let run = Project::from_commands(commands).invoke(&[]);
        run.expect(6, &["nothing was run: there was no command to run"]);
    }
    let run = Project::from_config("commands: [{ name: wipes, run: 'true', destructive: true }]").invoke(&[]);
    let run = run.expect(6, &["nothing was run: the only command was skipped"]);
    assert_eq!(run.outcomes(), [("wipes", "skipped")]);
}

#[test]
fn two_invocations_run_at_once() {
    let folder = Project::new();
    let meet = |own: &str, other: &str| {
        let (own, other) = (folder.path(own), folder.path(other));
        let wait = format!("touch {}\nuntil [ -e {} ]; do sleep 0.01; done", own.display(), other.display());
        Project::from_script(&wait)
    };
    let (one, other) = (meet("one", "other"), meet("other", "one"));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| one.invoke(&[]));
        let second = scope.spawn(|| other.invoke(&[]));
        let (first, second) = (first.join().unwrap().expect(0, &[]), second.join().unwrap().expect(0, &[]));
        assert_ne!(first.document["run_id"], second.document["run_id"]);
    });
}
