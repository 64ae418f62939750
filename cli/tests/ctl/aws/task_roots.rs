//! A folder with commands.txt, as users of the program before lamex have it, brought to a function: packed, deployed
//! and invoked, with a lamex.yaml that says where, and not what.

use std::fs;

use crate::aws::function::Function;
use crate::aws::project::Project;

/// A project whose lamex.yaml has an environment alone, beside a folder `suite` with this script.
fn project(function: &Function, script: &str) -> Project {
    let mut project = Project::new(function, "exit 1");
    project.has_commands = false;
    fs::create_dir_all(project.path("suite/data")).unwrap();
    fs::write(project.path("suite/commands.txt"), "./smoke.sh 'a b' '${NAME}'\r\n./smoke.sh\r\n").unwrap();
    fs::write(project.path("suite/smoke.sh"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::write(project.path("suite/data/line"), "from the folder\n").unwrap();
    project
}

fn deploy(project: &Project) -> String {
    project.run(&["package", "--env", "staging", "--task-root", "suite"]).expect(0);
    project.run(&["deploy", "--env", "staging"]).expect(0).stdout.trim_end().to_owned()
}

#[test]
fn a_folder_with_commands_goes_to_the_function_and_runs_there() {
    let function = Function::create("task-root");
    let project = project(&function, "cat data/line; test \"$2\" != fail && echo \"<$1> <$2>\"");
    let version = deploy(&project);
    let ran = project.invoke(&["--qualifier", &version]);
    ran.expect(0).says("from the folder").says("<a b> <${NAME}>").says("passed: 2 commands passed");
    project.invoke(&["--only", "smoke.sh#2"]).expect(0).says("passed: 1 command passed");
    project.invoke(&["--only", "smoke"]).expect(2);

    // Another package than the one that lies here is live: nothing of it counts as a pass.
    fs::write(project.path("suite/data/line"), "changed\n").unwrap();
    project.run(&["package", "--env", "staging", "--task-root", "suite"]).expect(0);
    assert_ne!(project.invoke(&[]).exit_code, 0);

    fs::write(project.path("suite/commands.txt"), "./smoke.sh x fail\n").unwrap();
    deploy(&project);
    project.invoke(&[]).expect(1).says("changed").says("failed: 1 of 1 command failed");
}

#[test]
fn a_package_with_working_directories_is_what_was_packed() {
    let function = Function::create("working-directory");
    let mut project = Project::new(&function, "cat seed && pwd");
    project.include.push("{ from: orders/seed, to: orders/seed }");
    project.command = vec!["dir: orders".to_owned()];
    fs::create_dir_all(project.path("orders")).unwrap();
    fs::write(project.path("orders/seed"), "a seed\n").unwrap();
    project.deploy();
    project.invoke(&[]).expect(0).says("a seed").says("/orders");

    // One that nothing is included from is there all the same.
    fs::create_dir_all(project.path("stock")).unwrap();
    project.set_script("test ! -e seed && pwd");
    project.command = vec!["dir: stock".to_owned()];
    project.deploy();
    project.invoke(&[]).expect(0).says("/stock");
}
