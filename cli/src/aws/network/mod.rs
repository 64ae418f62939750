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

pub(crate) use acls::network_acls;
pub(crate) use endpoints::endpoints;
pub(crate) use filter::{Filter, NetworkClient};
pub(crate) use interfaces::interfaces;
pub(crate) use prefix_lists::prefix_lists;
pub(crate) use routes::{nat_gateways, peerings, route_tables};
pub(crate) use security_groups::security_groups;
pub(crate) use subnets::subnets;
pub(crate) use vpc::vpc;
