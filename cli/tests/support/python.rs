//! The Python of the tests.

use std::path::{Path, PathBuf};

/// The Python that has the packages of `requirements-test.txt`.
pub(crate) fn python() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/venv/bin/python");
    let python = std::env::var_os("LAMEX_TEST_PYTHON").map_or(default, PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run `make test`, which installs requirements-test.txt there",
        python.display()
    );
    std::path::absolute(python).unwrap()
}
