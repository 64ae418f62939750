//! The reports of one run: for people, as JSON, as JUnit, as raw events.

use std::fs::{self, File};
use std::process::Command;

use lamex_testing::finished::Finished;
use lamex_testing::junit::{Junit, Outcome};
use lamex_testing::project::Project;

/// One command that passes and one that does not, each with a word on stdout and stderr.
fn mixed() -> Project {
    let project = Project::from_commands("./good\n./bad\n");
    project.script("good", "echo said by good; echo warned by good >&2");
    project.script("bad", "echo said by bad; echo warned by bad >&2; exit 7");
    project
}

#[test]
fn people_see_output_as_it_comes_and_failures_again_at_the_end() {
    let shown = mixed().show(&[]).expect(1, &[]);
    let text = shown.stdout();
    for part in ["PASS", "FAIL", "it exited with code 7", "failed: 1 of 2 commands failed"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    for said in ["said by good\n", "warned by good\n", "said by bad\n", "warned by bad\n"] {
        assert_eq!(text.matches(said).count(), 1, "{text}");
    }
    assert_eq!(shown.stderr(), "");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn quiet_shows_failures_and_the_verdict_alone() {
    let text = mixed().show(&["-q"]).expect(1, &[]).stdout();
    for (part, is_shown) in [
        ("said by good", false),
        ("PASS", false),
        ("said by bad\n", true),
        ("warned by bad\n", true),
        ("FAIL", true),
        ("failed: 1 of 2 commands failed\n", true),
    ] {
        assert_eq!(text.contains(part), is_shown, "{part}: {text}");
    }
    let passed = mixed().show(&["-q", "--only", "good"]).expect(0, &[]);
    assert_eq!((passed.stdout().as_str(), passed.stderr().as_str()), ("passed: 1 command passed\n", ""));
}

#[test]
fn verbose_shows_arguments_figures_and_the_functions_log() {
    let shown = mixed().show(&["-v"]).expect(1, &[]);
    let (text, log) = (shown.stdout(), shown.stderr());
    for part in ["./good", "peak memory", "processor time"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    for part in ["START RequestId", "END RequestId", "REPORT RequestId"] {
        assert!(log.contains(part), "no {part} in {log}");
    }
}

#[test]
fn colours_are_a_choice() {
    let project = mixed();
    for (args, variables, is_colored) in [
        (&[][..], &[][..], false),
        (&["--color", "always"], &[], true),
        (&["--color", "always"], &[("NO_COLOR", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
    ] {
        let mut command = project.lamex_ctl(&project.invoke_args(args));
        command.envs(variables.iter().copied());
        let shown = Finished::new(command).expect(1, &[]);
        assert_eq!(shown.stdout().contains("\x1b["), is_colored, "{args:?} {variables:?}");
    }
}

#[test]
fn json_has_stdout_for_itself_and_junit_the_failure() {
    let run = mixed().invoke(&[]).expect(1, &["said by good", "FAIL", "failed: 1 of 2 commands failed"]);
    assert_eq!(run.document["message"], "1 of 2 commands failed");
    assert_eq!(run.command("bad")["message"], "it exited with code 7");
    assert_eq!(run.command("good")["stderr_bytes"], "warned by good\n".len());
    assert_eq!(run.junit.case("good", "good").outcome, Outcome::Passed);
    let bad = run.junit.case("bad", "bad");
    assert_eq!((bad.outcome, bad.message.as_str()), (Outcome::Failed, "it exited with code 7"));
    assert!(bad.text.contains("said by bad\n") && bad.text.contains("warned by bad\n"), "{bad:?}");
}

#[test]
fn reports_go_to_folders_that_are_made_for_them() {
    let project = mixed();
    project
        .show(&["--only", "good", "--junit", "new/folder/junit.xml", "--events", "other/events.jsonl"])
        .expect(0, &[]);
    assert!(Junit::read(&project.path("new/folder/junit.xml")).is_green());
    assert!(fs::read(project.path("other/events.jsonl")).unwrap().ends_with(b"}\n"));
}

fn to_full(mut command: Command) -> Finished {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    Finished { code: output.status.code(), stdout: output.stdout, stderr: output.stderr }
}

#[test]
fn a_pass_that_cannot_be_told_is_none() {
    let project = mixed();
    for args in [&["--output", "human"][..], &["--output", "json"], &["-q"]] {
        let green = project.report("junit.xml");
        fs::write(&green, "<testsuites tests=\"0\"/>").unwrap();
        let args = [&["--only", "good", "--junit", green.to_str().unwrap()], args].concat();
        to_full(project.lamex_ctl(&project.invoke_args(&args))).expect(4, &["No space left on device"]);
        project.assert_nothing_is_left();
        assert!(!Junit::read(&green).is_green(), "of an earlier run");
    }
    project.show(&["--only", "good", "--events", "/dev/full"]).expect(4, &["cannot write the events"]);
}
