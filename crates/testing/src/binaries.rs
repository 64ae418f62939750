//! Where the binaries, the example suites and Python are.

use std::path::{Path, PathBuf};

/// The folder of cargo's profile, `target/debug`: a test runs in `deps` there.
fn profile_folder() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
}

fn built(name: &str) -> PathBuf {
    let path = profile_folder().join(name);
    assert!(path.is_file(), "{} is missing: run `cargo build --workspace` first", path.display());
    path
}

pub fn lamex_ctl() -> PathBuf {
    built("lamex-ctl")
}

/// The runner beside lamex-ctl, which cargo builds for no test of another package.
pub fn bootstrap() -> PathBuf {
    built("bootstrap")
}

/// A folder for files of tests that `cargo clean` removes.
pub(crate) fn target_tmp() -> PathBuf {
    let folder = profile_folder().with_file_name("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the example suites.
pub fn examples() -> PathBuf {
    let folder = repository().join("examples");
    for binary in ["orders-system-tests", "inventory-system-tests", "broken-go", "broken-rust"] {
        assert!(
            folder.join("build").join(binary).is_file(),
            "examples/build/{binary} is missing: run `make -C examples` first"
        );
    }
    folder
}

/// The Python that has the packages of `requirements-test.txt`.
pub fn python() -> PathBuf {
    let default = repository().join(".cache/venv/bin/python");
    let python = std::env::var_os("LAMEX_TEST_PYTHON").map_or(default, PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run `make test`, which installs requirements-test.txt there",
        python.display()
    );
    std::path::absolute(python).unwrap()
}

/// The program that makes Lambda API calls through boto3 to a function named `suite`.
pub fn boto3_calls() -> PathBuf {
    repository().join("crates/emulator/tests/clients/calls.py")
}
