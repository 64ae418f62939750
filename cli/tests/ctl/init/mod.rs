//! `lamex-ctl init`, through the real binary, on real projects.

mod builds;
mod found;
mod jobs;
mod overwriting;
mod same_tests;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lamex_testing::binaries;
use tempfile::TempDir;

/// A folder with a project, in no repository.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            project.file(path, text);
        }
        project
    }

    /// A Go module with two system tests and a unit test, and a Cargo package.
    fn from_both() -> Self {
        Self::new(&[
            ("go-orders/go.mod", "module example.com/shop/orders/v2\n\ngo 1.21\n"),
            (
                "go-orders/store/store_test.go",
                "package store\n\nimport \"testing\"\n\nfunc TestStore(t *testing.T) {}\n",
            ),
            (
                "go-orders/systemtests/orders_test.go",
                "//go:build system\n\npackage systemtests\n\nimport (\n\t\"flag\"\n\t\"testing\"\n)\n\n\
                 var addr = flag.String(\"addr\", \"127.0.0.1:50051\", \"host:port\")\n\n\
                 func TestOrders(t *testing.T) { t.Log(\"orders at\", *addr) }\n",
            ),
            (
                "go-orders/e2e/checkout/checkout_test.go",
                "package checkout\n\nimport \"testing\"\n\nfunc TestCheckout(t *testing.T) {}\n",
            ),
            (
                "inventory/Cargo.toml",
                "[package]\nname = \"inventory\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
            ),
            ("inventory/src/lib.rs", ""),
            ("inventory/tests/system.rs", "#[test]\nfn stock_is_counted() {}\n"),
            ("inventory/tests/common/mod.rs", ""),
        ])
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// `lamex-ctl init` in the folder.
    fn init(&self, arguments: &[&str]) -> Output {
        self.lamex_ctl(&[&["init", "--architecture", "x86_64"], arguments].concat())
    }

    /// Likewise; what it must do without complaint.
    fn written(&self, arguments: &[&str]) -> String {
        let output = self.init(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The lamex.yaml that it writes, which `lamex-ctl config check` must accept; `staging`, too, once its variables
    /// have values, as a comment asks for.
    fn lamex_yaml(&self) -> String {
        self.written(&[]);
        let text = self.text("lamex.yaml");
        let lines = text.lines().map(|line| match line.strip_prefix("    #  ") {
            Some(variable) if line.ends_with(": \"host.internal:port\"") => format!("      {variable}\n"),
            _ if line.contains("until they have values:") => "    env:\n".to_owned(),
            _ => format!("{line}\n"),
        });
        let filled_in = self.root().join("filled-in.yaml");
        std::fs::write(&filled_in, lines.collect::<String>()).unwrap();
        for arguments in [
            &["config", "check"][..],
            &["config", "check", "--env", "local"],
            &["config", "check", "--env", "staging", "--config", "filled-in.yaml"],
        ] {
            let output = self.lamex_ctl(arguments);
            let report = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {report}\n{text}");
        }
        std::fs::remove_file(filled_in).unwrap();
        text
    }

    fn lamex_ctl(&self, arguments: &[&str]) -> Output {
        Command::new(binaries::lamex_ctl())
            .args(arguments)
            .current_dir(self.root())
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// Likewise, with the toolchains that the build lines need. The standard library for musl is not on every machine;
    /// the one of this machine's glibc is.
    fn lamex_ctl_with_toolchains(&self, arguments: &[&str]) -> Output {
        let text = self.text("lamex.yaml").replace("-linux-musl", "-linux-gnu");
        self.file("lamex.yaml", &text);
        let mut command = Command::new(binaries::lamex_ctl());
        command.args(arguments).current_dir(self.root()).env("NO_COLOR", "1");
        with_toolchains(&mut command, self.root()).output().unwrap()
    }
}

/// The lines of lamex.yaml that build what its commands run.
fn build_lines(lamex_yaml: &str) -> Vec<String> {
    let document: serde_json::Value = serde_yaml::from_str(lamex_yaml).unwrap();
    let commands = document["commands"].as_array().unwrap().iter();
    commands.map(|command| command["build"].as_str().unwrap().to_owned()).collect()
}

/// The folder of the Go toolchain that the examples are built with too.
fn go_folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/find-go");
    let output = Command::new(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let go = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end());
    go.parent().unwrap().to_owned()
}

fn shell(line: &str, folder: &Path) -> Output {
    let mut command = Command::new("sh");
    command.args(["-euc", line]).current_dir(folder);
    with_toolchains(&mut command, folder).output().unwrap()
}

fn with_toolchains<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    let mut path = OsString::from(go_folder());
    path.push(":");
    path.push(env::var_os("PATH").unwrap());
    command
        .env("PATH", path)
        .envs([("GOFLAGS", ""), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")])
        .env("CARGO_TARGET_DIR", folder.join("target"))
}

fn must(output: &Output) -> String {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    stdout
}
