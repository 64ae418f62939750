//! The route tables of the function's subnets.

use lamex_network::model::{Network, RouteTable};
use lamex_network::routes::subnet_table;

use crate::finding::{Check, Finding, Tool};

/// What each subnet's table has, and which of its routes lead nowhere. Whether that matters to a target is the
/// target's check.
pub(crate) fn findings(network: &Network, subnet_ids: &[String]) -> Vec<Finding> {
    const CHECK: Check = Check::SubnetRoutes;
    if let Err(unseen) = &network.route_tables {
        return vec![Finding::unseen(CHECK, unseen)];
    }
    let known = subnet_ids
        .iter()
        .filter(|id| network.subnets.as_ref().is_ok_and(|subnets| subnets.contains_key(*id)));
    let finding = |id: &String| {
        let finding = match subnet_table(network, id) {
            Err(cause) => Finding::unknown(CHECK, format!("unknown: {cause}")),
            Ok(table) => of_table(table),
        };
        finding.about(id)
    };
    known.map(finding).collect()
}

fn of_table(table: &RouteTable) -> Finding {
    const CHECK: Check = Check::SubnetRoutes;
    let id = &table.id;
    let (gone, good): (Vec<_>, Vec<_>) = table.routes.iter().partition(|route| route.is_blackhole);
    let list = |routes: &[&lamex_network::model::Route]| {
        routes
            .iter()
            .map(|route| format!("{} → {}", route.destination, route.next))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if gone.is_empty() {
        return Finding::ok(CHECK, format!("{id}: {}", list(&good))).resources([id]);
    }
    Finding::warning(CHECK, format!("{id} has blackhole routes: {}", list(&gone)))
        .resources([id])
        .why("Their targets were deleted; packets that match them are dropped.")
        .fix(Tool::Words, "point them to existing targets, or delete them")
}
