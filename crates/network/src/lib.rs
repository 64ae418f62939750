//! The network of a VPC as EC2 describes it, and a pure answer to one question: can this subnet reach that
//! address on that port, and if not, what is the first thing in the way?
//!
//! Nothing here asks AWS; `lamex-ctl doctor` fills the model in.

mod acl;
mod addresses;
pub mod answer;
mod checks;
mod display;
mod groups;
pub mod model;
mod next_hop;
pub mod packets;
pub mod question;
pub mod reachability;
pub mod routes;
pub mod services;
