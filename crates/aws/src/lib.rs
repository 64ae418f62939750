//! Every call to AWS, with plain values on the outside.
//!
//! `lamex-ctl doctor` asks far more than the other subcommands: what it alone needs is the feature `doctor`, and so are
//! the clients of EC2, IAM and Route 53, which take minutes to compile.

mod account;
mod body;
mod credentials;
mod error;
mod frozen;
mod http;
mod lambda;
mod published;
mod storage;
mod versions;

#[cfg(feature = "doctor")]
mod caller;
#[cfg(feature = "doctor")]
mod concurrent;
#[cfg(feature = "doctor")]
mod description;
#[cfg(feature = "doctor")]
pub mod network;
#[cfg(feature = "doctor")]
pub mod permissions;
#[cfg(feature = "doctor")]
mod roles;
#[cfg(feature = "doctor")]
mod zones;

pub use account::{Account, AccountError};
#[cfg(feature = "doctor")]
pub use caller::caller;
pub use credentials::caller_credentials;
#[cfg(feature = "doctor")]
pub use description::{Description, describe};
pub use lambda::{Answer, End, Function, Part, StartError, Transport};
pub use published::Published;
#[cfg(feature = "doctor")]
pub use roles::role;
pub use storage::put;
pub use versions::{Alias, Code, Configuration, Snapshot, Versions, VersionsError};
#[cfg(feature = "doctor")]
pub use zones::private_zones;
