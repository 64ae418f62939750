//! The network that the function is in.

use lamex_network::model::Network;
use lamex_network::question::Source;

/// Where the function is.
pub(crate) struct FunctionNetwork<'a> {
    pub vpcs: &'a Network,
    pub subnet_ids: &'a [String],
    pub security_group_ids: &'a [String],
    pub is_dual_stack: bool,
}

impl FunctionNetwork<'_> {
    /// The function in one of its subnets.
    pub(crate) fn source(&self, subnet_id: &str) -> Source {
        Source {
            subnet_id: subnet_id.to_owned(),
            security_group_ids: self.security_group_ids.to_vec(),
            dual_stack: self.is_dual_stack,
        }
    }
}
