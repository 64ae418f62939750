//! What is found, and the lamex.yaml that is written for it.

use lamex_config::{Architecture, Target};

use super::{Project, build_lines};

/// A file of Go with a test.
const TEST: &str = "package x\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n";

/// The commands of the lamex.yaml that is written: name and arguments.
fn commands(project: &Project) -> Vec<(String, String)> {
    project.lamex_yaml();
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
    config.commands.into_iter().map(|command| (command.name, command.argv.join(" "))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, run)| (name.to_owned(), run.to_owned())).collect()
}

#[test]
fn system_tests_become_commands_and_unit_tests_a_comment() {
    let project = Project::from_both();
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
            "#   include: build/store-system-tests\n\
             #   - name: store\n\
             #     run: ./store-system-tests -test.v\n\
             #     build: CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go -C ./go-orders test -c -o ../build/store-system-tests ./store\n\
             #     dir: go-orders/store\n\
             #     framework: go\n"
        ),
        "{text}"
    );
}

#[test]
fn a_flag_for_an_address_keeps_its_own_default_on_this_machine_only() {
    let project = Project::from_both();
    project.lamex_yaml();
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
    let local = config.environment("local").unwrap();
    assert_eq!(local.env.get("ORDERS_ADDR").map(String::as_str), Some("127.0.0.1:50051"));
    // A command whose variable is not set fails: a suite is not to test itself because nobody filled it in.
    assert!(config.environment("staging").unwrap().env.is_empty());
}

#[test]
fn the_example_of_an_environment_is_for_the_architecture_and_no_real_account() {
    let project = Project::from_both();
    project.written(&[]);
    let staging =
        || lamex_config::load(&project.root().join("lamex.yaml")).unwrap().environment("staging").unwrap();
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
    assert!(
        project
            .text("lamex.yaml")
            .contains("No Go package, no Cargo package and no GoogleTest target with tests was found")
    );
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
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
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

#[test]
fn what_is_left_out_is_told_with_the_reason() {
    let project = Project::new(&[
        ("go.mod", "module example.com/shop\n"),
        ("e2e/orders_test.go", TEST),
        ("stock/stock_test.go", TEST),
        ("native/native_test.go", &format!("//go:build cgo\n\n{TEST}")),
        ("only/only_windows_test.go", TEST),
        ("helpers/export_test.go", "package x\n"),
        ("vendor/other/other_test.go", TEST),
        ("web/node_modules/x/index.js", ""),
        ("testdata/x", ""),
        ("broken/Cargo.toml", "[package"),
        ("units/Cargo.toml", "[package]\nname = \"units\"\nversion = \"0.1.0\"\n"),
        ("units/src/deep/mod.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n"),
        ("empty/Cargo.toml", "[package]\nname = \"empty\"\nversion = \"0.1.0\"\n"),
    ]);
    let told = project.written(&[]);
    let lines: Vec<&str> = told.lines().take_while(|line| !line.starts_with("wrote")).collect();
    assert_eq!(lines[0], "found e2e: command `shop`");
    let left_out: Vec<&str> = lines[1..].iter().map(|line| line.strip_prefix("left out ").unwrap()).collect();
    let begins = [
        "stock: treated as unit tests, since others here are called system tests",
        "helpers: no test, fuzz test or example in its _test.go files",
        "native: its tests need cgo, and are built without it",
        "only: its tests are built for another system or processor",
        "broken/Cargo.toml: cannot be read: ",
        "units: its tests are only in src/: unit tests, which need no VPC",
        "vendor/: skipped",
        "web/node_modules/: skipped",
    ];
    assert_eq!(left_out.len(), begins.len(), "{told}");
    for (line, begins) in left_out.iter().zip(begins) {
        assert!(line.starts_with(begins), "{line}");
    }
}

#[test]
fn a_module_with_many_packages_has_a_command_and_a_line_for_each() {
    let packages: Vec<String> = (0..40).map(|number| format!("services/s{number}/e2e/x_test.go")).collect();
    let mut files = vec![("go.mod", "module example.com/shop\n")];
    files.extend(packages.iter().map(|path| (path.as_str(), TEST)));
    let project = Project::new(&files);
    let commands = commands(&project);
    assert_eq!(commands.len(), 40);
    let lines = build_lines(&project.text("lamex.yaml"));
    for ((name, run), line) in commands.iter().zip(&lines) {
        assert_eq!(*run, format!("./{name}-system-tests -test.v"));
        assert!(line.ends_with(&format!("-o build/{name}-system-tests ./services/{name}/e2e")), "{line}");
    }
}

/// The comments, commands and includes of lamex.yaml, without its example of an environment.
fn proposal(project: &Project) -> String {
    let text = project.lamex_yaml();
    text.split("environments:").next().unwrap().to_owned()
}

#[test]
fn tags_that_take_tests_away_make_a_suite_of_their_own() {
    let tagged = |constraint: &str| format!("//go:build {constraint}\n\n{TEST}");
    let project = Project::new(&[
        ("go.mod", "module example.com/shop\n"),
        ("stock/unit_test.go", &tagged("!integration")),
        ("stock/integration_test.go", &tagged("integration && linux")),
        ("orders/orders_test.go", TEST),
        ("orders/smoke_test.go", &tagged("smoke || e2e")),
        ("pay/pay_test.go", TEST),
        ("pay/pure_test.go", &tagged("purego")),
        ("pay/native_test.go", &tagged("cgo")),
    ]);
    let names: Vec<_> = commands(&project).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["orders", "stock-integration"]);
    let text = project.text("lamex.yaml");
    let commands = build_lines(&text);
    assert!(commands[0].contains(" -tags=e2e -o build/orders-system-tests ./orders"), "{text}");
    assert!(
        commands[1].contains(" -tags=integration -o build/stock-integration-system-tests ./stock"),
        "{text}"
    );
    assert!(text.contains("#   # native_test.go needs cgo, and is not built without it\n"), "{text}");
    assert!(
        text.contains("#   # pure_test.go is built with -tags=purego only, as for `go test`\n"),
        "{text}"
    );
    assert!(text.contains("test -c -o build/stock-system-tests ./stock\n"), "{text}");
}

