//! Where the local function puts its temporary files.

use lamex_emulator::FunctionConfig;
use tempfile::TempDir;

use crate::commands::failure::Failure;

/// Gives the function a TMPDIR of its own, which goes when the returned folder is dropped: a runner that is
/// killed, as it is after Ctrl-C, cannot remove what it has there.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn give_to(function: &mut FunctionConfig) -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new().prefix("lamex-local-").tempdir();
    let folder = folder.map_err(|error| Failure::machine("make a folder for temporary files", &error))?;
    let path = folder.path().to_string_lossy().into_owned();
    function.environment.entry("TMPDIR".to_owned()).or_insert(path);
    Ok(folder)
}
