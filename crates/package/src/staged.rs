//! What staging leaves in a folder, and what comes after it works with.

use lamex_protocol::plan::Plan;

/// A package in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    pub plan: Plan,
    /// `sha256:` and the hex digest of the plan file: what the runner's `hello` must carry.
    pub package_digest: String,
    /// Every file of the folder, the plan too, sorted by path.
    pub files: Vec<StagedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Relative to the root of the package.
    pub path: String,
    pub size_bytes: u64,
    /// 0o755 or 0o644, whatever the file had on disk: artifact stores drop modes.
    pub mode: u32,
    /// Of the contents, in hex.
    pub sha256: String,
}
