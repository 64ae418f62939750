//! A real Go test binary, built once from the sources of the captures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The bytes of the binary.
pub(crate) fn suite() -> &'static [u8] {
    static SUITE: LazyLock<Vec<u8>> = LazyLock::new(build);
    &SUITE
}

fn build() -> Vec<u8> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = output(Command::new(crate_folder.join("../scripts/find-go")));
    let go = PathBuf::from(String::from_utf8(found).unwrap().trim());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module capture\n\ngo 1.24\n").unwrap();
    let source = crate_folder.join("tests/captures/sources/suite_test.go");
    fs::copy(source, folder.path().join("suite_test.go")).unwrap();
    let mut build = Command::new(go);
    build
        .args(["test", "-c", "-trimpath", "-ldflags=-s -w", "-o", "suite", "."])
        .current_dir(folder.path())
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "")
        .env("GOPROXY", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off");
    output(build);
    fs::read(folder.path().join("suite")).unwrap()
}

fn output(mut command: Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
