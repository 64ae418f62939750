//! Setup and teardown, as `lamex-ctl invoke` runs and tells of them.

use lamex_testing::project::Project;

const SUITE: &str = "
commands:
  - { name: clear, run: ./note clear, phase: teardown }
  - { name: orders, run: ./note orders }
  - { name: payments, run: ./note payments }
  - { name: seed, run: SCRIPT seed, phase: setup }
package: { include: [note] }
";

fn suite(seed: &str) -> Project {
    let project = Project::from_config(&SUITE.replace("SCRIPT", seed));
    let notes = project.path("notes");
    project.script("note", &format!("echo \"$1\" >> {}", notes.display()));
    project
}

fn notes(project: &Project) -> Vec<String> {
    let notes = std::fs::read_to_string(project.path("notes")).unwrap();
    notes.lines().map(str::to_owned).collect()
}

#[test]
fn one_test_runs_with_what_is_around_it() {
    let project = suite("./note");
    project.invoke(&["--only", "orders"]).expect(0, &["passed: 3 commands passed"]);
    assert_eq!(notes(&project), ["seed", "orders", "clear"]);
}

#[test]
fn tests_that_did_not_run_are_named_with_the_reason() {
    let project = suite("false");
    let told = ["the setup command `seed` did not pass: no test is run", "NOT RUN", "orders", "payments"];
    project.show(&[]).expect(1, &told);
    assert_eq!(notes(&project), ["clear"]);
}
