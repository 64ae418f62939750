//! What is said about every kind of bad lamex.yaml: the whole reports, as a terminal shows them.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod commands;
mod environments;
mod files;
mod yaml;

use std::fs;

use lamex_testing::render;

/// The report on a lamex.yaml of this text.
fn report(text: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lamex.yaml");
    fs::write(&path, text).unwrap();
    let error = lamex_config::load(&path).expect_err("the file is bad");
    render(&error, folder.path())
}
