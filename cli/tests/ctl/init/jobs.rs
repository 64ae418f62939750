//! The jobs for CI: read back by a YAML parser.

use serde_json::Value;

use super::{Project, build_lines};

const GITHUB: &str = ".github/workflows/system-tests.yml";
const GITLAB: &str = ".gitlab/system-tests.yml";

fn job(project: &Project, system: &str, path: &str) -> Value {
    project.written(&["--force", "--ci", system]);
    let text = project.text(path);
    assert!(!text.contains('@') || text.matches('@').count() == text.matches("uses: a").count(), "{text}");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry.as_str().unwrap().trim_end()).collect()
}

/// What the steps run or use, in their order.
fn steps(workflow: &Value) -> Vec<&str> {
    let steps = workflow["jobs"]["system-tests"]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["run"].as_str().or(step["uses"].as_str()).unwrap().trim_end()).collect()
}

fn position(lines: &[&str], part: &str) -> usize {
    let found = lines.iter().position(|line| line.contains(part));
    found.unwrap_or_else(|| panic!("{part} is not in {lines:#?}"))
}

#[test]
fn the_workflow_builds_takes_a_role_packs_deploys_and_invokes_what_it_deployed() {
    let project = Project::of_both();
    let workflow = job(&project, "github", GITHUB);
    let steps = steps(&workflow);
    let order = [
        "actions/checkout@v6",
        "actions/setup-go@v6",
        "rustup target add x86_64-unknown-linux-musl",
        "mkdir -p build\n",
        "make runner ARCH=x86_64",
        "aws-actions/configure-aws-credentials@v6",
        "lamex-ctl package --env staging",
        "actions/upload-artifact@v7",
    ];
    let positions: Vec<_> = order.iter().map(|part| position(&steps, part)).collect();
    assert!(positions.is_sorted(), "{steps:#?}");
    let run = steps[position(&steps, "lamex-ctl package")];
    assert!(
        run.ends_with(
            "lamex-ctl package --env staging\n\
             version=$(lamex-ctl deploy --env staging)\n\
             lamex-ctl invoke --env staging --qualifier \"$version\" --junit system-tests.xml"
        ),
        "{run}"
    );
    let build = steps[position(&steps, "mkdir -p build")];
    let lines = build_lines(&project.text("lamex.yaml"));
    assert_eq!(build.lines().skip(1).collect::<Vec<_>>(), lines);

    assert_eq!(workflow["permissions"]["id-token"], "write");
    assert_eq!(workflow["on"]["push"]["branches"][0], "main");
    assert!(workflow["env"]["LAMEX_REPOSITORY"].is_string());
    let all = &workflow["jobs"]["system-tests"];
    assert_eq!(all["environment"], "staging", "which the role trusts");
    assert_eq!(
        all["defaults"]["run"]["shell"], "bash",
        "a line that fails ends its step, also inside a pipe"
    );
    let named = |name: &str| {
        let steps = all["steps"].as_array().unwrap();
        steps.iter().find(|step| step["name"] == name).unwrap()
    };
    assert_eq!(named("Keep the JUnit report")["if"], "${{ !cancelled() }}");
    assert_eq!(named("Keep the JUnit report")["with"]["path"], "system-tests.xml");
    assert_eq!(named("Take the role")["with"]["role-to-assume"], "${{ env.LAMEX_CI_ROLE }}");
}

