//! The network of a VPC as EC2 describes it, and a pure answer to one question: can this subnet reach that
//! address on that port, and if not, what is the first thing in the way?
//!
//! Nothing here asks AWS; `lamex-ctl doctor` fills the model in.

pub mod model;
