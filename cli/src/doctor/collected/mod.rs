//! Tests of the collection, by real calls to an AWS on this machine.

mod function;
mod names;
mod project;
mod refusals;
mod surroundings;
