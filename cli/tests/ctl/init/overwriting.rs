//! What is there is never replaced by mistake.

use super::Project;

const WORKFLOW: &str = ".github/workflows/system-tests.yml";

#[test]
fn a_file_that_is_there_stops_all_of_it() {
    for there in ["lamex.yaml", WORKFLOW] {
        let project = Project::from_both();
        let path = project.file(there, "mine");
        let output = project.init(&["--ci", "github"]);
        assert_eq!(output.status.code(), Some(2));
        let report = String::from_utf8(output.stderr).unwrap().split_whitespace().collect::<String>();
        let report = report.replace('│', "");
        let path = path.canonicalize().unwrap();
        assert!(report.contains(&path.display().to_string()) && report.contains("--force"), "{report}");
        assert_eq!(project.text(there), "mine");
        let written = ["lamex.yaml", WORKFLOW].into_iter().filter(|file| project.root().join(file).exists());
        assert_eq!(written.collect::<Vec<_>>(), [there], "nothing else was written");
    }
}

#[test]
fn a_link_to_nowhere_is_not_written_through() {
    let project = Project::from_both();
    std::os::unix::fs::symlink("elsewhere.yaml", project.root().join("lamex.yaml")).unwrap();
    assert_eq!(project.init(&[]).status.code(), Some(2));
    assert!(!project.root().join("elsewhere.yaml").exists());
}

#[test]
fn force_replaces() {
    let project = Project::from_both();
    project.file("lamex.yaml", &"mine\n".repeat(1000));
    project.file(WORKFLOW, "mine");
    project.written(&["--ci", "github", "--force"]);
    let output = project.lamex_ctl(&["config", "check"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!project.text("lamex.yaml").contains("mine") && !project.text(WORKFLOW).contains("mine"));
}

#[test]
fn a_folder_that_is_not_there_is_a_mistake_of_the_command_line() {
    let project = Project::new(&[]);
    let output = project.init(&["--dir", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!project.root().join("nowhere").exists());
}

#[test]
fn another_folder_can_be_named() {
    let project = Project::from_both();
    let told = project.written(&["--dir", "inventory"]);
    assert!(told.contains("wrote lamex.yaml"), "{told}");
    assert!(project.text("inventory/lamex.yaml").contains("./inventory-system-tests"));
    assert!(!project.root().join("lamex.yaml").exists());
}
