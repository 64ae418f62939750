//! A run that somebody watches on a terminal.

use std::fs;
use std::path::Path;
use std::process::Command;

use lamex_testing::binaries::lamex_ctl;
use lamex_testing::live::Live;
use lamex_testing::project::Project;

/// lamex-ctl in this folder, on a terminal.
fn on_a_terminal(project: &Project, arguments: &str) -> Command {
    assert!(Path::new("/usr/bin/script").exists(), "`script` of util-linux is needed for a terminal");
    let mut command = Command::new("/usr/bin/script");
    command
        .args([
            "-qec",
            &format!("exec {} invoke --task-root . {arguments}", lamex_ctl().display()),
            "/dev/null",
        ])
        .current_dir(project.root())
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("TERM", "xterm"), ("SHELL", "/bin/sh")])
        .env("TMPDIR", project.report("tmp"));
    fs::create_dir(project.report("tmp")).unwrap();
    command
}

#[test]
fn progress_is_drawn_and_leaves_the_terminal_as_it_was() {
    let project = Project::from_script("until [ -e seen ]; do sleep 0.01; done; printf 'no newline'; exit 9");
    let mut run = Live::start(on_a_terminal(&project, ""));
    run.until("0 of 1 command ended");
    fs::write(project.path("seen"), "").unwrap();
    let finished = run.finish();
    assert_eq!(finished.code, Some(1), "{}", finished.stdout());
    let text = finished.stdout();
    assert!(text.contains("\x1b[31m"), "no colours: {text:?}");
    let (_, end) = text.rsplit_once("no newline").unwrap();
    assert!(end.contains("FAIL") && !end.contains("command ended"), "{end:?}");
    assert!(end.trim_end().ends_with(": 1 of 1 command failed"), "{end:?}");
    let last = |sequence: &str| text.rfind(sequence);
    assert!(last("\x1b[?25l") <= last("\x1b[?25h"), "the cursor is hidden: {text:?}");
    assert_eq!(project.processes(), [""; 0]);
}

#[test]
fn what_a_test_does_to_the_terminal_is_undone_also_without_colours() {
    // The alternate screen, a hidden cursor, red, and a title that takes everything that follows.
    let project = Project::from_script(r"printf '\033[?1049h\033[?25l\033[31m\033]0;title\n'; exit 9");
    let finished = Live::start(on_a_terminal(&project, "--color never")).finish();
    assert_eq!(finished.code, Some(1), "{}", finished.stdout());
    let text = finished.stdout();
    let (_, end) = text.rsplit_once("\x1b]0;title\r\n").unwrap();
    // A terminal carries out what it gets; whatever is not a sequence is seen.
    let end = end.strip_prefix("\x1b\\\x1b[?1049l\x1b[?25h\x1b[0m\r\n").unwrap_or_else(|| panic!("{end:?}"));
    assert!(
        end.starts_with("        FAIL ") && end.ends_with("failed: 1 of 1 command failed\r\n"),
        "{end:?}"
    );
    assert_eq!(project.processes(), [""; 0]);
}
