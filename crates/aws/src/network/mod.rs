//! EC2's answers about a VPC, as the network model has them. Every question is one paginated call with a
//! filter, which answers with what exists, where a list of ids fails for all when one of them does not.

mod acls;
mod endpoints;
mod filter;
mod interfaces;
mod prefix_lists;
mod routes;
mod rules;
mod security_groups;
mod subnets;
mod values;
mod vpc;

pub use acls::network_acls;
pub use endpoints::endpoints;
pub use filter::{Filter, NetworkClient};
pub use interfaces::interfaces;
pub use prefix_lists::prefix_lists;
pub use routes::{nat_gateways, peerings, route_tables};
pub use security_groups::security_groups;
pub use subnets::subnets;
pub use vpc::vpc;