#[test]
fn the_job_of_gitlab_does_the_same() {
    let project = Project::of_both();
    let jobs = job(&project, "gitlab", GITLAB);
    let run = &jobs["system-tests"];
    assert_eq!(
        texts(&run["script"]),
        [
            "lamex-ctl package --env staging",
            "version=$(lamex-ctl deploy --env staging)",
            "lamex-ctl invoke --env staging --qualifier \"$version\" --junit system-tests.xml",
        ]
    );
    assert_eq!(run["id_tokens"]["LAMEX_AWS_TOKEN"]["aud"], "sts.amazonaws.com");
    assert!(
        run["variables"]["AWS_ROLE_ARN"].as_str().unwrap().ends_with(":role/system-tests-staging-lamex-ci")
    );
    position(&texts(&run["before_script"]), "make -C /tmp/lamex runner ARCH=x86_64");
    assert_eq!(run["artifacts"]["when"], "always", "the report is kept when tests fail");
    assert_eq!(run["artifacts"]["reports"]["junit"], "system-tests.xml");
    assert_eq!(texts(&run["needs"]), ["system-tests-build-go", "system-tests-build-rust"]);

    let mut built = Vec::new();
    for name in texts(&run["needs"]) {
        assert_eq!(texts(&jobs[name]["artifacts"]["paths"]), ["build/"]);
        built.extend(texts(&jobs[name]["script"]));
    }
    built.retain(|line| !line.starts_with("mkdir") && !line.starts_with("rustup"));
    assert_eq!(built, build_lines(&project.text("lamex.yaml")));
}

#[test]
fn it_says_where_gitlab_must_be_told_of_the_job() {
    let project = Project::of_both();
    assert!(project.written(&["--ci", "gitlab"]).contains("- local: .gitlab/system-tests.yml"));
}

#[test]
fn jobs_of_a_folder_go_to_the_root_of_its_repository() {
    let files = [
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("it's the/suite/go.mod", "module example.com/orders\n"),
        ("it's the/suite/orders_test.go", "package orders\n\nfunc TestX(t *testing.T) {}\n"),
    ];
    let project = Project::new(&files);
    let folder = ["--dir", "it's the/suite", "--force"];
    project.written(&[&folder[..], &["--ci", "github"]].concat());
    project.written(&[&folder[..], &["--ci", "gitlab"]].concat());
    assert!(project.root().join("it's the/suite/lamex.yaml").is_file());

    let workflow: Value = serde_yaml::from_str(&project.text(GITHUB)).unwrap();
    let all = &workflow["jobs"]["system-tests"];
    assert_eq!(all["defaults"]["run"]["working-directory"], "it's the/suite");
    let steps = all["steps"].as_array().unwrap();
    assert_eq!(steps[1]["with"]["go-version-file"], "it's the/suite/go.mod");
    assert_eq!(steps.last().unwrap()["with"]["path"], "it's the/suite/system-tests.xml");

    let jobs: Value = serde_yaml::from_str(&project.text(GITLAB)).unwrap();
    for name in ["system-tests", "system-tests-build-go"] {
        assert_eq!(texts(&jobs[name]["script"])[0], r"cd './it'\''s the/suite'");
    }
    assert_eq!(jobs["system-tests"]["artifacts"]["reports"]["junit"], "it's the/suite/system-tests.xml");
    assert_eq!(texts(&jobs["system-tests-build-go"]["artifacts"]["paths"]), ["it's the/suite/build/"]);
}

#[test]
fn jobs_for_arm64_run_on_arm64() {
    let project = Project::of_both();
    for system in ["github", "gitlab"] {
        let arguments = ["init", "--force", "--architecture", "arm64", "--ci", system];
        assert!(project.lamex_ctl(&arguments).status.success());
    }
    let workflow: Value = serde_yaml::from_str(&project.text(GITHUB)).unwrap();
    assert_eq!(workflow["jobs"]["system-tests"]["runs-on"], "ubuntu-24.04-arm");
    position(&steps(&workflow), "make runner ARCH=arm64");
    let jobs: Value = serde_yaml::from_str(&project.text(GITLAB)).unwrap();
    for job in ["system-tests", "system-tests-build-go", "system-tests-build-rust"] {
        assert_eq!(texts(&jobs[job]["tags"]), ["saas-linux-small-arm64"]);
    }
}

#[test]
fn jobs_of_a_project_without_tests_are_whole_but_for_the_build() {
    let project = Project::new(&[]);
    let workflow = job(&project, "github", GITHUB);
    position(&steps(&workflow), "lamex-ctl deploy --env staging");
    let jobs = job(&project, "gitlab", GITLAB);
    assert_eq!(texts(&jobs["system-tests"]["script"]).len(), 3);
    assert!(jobs["system-tests"]["needs"].is_null());
}
