//! The checks: pure functions from what is known to findings. A check that has nothing to look at says nothing.

pub(crate) mod caller;
pub(crate) mod datagrams;
pub(crate) mod function;
pub(crate) mod function_network;
pub(crate) mod inside;
pub(crate) mod internet;
pub(crate) mod name_resolution;
pub(crate) mod network_path;
pub(crate) mod package;
pub(crate) mod probed;
pub(crate) mod role;
pub(crate) mod routes;
pub(crate) mod subnets;
pub(crate) mod targets;
pub(crate) mod variables;

mod hosted_name;
mod proposed;
