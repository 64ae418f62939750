//! Tests of the collection, by real calls to an AWS on this machine.

#[path = "../../../tests/doctor/emulators.rs"]
pub(super) mod emulators;
mod function;
mod names;
#[path = "../../../tests/doctor/network.rs"]
mod network;
mod project;
mod refusals;
mod surroundings;
