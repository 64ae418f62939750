//! The jobs for CI: read back by a YAML parser.

use serde_json::Value;

use super::Project;

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
fn the_workflow_takes_a_role_and_ends_in_one_command() {
    let project = Project::from_both();
    let workflow = job(&project, "github", GITHUB);
    let steps = steps(&workflow);
    let order = [
        "actions/checkout@v6",
        "actions/setup-go@v6",
        "rustup target add x86_64-unknown-linux-musl",
        "sh install.sh --to \"$RUNNER_TEMP/lamex\"",
        "aws-actions/configure-aws-credentials@v6",
        "exec lamex-ctl test --env staging --junit system-tests.xml",
        "actions/upload-artifact@v7",
    ];
    let positions: Vec<_> = order.iter().map(|part| position(&steps, part)).collect();
    assert!(positions.is_sorted(), "{steps:#?}");
    let run = steps[position(&steps, "exec lamex-ctl")];
    assert_eq!(
        run, "exec lamex-ctl test --env staging --junit system-tests.xml",
        "nothing is before or after it"
    );

    assert_eq!(workflow["permissions"]["id-token"], "write");
    assert_eq!(workflow["on"]["push"]["branches"][0], "main");
    let release = workflow["env"]["LAMEX_RELEASE"].as_str().unwrap();
    assert!(release.ends_with(&format!("/v{}", env!("CARGO_PKG_VERSION"))), "{release}");
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
    let project = Project::from_both();
    let jobs = job(&project, "gitlab", GITLAB);
    let run = &jobs["system-tests"];
    assert_eq!(texts(&run["script"]), ["exec lamex-ctl test --env staging --junit system-tests.xml"]);
    assert_eq!(run["id_tokens"]["LAMEX_AWS_TOKEN"]["aud"], "sts.amazonaws.com");
    assert!(
        run["variables"]["AWS_ROLE_ARN"].as_str().unwrap().ends_with(":role/system-tests-staging-lamex-ci")
    );
    let before = texts(&run["before_script"]);
    let order = ["sh.rustup.rs", "sh install.sh --to /tmp/lamex", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    assert!(order.map(|part| position(&before, part)).is_sorted(), "{before:#?}");
    assert_eq!(run["image"], "golang:1-bookworm");
    assert_eq!(run["stage"], "test");
    assert_eq!(run["artifacts"]["when"], "always", "the report is kept when tests fail");
    assert_eq!(run["artifacts"]["reports"]["junit"], "system-tests.xml");
}

#[test]
fn a_job_may_run_after_the_one_that_deploys_the_service() {
    let project = Project::from_both();
    project.written(&["--ci", "github", "--after", "deploy-orders"]);
    let text = project.text(GITHUB);
    assert!(
        text.contains("needs: deploy-orders\n")
            && text.contains("uses: ./.github/workflows/system-tests.yml\n")
    );
    let workflow: Value = serde_yaml::from_str(&text).unwrap();
    let on: Vec<&str> = workflow["on"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(on, ["workflow_call", "workflow_dispatch"], "and on no push, which is before the deployment");
    assert_eq!(workflow["jobs"]["system-tests"]["environment"], "staging");

    project.written(&["--force", "--ci", "gitlab", "--after", "deploy: orders"]);
    let jobs: Value = serde_yaml::from_str(&project.text(GITLAB)).unwrap();
    assert_eq!(texts(&jobs["system-tests"]["needs"]), ["deploy: orders"]);
    assert_eq!(jobs["system-tests"]["stage"], "deploy", "GitLab refuses a need of a later stage");
    assert_eq!(texts(&jobs["system-tests"]["script"]).len(), 1);
}

#[test]
fn what_cannot_be_a_job_is_no_name_of_one() {
    let project = Project::from_both();
    for (system, job) in [("github", "deploy: orders"), ("github", "1st"), ("gitlab", "a\nb"), ("gitlab", "")]
    {
        let output = project.init(&["--ci", system, "--after", job]);
        assert_eq!(output.status.code(), Some(2), "{system} {job:?}");
    }
    assert_eq!(project.init(&["--after", "deploy"]).status.code(), Some(2), "without --ci");
    assert!(!project.root().join("lamex.yaml").exists());
}

#[test]
fn it_says_where_gitlab_must_be_told_of_the_job() {
    let project = Project::from_both();
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
    assert_eq!(texts(&jobs["system-tests"]["script"])[0], r"cd './it'\''s the/suite'");
    assert_eq!(jobs["system-tests"]["artifacts"]["reports"]["junit"], "it's the/suite/system-tests.xml");
}

#[test]
fn jobs_for_arm64_run_on_arm64() {
    let project = Project::from_both();
    for system in ["github", "gitlab"] {
        let arguments = ["init", "--force", "--architecture", "arm64", "--ci", system];
        assert!(project.lamex_ctl(&arguments).status.success());
    }
    let workflow: Value = serde_yaml::from_str(&project.text(GITHUB)).unwrap();
    assert_eq!(workflow["jobs"]["system-tests"]["runs-on"], "ubuntu-24.04-arm");
    position(&steps(&workflow), "rustup target add aarch64-unknown-linux-musl");
    let jobs: Value = serde_yaml::from_str(&project.text(GITLAB)).unwrap();
    assert_eq!(texts(&jobs["system-tests"]["tags"]), ["saas-linux-small-arm64"]);
}

#[test]
fn jobs_of_a_project_without_tests_are_whole_but_for_the_toolchain() {
    let project = Project::new(&[]);
    let workflow = job(&project, "github", GITHUB);
    position(&steps(&workflow), "exec lamex-ctl test --env staging");
    let jobs = job(&project, "gitlab", GITLAB);
    assert_eq!(texts(&jobs["system-tests"]["script"]).len(), 1);
    assert!(jobs["system-tests"]["needs"].is_null());
}
