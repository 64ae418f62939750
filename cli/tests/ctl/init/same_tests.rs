//! A project gives the same tests in a local function as with its own tools.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Project, must, shell};

/// Outcomes by the folder of the tests and their name.
type Tests = BTreeMap<(String, String), String>;

/// Builds what lamex.yaml says, runs it in a local function, and gives the tests of its events.
fn invoked(project: &Project) -> Tests {
    must(&project.lamex_ctl(&["init"]));
    let root = project.root();
    let config = lamex_config::load(&root.join("lamex.yaml")).unwrap();
    let dirs: Vec<String> =
        config.commands.into_iter().map(|command| command.dir.unwrap_or_default()).collect();
    let output = project.lamex_ctl_with_toolchains(&["test", "--env", "local", "--events", "events.jsonl"]);
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}{}", String::from_utf8_lossy(&output.stderr));
    let mut tests = Tests::new();
    for line in project.text("events.jsonl").lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["type"] == "test_finished" {
            let dir = &dirs[usize::try_from(event["command"].as_u64().unwrap()).unwrap()];
            let outcome = event["outcome"].as_str().unwrap().to_owned();
            let before = tests.insert((dir.clone(), event["test"].as_str().unwrap().to_owned()), outcome);
            assert_eq!(before, None, "{line}");
        }
    }
    tests
}

/// What `go test -json ./...` says in a module.
fn go_test(module: &Path, folder: &str, import_path: &str) -> Tests {
    // As the binaries are built: the race detector and cgo could choose other files.
    let output = shell("CGO_ENABLED=0 go test -count=1 -json ./...", module);
    let mut tests = Tests::new();
    for line in must(&output).lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let outcome = match event["Action"].as_str() {
            Some("pass") => "passed",
            Some("fail") => "failed",
            Some("skip") => "skipped",
            _ => continue,
        };
        let Some(test) = event["Test"].as_str() else { continue };
        let package = event["Package"].as_str().unwrap().strip_prefix(import_path).unwrap();
        let dir = format!("{folder}{package}").trim_matches('/').to_owned();
        tests.insert((dir, test.to_owned()), outcome.to_owned());
    }
    tests
}

/// A file of seeds, as `go test -fuzz` writes it.
const SEED: &str = "go test fuzz v1\nstring(\"seed\")\n";

