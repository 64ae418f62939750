//! What tests share: the binaries, projects to run them in, what they leave behind, and an AWS on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod binaries;
pub mod emulators;
pub mod events;
pub mod finished;
pub mod junit;
pub mod live;
pub mod ministack;
pub mod network;
pub mod project;
pub mod run;

mod driver;
mod render;

pub use render::render;
