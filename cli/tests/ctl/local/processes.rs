//! What commands do to themselves and leave behind.

use lamex_testing::project::Project;
use serde_json::json;

#[test]
fn a_signal_that_ends_a_command_is_named() {
    let signals = [("SEGV", 11), ("ABRT", 6), ("KILL", 9), ("TERM", 15)];
    let project = Project::new();
    let mut commands = String::new();
    for (name, _) in signals {
        project.script(name, &format!("echo first; ulimit -c 0; kill -{name} $$"));
        commands += &format!("./{name}\n");
    }
    project.script("group", "kill -9 0");
    project.file("commands.txt", format!("{commands}./group\ntrue\n"));
    let run = project.invoke(&[]).expect(1, &["ABORT", "it was ended by SIGSEGV"]);
    for (name, signal) in signals.into_iter().chain([("group", 9)]) {
        let command = run.command(name);
        assert_eq!(command["outcome"], "failed");
        let ending = json!({ "kind": "signaled", "signal": signal, "core_dumped": false });
        assert_eq!(command["ending"], ending);
    }
    assert_eq!(run.command("true")["outcome"], "passed");
}

#[test]
fn a_command_that_ignores_sigterm_is_killed() {
    let project = Project::from_script("trap '' TERM\necho waiting\nwhile :; do sleep 600; done");
    let run = project.invoke(&["--timeout", "1s"]).expect(1, &["TIMEOUT", "waiting"]);
    assert_eq!(run.command("test")["ending"], json!({ "kind": "timed_out", "after_ms": 1_000 }));
}

/// A command that leaves a daemon behind, which is started with these redirections, and one that looks for it.
fn daemon(redirections: &str) -> Project {
    let project = Project::from_commands("./starts\n./looks\n");
    project.script(
        "starts",
        &format!(
            "(setsid sh -c 'echo $$ >pid; exec sleep 600' {redirections} &)\nuntil [ -s pid ]; do :; done\necho done"
        ),
    );
    project.script("looks", "grep -q sleep \"/proc/$(cat pid)/comm\" && exit 1\necho gone");
    project
}

#[test]
fn a_daemon_is_ended_before_the_next_command() {
    let run = daemon(">/dev/null 2>&1")
        .invoke(&[])
        .expect(0, &["the command left processes behind; they were ended", "gone"]);
    assert_eq!(run.stdout(), b"done\n");
    let warnings = run.document["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0]["command"], 0);
}

#[test]
fn work_that_goes_on_in_the_background_and_is_cut_off_is_no_pass() {
    let run = daemon("").invoke(&[]).expect(1, &["something that it started still held its stdout", "gone"]);
    assert_eq!(run.outcomes(), [("starts", "failed"), ("looks", "passed")]);
}

#[test]
fn stdin_is_at_its_end() {
    let project = Project::from_script("cat\nread -r line || echo 'nothing to read'");
    let run = project.invoke(&[]).expect(0, &[]);
    assert_eq!(run.stdout(), b"nothing to read\n");
}

#[test]
fn commands_see_the_functions_environment_and_nothing_of_the_callers() {
    let project = Project::from_config(
        "
commands: [{ name: prints, run: env }]
environments: { local: { env: { ORDERS_ADDR: 'orders:1' } } }
",
    );
    let output = project.lamex_ctl(&["invoke"]).env("CALLERS_SECRET", "hidden").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ORDERS_ADDR=orders:1\n") && text.contains("TMPDIR="), "{text}");
    for withheld in ["AWS_LAMBDA_RUNTIME_API", "_HANDLER=", "CALLERS_SECRET"] {
        assert!(!text.contains(withheld), "{withheld} in {text}");
    }
}

#[test]
fn two_thousand_commands_are_all_accounted_for() {
    let project = Project::from_commands(&"true\n".repeat(2_000));
    let run = project.invoke(&["-q"]).expect(0, &["passed: 2000 commands passed"]);
    assert_eq!(run.outcomes().len(), 2_000);
    assert_eq!(run.junit.cases.len(), 2_000);
    assert_eq!(run.document["counts"], json!({ "passed": 2_000, "failed": 0, "skipped": 0, "not_run": 0 }));
}
