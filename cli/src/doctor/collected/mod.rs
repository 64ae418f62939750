//! Tests of the collection, by real calls to an AWS on this machine.

mod function;
mod network_scope;
mod project;
mod refusals;
mod zones;
