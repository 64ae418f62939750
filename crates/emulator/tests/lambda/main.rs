//! The emulator through AWS's own clients: boto3 as the caller, awslambdaric as the function where a
//! buffered answer will do, and a scripted runtime where more is asked for.

#![cfg(test)]

mod failures;
mod faults;
mod fixture;
mod invoke;
mod processes;
mod runtime_api;
mod streaming;