fn go_project() -> Project {
    let test = |package: &str, imports: &str, body: &str| {
        format!("package {package}\n\nimport (\n\t\"testing\"\n{imports})\n\n{body}\n")
    };
    let fuzz = "func FuzzNames(f *testing.F) { f.Add(\"a\"); f.Fuzz(func(t *testing.T, name string) {}) }\n";
    let reading = |path: &str| {
        format!(
            "func TestReads(t *testing.T) {{\n\tif _, err := os.ReadFile({path}); err != nil {{ t.Fatal(err) }}\n}}\n"
        )
    };
    let files = [
        ("go.mod", "module example.com/shop\n\ngo 1.21\n".to_owned()),
        ("shop_test.go", test("shop", "\t\"os\"\n", &format!("{fuzz}{}", reading("\"testdata/shop.json\"")))),
        ("testdata/shop.json", "{}".to_owned()),
        ("testdata/fuzz/FuzzNames/one", SEED.to_owned()),
        ("orders/orders_test.go", test("orders_test", "", fuzz)),
        ("orders/testdata/fuzz/FuzzNames/two", SEED.to_owned()),
        ("orders/testdata/fuzz/FuzzNames/three", SEED.to_owned()),
        (
            "orders/tests/reading_test.go",
            test(
                "tests",
                "\t\"os\"\n\t\"path/filepath\"\n",
                &reading("filepath.Join(\"..\", \"..\", \"shared\", \"cases\", \"one.json\")"),
            ),
        ),
        ("shared/cases/one.json", "{}".to_owned()),
        (
            "internal/tests/beside_test.go",
            test("tests", "\t\"os\"\n", &reading("\"expected.txt\""))
                + "func Example() {\n\t// Output:\n}\n\nfunc TestLater(t *testing.T) { t.Skip(\"later\") }\n",
        ),
        ("internal/tests/expected.txt", "1".to_owned()),
        (
            "plain/plain_test.go",
            test(
                "plain",
                "\t\"os\"\n\t\"path/filepath\"\n",
                "func TestFolder(t *testing.T) {\n\tdir, err := os.Getwd()\n\tif filepath.Base(dir) != \"plain\" || \
                 err != nil { t.Fatal(dir, err) }\n}",
            ),
        ),
        ("build/build_test.go", test("build", "", "func TestBuild(t *testing.T) {}")),
        ("helpers/export_test.go", "package helpers\n".to_owned()),
        ("helpers/helpers.go", "package helpers\n".to_owned()),
        ("only/only_windows_test.go", test("only", "", "func TestOnly(t *testing.T) { t.Fatal() }")),
        ("tools/go.mod", "module example.com/shop/tools\n\ngo 1.21\n".to_owned()),
        ("tools/check/check_test.go", test("check", "\t\"os\"\n", &reading("\"../rules.txt\""))),
        ("tools/rules.txt", String::new()),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    Project::new(&files)
}

#[test]
fn go_tests_are_those_of_go_test() {
    let project = go_project();
    let mut expected = go_test(project.root(), "", "example.com/shop");
    expected.extend(go_test(&project.root().join("tools"), "tools", "example.com/shop/tools"));
    let seed = |dir: &str, name: &str| (dir.to_owned(), format!("FuzzNames/{name}"));
    for test in [seed("", "one"), seed("orders", "two"), seed("orders", "three")] {
        assert_eq!(expected.get(&test).map(String::as_str), Some("passed"), "{test:?}: {expected:?}");
    }
    assert_eq!(invoked(&project), expected);
}

/// Names and outcomes of the tests in what libtest printed.
fn libtest(dir: &str, printed: &str) -> Tests {
    let line = |line: &str| {
        let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
        let outcome = match outcome {
            "ok" => "passed",
            "ignored" => "skipped",
            _ => "failed",
        };
        Some(((dir.to_owned(), name.to_owned()), outcome.to_owned()))
    };
    printed.lines().filter_map(line).collect()
}

#[test]
fn rust_tests_are_those_of_cargo_test() {
    let package =
        |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"orders\", \"stock\"]\nresolver = \"3\"\n".to_owned()),
        ("orders/Cargo.toml", package("orders")),
        ("orders/src/lib.rs", String::new()),
        (
            "orders/tests/reads.rs",
            "#[test]\nfn reads_data() { assert_eq!(std::fs::read_to_string(\"tests/data/one.txt\").unwrap(), \"1\"); }\n\
             #[test]\nfn finds_its_package() {\n    let folder = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n    \
             assert!(std::path::Path::new(&folder).join(\"golden/two.txt\").is_file());\n}\n\
             #[test]\n#[ignore]\nfn later() {}\n\nconst GOLDEN: &str = \"golden/two.txt\";\n"
                .to_owned(),
        ),
        ("orders/tests/data/one.txt", "1".to_owned()),
        ("orders/golden/two.txt", "2".to_owned()),
        ("stock/Cargo.toml", package("stock")),
        ("stock/src/lib.rs", String::new()),
        (
            "stock/tests/counts.rs",
            "#[test]\nfn reads_a_neighbour() { assert!(std::path::Path::new(\"../orders/golden/two.txt\").is_file()); }\n\
             #[test]\nfn is_in_its_folder() { assert!(std::env::current_dir().unwrap().ends_with(\"stock\")); }\n"
                .to_owned(),
        ),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let project = Project::new(&files);
    let mut expected = Tests::new();
    for (package, test) in [("orders", "reads"), ("stock", "counts")] {
        let line =
            format!("cargo test --offline --quiet --package={package} --test={test} -- --format=pretty");
        expected.extend(libtest(package, &must(&shell(&line, project.root()))));
    }
    assert_eq!(expected.len(), 5);
    assert_eq!(invoked(&project), expected);
}
