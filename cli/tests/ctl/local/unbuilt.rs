//! A run of some commands does not need the programs of the others.

use lamex_testing::finished::Finished;
use lamex_testing::project::Project;

const TWO: &str = "
package: { include: [built, unbuilt, data] }
commands:
  - { name: built, run: ./built, tags: [quick] }
  - { name: unbuilt, run: ./unbuilt }
  - { name: wrapped, run: timeout 9 ./unbuilt, tags: [wrapped] }
";

fn project() -> Project {
    let project = Project::of_config(TWO);
    project.script("built", "echo built ran");
    project.file("data", "");
    project
}

#[test]
fn what_only_others_run_may_be_missing() {
    let project = project();
    let left_out = ["unbuilt is missing: left out, and so `unbuilt`", "passed: 1 command passed"];
    for args in [["--only", "built"], ["--tag", "quick"]] {
        project.show(&args).expect(0, &left_out);
    }
    project.invoke(&["--only", "built"]).expect(0, &["left out"]);
    project.script("unbuilt", "echo unbuilt ran");
    let all = project.show(&[]).expect(0, &["built ran", "unbuilt ran"]);
    assert!(!all.stderr().contains("left out"), "{}", all.stderr());
}

#[test]
fn everything_else_that_is_missing_is_an_error() {
    let project = project();
    let missing = ["there is no `unbuilt`"];
    for args in
        [&[][..], &["--only", "unbuilt"], &["--only", "wrapped"], &["--only", "built", "--tag", "wrapped"]]
    {
        project.show(args).expect(2, &missing);
    }
    std::fs::remove_file(project.path("data")).unwrap();
    project.show(&["--only", "built"]).expect(2, &["there is no `data`"]);
    project.file("data", "");
    // Packing needs everything.
    let package = Finished::of(project.lamex_ctl(&["package"]));
    package.expect(2, &missing);
}

#[test]
fn a_name_that_there_is_not_is_still_a_mistake() {
    project().show(&["--only", "biult"]).expect(2, &["there is no `unbuilt`"]);
    let project = project();
    project.script("unbuilt", "true");
    project.show(&["--only", "biult"]).expect(2, &["did you mean `built`?"]);
}

#[test]
fn of_a_pattern_what_only_others_run_may_be_missing() {
    let project = Project::of_config(&TWO.replace("[built, unbuilt, data]", "['*built']"));
    project.script("built", "echo built ran");
    let args = ["--only", "built"];
    project.show(&args).expect(
        0,
        &["some files of *built are missing: left out, and so `unbuilt`", "passed: 1 command passed"],
    );
    project.show(&["--only", "unbuilt"]).expect(2, &["`./unbuilt` is not in the package"]);
    project.show(&[]).expect(2, &["`./unbuilt` is not in the package"]);
    project.script("unbuilt", "echo unbuilt ran");
    let all = project.show(&args).expect(0, &["built ran"]);
    assert!(!all.stderr().contains("left out"), "{}", all.stderr());
}
