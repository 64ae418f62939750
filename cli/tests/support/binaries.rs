//! Where the binaries, the example suites and Python are.

use std::path::{Path, PathBuf};

pub(crate) const LAMEX_CTL: &str = env!("CARGO_BIN_EXE_lamex-ctl");

/// The runner beside lamex-ctl, which cargo builds for no test of this package.
pub(crate) fn bootstrap() -> PathBuf {
    let path = Path::new(LAMEX_CTL).with_file_name("bootstrap");
    assert!(path.is_file(), "{} is missing: run `cargo build --workspace` first", path.display());
    path
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the example suites.
pub(crate) fn examples() -> PathBuf {
    let folder = repository().join("examples");
    for binary in ["orders-system-tests", "inventory-system-tests", "broken-go", "broken-rust"] {
        assert!(
            folder.join("build").join(binary).is_file(),
            "examples/build/{binary} is missing: run `make -C examples` first"
        );
    }
    folder
}

/// The Python that has boto3.
pub(crate) fn python() -> PathBuf {
    let default = repository().join(".cache/venv/bin/python");
    let python = std::env::var_os("LAMEX_TEST_PYTHON").map_or(default, PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run `make test`, which installs emulator/tests/requirements.txt there",
        python.display()
    );
    std::path::absolute(python).unwrap()
}

/// The program that makes Lambda API calls through boto3 to a function named `suite`.
pub(crate) fn boto3_calls() -> PathBuf {
    repository().join("emulator/tests/clients/calls.py")
}
