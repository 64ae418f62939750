//! The repository around a folder: CI systems look for their files at its root.

use std::path::{Path, PathBuf};

use super::shell::quote;

/// A folder in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepositoryPath {
    /// The root of the repository, or the folder itself where it is in none.
    pub(super) root: PathBuf,
    /// The folder relative to the root; empty for the root itself.
    pub(super) folder: String,
}

impl RepositoryPath {
    /// `folder` must be absolute.
    pub(super) fn new(folder: &Path) -> Self {
        // A worktree or a submodule has a file of this name.
        let root = folder.ancestors().find(|ancestor| ancestor.join(".git").exists()).unwrap_or(folder);
        let below = folder.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
        Self { root: root.to_owned(), folder: below.to_owned() }
    }

    /// A path of the folder as seen from the root.
    pub(super) fn seen_from_root(&self, path: &str) -> String {
        super::walk::join(&self.folder, path)
    }

    /// The line that leads from the root to the folder, if they differ.
    pub(super) fn change_folder(&self) -> Option<String> {
        (!self.folder.is_empty()).then(|| format!("cd {}", quote(&format!("./{}", self.folder))))
    }
}
