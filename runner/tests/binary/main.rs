//! The runner as Lambda sees it: the real `bootstrap`, real processes, and a bare Runtime API on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod callers;
mod deadline;
mod endings;
mod environment;
mod go_suites;
mod hostile;
mod init;
mod launching;
mod leftovers;
mod no_tests;
mod output;
mod phases;
mod plain;
mod probe;
mod probe_answers;
mod probe_connections;
mod probe_datagrams;
mod probe_grpc_tls;
mod probe_names;
mod probe_tls;
mod protocol_mode;
mod requests;
mod selection;
mod spill;
mod timeouts;
mod warm;
