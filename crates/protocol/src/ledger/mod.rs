//! The ledger: what many invocations of one run prove together.
//!
//! A [`book::Ledger`] holds the planned units and every attempt at them. It hands out what an invocation is
//! asked for ([`asked::Asked`]); a [`unit_reader::UnitReader`] turns that and the invocation's response into
//! [`evidence::Evidence`]; and only evidence of a trusted response makes a unit pass. Neither a pass of a unit
//! nor that of a run can be made in another way.
//!
//! ```text
//! Ledger::begin -> Asked -> UnitReader (reads the response) -> Evidence -> Ledger::settle -> conclude
//! ```
//!
//! ```compile_fail,E0423
//! let pass = lamex_protocol::ledger::state::Trusted(());
//! ```
//! ```compile_fail,E0423
//! let pass = lamex_protocol::ledger::conclusion::Proven(());
//! ```

mod account;
pub mod asked;
pub mod book;
pub mod conclusion;
pub mod evidence;
mod process;
pub mod state;
pub mod unit_reader;
pub mod units;
