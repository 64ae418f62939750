//! What is found, and the lamex.yaml that is written for it.

use lamex_ctl::config::{self, Architecture, Target};

use super::{Project, build_lines};

/// A file of Go with a test.
const TEST: &str = "package x\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n";

/// The commands of the lamex.yaml that is written: name and arguments.
fn commands(project: &Project) -> Vec<(String, String)> {
    project.lamex_yaml();
    let config = config::load(&project.root().join("lamex.yaml")).unwrap();
    config.commands.into_iter().map(|command| (command.name, command.argv.join(" "))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, run)| (name.to_owned(), run.to_owned())).collect()
}

#[test]
fn system_tests_become_commands_and_unit_tests_a_comment() {
    let project = Project::of_both();
    assert_eq!(
        commands(&project),
        pairs(&[
            ("checkout", "./checkout-system-tests -test.v"),
            ("orders", "./orders-system-tests -test.v -addr=${ORDERS_ADDR}"),
            ("inventory", "./inventory-system-tests"),
        ])
    );
    let text = project.text("lamex.yaml");
    assert!(
        text.contains(
            "#   CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go -C ./go-orders test -c -o ../build/store-system-tests ./store\n\
             #     include: build/store-system-tests\n\
             #     command: { name: store, run: \"./store-system-tests -test.v\", dir: go-orders/store, framework: go }\n"
        ),
        "{text}"
    );
}

#[test]
fn a_flag_for_an_address_keeps_its_own_default_on_this_machine_only() {
    let project = Project::of_both();
    project.lamex_yaml();
    let config = config::load(&project.root().join("lamex.yaml")).unwrap();
    let local = config.environment("local").unwrap();
    assert_eq!(local.env.get("ORDERS_ADDR").map(String::as_str), Some("127.0.0.1:50051"));
    // A command whose variable is not set fails: a suite is not to test itself because nobody filled it in.
    assert!(config.environment("staging").unwrap().env.is_empty());
}

#[test]
fn the_example_of_an_environment_is_for_the_architecture_and_no_real_account() {
    let project = Project::of_both();
    project.written(&[]);
    let staging =
        || config::load(&project.root().join("lamex.yaml")).unwrap().environment("staging").unwrap();
    assert_eq!(staging().architecture, Architecture::X86_64);
    let Target::Lambda(lambda) = staging().target else { panic!("staging is a function") };
    assert_eq!(lambda.account, "000000000000");
    let output = project.lamex_ctl(&["init", "--force", "--architecture", "arm64"]);
    assert!(output.status.success());
    assert_eq!(staging().architecture, Architecture::Arm64);
    for line in build_lines(&project.text("lamex.yaml")) {
        assert!(line.contains("GOARCH=arm64") || line.contains("aarch64-unknown-linux-musl"), "{line}");
    }
    let output = project.lamex_ctl(&["init", "--force"]);
    assert!(output.status.success());
    assert_eq!(staging().architecture, Architecture::host());
}

#[test]
fn a_folder_without_tests_gets_a_file_to_fill_in() {
    let project = Project::new(&[("README.md", "nothing to test")]);
    assert_eq!(commands(&project), []);
    assert!(project.text("lamex.yaml").contains("No Go package and no Cargo package with tests was found"));
}

#[test]
fn without_a_word_for_system_tests_all_tests_are_commands() {
    let project = Project::new(&[
        ("go.mod", "module example.com/orders\n"),
        ("orders_test.go", TEST),
        ("stock/stock_test.go", TEST),
    ]);
    assert_eq!(
        commands(&project),
        pairs(&[("orders", "./orders-system-tests -test.v"), ("stock", "./stock-system-tests -test.v"),])
    );
    assert_eq!(
        build_lines(&project.text("lamex.yaml")),
        [
            "CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go test -c -o build/orders-system-tests .",
            "CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go test -c -o build/stock-system-tests ./stock",
        ]
    );
}

