//! The runners inside this lamex-ctl: those of a release have one for each architecture of Lambda.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use lamex_config::Architecture;

use crate::BOOTSTRAP;
use crate::copy;

/// A runner inside lamex-ctl.
#[derive(Debug, PartialEq, Eq)]
pub struct EmbeddedRunner {
    pub architecture: Architecture,
    bytes: &'static [u8],
}

#[cfg(feature = "embedded-runners")]
static RUNNERS: &[EmbeddedRunner] = include!(concat!(env!("OUT_DIR"), "/embedded_runners.rs"));
#[cfg(not(feature = "embedded-runners"))]
static RUNNERS: &[EmbeddedRunner] = &[];

/// All of them.
#[must_use]
pub fn runners() -> &'static [EmbeddedRunner] {
    RUNNERS
}

impl EmbeddedRunner {
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// In hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        copy::sha256(self.bytes)
    }

    /// Writes it into a folder that nobody else can write to, as an executable file.
    ///
    /// # Errors
    /// Those of the file system; a file of its name that is there already.
    pub fn unpack(&self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(BOOTSTRAP);
        let mut file = File::options().write(true).create_new(true).mode(0o755).open(&path)?;
        file.write_all(self.bytes)?;
        Ok(path)
    }

    #[cfg(test)]
    pub(crate) fn new(architecture: Architecture, bytes: &'static [u8]) -> Self {
        Self { architecture, bytes }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_runner_is_unpacked_executable_and_over_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let runner = EmbeddedRunner::new(Architecture::Arm64, b"\x7fELF");
        let path = runner.unpack(folder.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"\x7fELF");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o700, 0o700);
        assert_eq!(runner.unpack(folder.path()).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
