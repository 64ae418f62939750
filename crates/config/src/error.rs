//! Why there is no configuration to work with.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::problem::Invalid;

#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    #[error("there is no {}", path.display())]
    #[diagnostic(help("{help}"))]
    NotFound { path: PathBuf, help: String },
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is larger than {limit_bytes} bytes", path.display())]
    #[diagnostic(help("is this the right file?"))]
    TooLarge { path: PathBuf, limit_bytes: u64 },
    #[error("{} is empty", path.display())]
    #[diagnostic(help("it needs at least one command:\ncommands:\n  - name: hello\n    run: echo hello"))]
    Empty { path: PathBuf },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<Invalid>),
    #[error("{} has no environment `{name}`", path.display())]
    #[diagnostic(help("{help}"))]
    UnknownEnvironment { name: String, path: PathBuf, help: String },
}

impl From<Invalid> for ConfigError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(Box::new(invalid))
    }
}