#[test]
fn tests_of_a_cargo_workspace_are_found_as_cargo_finds_them() {
    let package = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n".to_owned()),
        ("a/Cargo.toml", package("a", "")),
        ("a/tests/first.rs", String::new()),
        ("a/tests/second/main.rs", String::new()),
        ("a/tests/common/mod.rs", String::new()),
        (
            "b/Cargo.toml",
            package(
                "b",
                "autotests = false\n[features]\nslow = []\n[[test]]\nname = \"own\"\npath = \"own.rs\"\n\
                 harness = false\nrequired-features = [\"slow\"]\n",
            ),
        ),
        ("b/tests/not-found.rs", String::new()),
        ("broken/Cargo.toml", "[package".to_owned()),
        ("broken/tests/x.rs", String::new()),
        ("target/package/Cargo.toml", package("generated", "")),
        ("target/package/tests/x.rs", String::new()),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let project = Project::new(&files);
    assert_eq!(
        commands(&project),
        pairs(&[
            ("first", "./first-system-tests"),
            ("second", "./second-system-tests"),
            ("own", "./own-system-tests"),
        ])
    );
    let text = project.text("lamex.yaml");
    assert!(
        build_lines(&text)[2].contains("--manifest-path=b/Cargo.toml --test=own --features=slow "),
        "{text}"
    );
    let frameworks = text.lines().filter(|line| line.trim() == "framework: libtest").count();
    assert_eq!(frameworks, 2, "the third has no harness:\n{text}");
}

#[test]
fn names_that_yaml_or_lambda_would_misread_are_given_another_form() {
    let folders = ["on", "1e3", "2024-01-01", "lambda", "it's $(id); # x", "a: b", "-C", "ünïcode"];
    let mut files = Vec::new();
    for folder in folders {
        files.push((format!("{folder}/go.mod"), String::new()));
        files.push((
            format!("{folder}/x_test.go"),
            "package x\n\nfunc TestX(t *testing.T) {}\n\nvar a = flag.String(\"addr\", \"# \\t: '${X}\", \"\")\nvar b = flag.String(\"b-addr\", \"# : '${X}\", \"\")\n"
                .to_owned(),
        ));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::new(&files);
    let commands = commands(&project);
    assert_eq!(commands.len(), folders.len());
    let config = config::load(&project.root().join("lamex.yaml")).unwrap();
    let local = config.environment("local").unwrap();
    assert_eq!(local.env.len(), folders.len());
    assert!(local.env.values().all(|value| value == "# : '${X}"), "{:?}", local.env);
}

#[test]
fn suites_of_the_same_name_are_told_apart() {
    let project = Project::new(&[
        ("a/go.mod", "module example.com/a\n"),
        ("a/orders/orders_test.go", TEST),
        ("b/go.mod", "module example.com/b\n"),
        ("b/orders/orders_test.go", TEST),
    ]);
    let names: Vec<_> = commands(&project).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a-orders", "b-orders"]);
}

#[test]
fn what_go_does_not_compile_is_no_suite() {
    let project = Project::new(&[
        ("go.mod", "module example.com/orders\n"),
        ("orders.go", "package orders\n"),
        ("ignored/x_test.go", &format!("//go:build ignore\n\n{TEST}")),
        ("testdata/x_test.go", TEST),
        ("vendor/x/x_test.go", TEST),
        ("_old/x_test.go", TEST),
        (".hidden/x_test.go", TEST),
        ("only/x_windows_test.go", TEST),
        ("only/x_freebsd_test.go", TEST),
        ("only/x_arm64_test.go", TEST),
        ("benchmarks/x_test.go", "package x\n\nfunc BenchmarkX(b *testing.B) {}\n"),
        ("helpers/export_test.go", "package x\n\nfunc TestMain(m *testing.M) {}\n"),
    ]);
    assert_eq!(commands(&project), []);
}