#[test]
fn packages_of_the_same_name_in_one_module_are_told_apart() {
    let project = Project::new(&[
        ("go.mod", "module example.com/shop\n"),
        ("a/tests/x_test.go", TEST),
        ("b/tests/x_test.go", TEST),
        ("a/store/x_test.go", TEST),
        ("b/store/x_test.go", TEST),
        ("b/internal/store/x_test.go", TEST),
    ]);
    let names: Vec<_> = commands(&project).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a-store", "a", "internal-store", "b-store", "b"]);
}

#[test]
fn a_folder_with_a_name_of_the_runners_goes_one_level_down() {
    let project = Project::new(&[
        ("go.mod", "module example.com/shop\n"),
        ("bootstrap/x_test.go", TEST),
        ("bootstrap/testdata/x", "x"),
        ("x_test.go", TEST),
    ]);
    let text = proposal(&project);
    assert!(text.contains("- { from: bootstrap/testdata/, to: source/bootstrap/testdata/ }\n"), "{text}");
    assert!(text.contains("    dir: source\n") && text.contains("    dir: source/bootstrap\n"), "{text}");
}

#[test]
fn what_cannot_be_found_on_the_function_is_said() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        ("shared.json", "{}"),
        ("orders/go.mod", "module example.com/orders\n"),
        (
            "orders/x_test.go",
            "package x\n\nfunc TestX(t *testing.T) {\n\tos.ReadFile(\"../shared.json\")\n\tos.Open(name)\n\
             \truntime.Caller(0)\n\texec.Command(\"go\", \"version\")\n}\n",
        ),
        ("orders/expected.xml", ""),
        ("stock/Cargo.toml", "[package]\nname = \"stock\"\nversion = \"0.1.0\"\n"),
        (
            "stock/tests/x.rs",
            "const COMPILED_IN: &str = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/x\"));\n\
             const FOLDER: &str = env!(\"CARGO_MANIFEST_DIR\");\n",
        ),
    ]);
    let shown = |folder: &str| {
        project.written(&["--dir", folder, "--force"]);
        project.text(&format!("{folder}/lamex.yaml"))
    };
    let text = shown("orders");
    for note in [
        "  # beside these tests are expected.xml: include what they read\n",
        "  # they ask for a path of the build machine (runtime.Caller), which the function does not have\n",
        "  # they start the command `go`, which the function does not have\n",
        "  # they read ../shared.json, which is outside this folder: run `lamex-ctl init` in a parent \
         folder\n",
    ] {
        assert!(text.contains(note), "{note} is not in\n{text}");
    }
    let text = shown("stock");
    assert!(
        text.contains("  # they look for files at env!(\"CARGO_MANIFEST_DIR\"), a path of the build"),
        "{text}"
    );
    project.file(
        "stock/tests/x.rs",
        "const COMPILED_IN: &str = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/x\"));\n",
    );
    assert!(!shown("stock").contains("they look for files"));
    let text = shown(".");
    assert!(text.contains("- { from: shared.json, to: shared.json }\n"), "{text}");
}
