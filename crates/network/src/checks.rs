//! The rules that a packet meets on its way, one check each. A check stops the walk only when it is sure.

use std::ops::RangeInclusive;

use ipnet::IpNet;

use crate::acl::{decide, missing_rules};
use crate::addresses::Addresses;
use crate::answer::{Blocker, Cause, Check, Direction, Leg, MissingRule, Path, Step, Unknown};
use crate::groups::{Coverage, Membership, OtherSide, coverage};
use crate::model::{Network, NetworkAcl, Peer, RouteTable};
use crate::packets::{overlap, packets, tidy};
use crate::question::{Destination, Source};
use crate::routes::subnet_table;

/// The ports from which Lambda functions and NAT gateways open connections, and to which answers go: "Ephemeral
/// ports" in the chapter on network ACLs of the Amazon VPC User Guide.
const EPHEMERAL_PORTS: RangeInclusive<u16> = 1024..=65535;

/// What stops the packets.
pub(crate) struct Stop {
    pub(crate) blocker: Blocker,
    pub(crate) partly: bool,
}

impl Stop {
    pub(crate) fn new(blocker: Blocker) -> Box<Self> {
        Box::new(Self { blocker, partly: false })
    }
}

pub(crate) type Checked = Result<(), Box<Stop>>;

/// The way of the packets so far.
#[derive(Clone)]
pub(crate) struct Walk<'n> {
    pub(crate) network: &'n Network,
    pub(crate) source: &'n Source,
    pub(crate) destination: &'n Destination,
    /// The VPC of the function.
    pub(crate) vpc_id: Option<&'n str>,
    pub(crate) from: Addresses,
    pub(crate) to: Addresses,
    pub(crate) path: Path,
    pub(crate) unknown: Vec<Unknown>,
}

impl<'n> Walk<'n> {
    pub(crate) fn new(
        network: &'n Network,
        source: &'n Source,
        destination: &'n Destination,
        from: Addresses,
        to: Addresses,
    ) -> Self {
        let of_subnet = network.subnets.as_ref().ok().and_then(|subnets| subnets.get(&source.subnet_id));
        let vpc_id = of_subnet.map(|subnet| subnet.vpc_id.as_str()).or(network
            .vpc
            .as_ref()
            .ok()
            .map(|vpc| vpc.id.as_str()));
        Self { network, source, destination, vpc_id, from, to, path: Path::default(), unknown: Vec::new() }
    }

    pub(crate) fn not_known(&mut self, check: Check, cause: Cause) {
        self.unknown.push(Unknown { check, cause });
    }

    /// Whether all of `ranges` is in the function's VPC, as far as that can be seen.
    pub(crate) fn is_in_vpc(&self, ranges: &[IpNet]) -> bool {
        let Ok(vpc) = &self.network.vpc else { return false };
        ranges.iter().all(|range| vpc.ranges.iter().any(|of_vpc| of_vpc.contains(range)))
    }

    /// The table of a subnet that is in the function's VPC, whether or not subnets could be seen.
    pub(crate) fn table_in_vpc(&self, subnet_id: &str) -> Result<&'n RouteTable, Cause> {
        subnet_table(self.network, subnet_id).or_else(|cause| {
            let tables = self.network.route_tables.as_ref().map_err(Cause::from)?;
            let main = |table: &&RouteTable| table.is_main && Some(table.vpc_id.as_str()) == self.vpc_id;
            tables.iter().find(main).ok_or(cause)
        })
    }

    /// The function's groups, on the way out.
    pub(crate) fn source_groups(&mut self) -> Checked {
        let groups = match &self.destination.security_group_ids {
            _ if !self.may_be_in_a_group() => Membership::Of(&[]),
            Some(ids) => Membership::Of(ids),
            None => Membership::Unknown(self.interface_not_known()),
        };
        let prefix_list = self.destination.prefix_list.as_deref();
        let other = OtherSide { ranges: &self.to.ranges, groups, prefix_list };
        let ids = &self.source.security_group_ids;
        let seen = self.groups_let(ids, Direction::Egress, &other);
        let peers = match (&self.destination.security_group_ids, prefix_list) {
            (Some(ids), _) if !ids.is_empty() => Some(Peer::Group(ids[0].clone())),
            (_, Some(id)) => Some(Peer::PrefixList(id.to_owned())),
            _ => None,
        };
        let some = self.to.some.clone();
        self.groups(seen, Direction::Egress, ids, some, peers)
    }

    /// The groups of the destination's interface, on the way in.
    pub(crate) fn destination_groups(&mut self, is_same_vpc: bool) -> Checked {
        let Some(ids) = &self.destination.security_group_ids else {
            let cause = self.interface_not_known();
            self.not_known(Check::Ingress, cause);
            return Ok(());
        };
        if ids.is_empty() {
            return Ok(());
        }
        let own = &self.source.security_group_ids;
        let other = OtherSide { ranges: &self.from.ranges, groups: Membership::Of(own), prefix_list: None };
        let seen = self.groups_let(ids, Direction::Ingress, &other);
        let peer = own.first().filter(|_| is_same_vpc).map(|id| Peer::Group(id.clone()));
        let some = self.from.some.clone();
        self.groups(seen, Direction::Ingress, ids, some, peer)
    }

    fn groups_let(&self, ids: &[String], direction: Direction, other: &OtherSide<'_>) -> Coverage {
        coverage(self.network, ids, direction, other, self.destination.protocol, self.destination.port)
    }

    fn groups(
        &mut self,
        seen: Coverage,
        direction: Direction,
        ids: &[String],
        some: Option<Cause>,
        peer: Option<Peer>,
    ) -> Checked {
        let partly = !seen.allowed_by.is_empty();
        let steps = seen.allowed_by.into_iter();
        let steps: Vec<Step> =
            steps.map(|(group_id, rule)| Step::SecurityGroup { direction, group_id, rule }).collect();
        if seen.missing.is_empty() {
            self.path.steps.extend(steps);
            return Ok(());
        }
        let doubt = seen.doubts.into_iter().next().or(some.filter(|_| partly));
        if let Some(cause) = doubt {
            let check = match direction {
                Direction::Egress => Check::Egress,
                Direction::Ingress => Check::Ingress,
            };
            self.not_known(check, cause);
            return Ok(());
        }
        let missing = tidy(&seen.missing);
        let peers = match peer {
            Some(peer) => vec![peer],
            None => missing.iter().map(|packets| Peer::Range(packets.range)).collect(),
        };
        let missing_rule = MissingRule {
            direction,
            group_ids: ids.to_vec(),
            protocol: self.destination.protocol,
            port: self.destination.port,
            peers,
        };
        let blocker = Blocker::SecurityGroup {
            direction,
            group_ids: ids.to_vec(),
            packets: missing,
            similar: seen.similar,
            missing: missing_rule,
        };
        Err(Box::new(Stop { blocker, partly }))
    }

    /// A rule that names a group is for the private addresses of its members in this VPC and in its peers.
    fn may_be_in_a_group(&self) -> bool {
        let (Ok(vpc), Ok(peerings)) = (&self.network.vpc, &self.network.peerings) else { return true };
        let sides = peerings.values().flat_map(|peering| [&peering.requester, &peering.accepter]);
        let ranges: Vec<IpNet> = sides.flat_map(|side| &side.ranges).chain(&vpc.ranges).copied().collect();
        !overlap(&self.to.ranges, &ranges).is_empty()
    }

    fn interface_not_known(&self) -> Cause {
        self.network.interfaces.as_ref().err().map_or(Cause::Interface, Cause::from)
    }

    /// The ACL of the function's subnet: out on the way there, in on the way back. ACLs do not filter what stays in
    /// the subnet; `leaves_subnet` is `None` if it is not known whether it does.
    pub(crate) fn own_acl(&mut self, leg: Leg, leaves_subnet: Option<bool>) -> Checked {
        if leaves_subnet == Some(false) {
            return Ok(());
        }
        let (direction, ports) = match leg {
            Leg::Forward => (Direction::Egress, self.port()),
            Leg::Return => (Direction::Ingress, EPHEMERAL_PORTS),
        };
        let subnet_id = self.source.subnet_id.clone();
        let checked = self.acl(&subnet_id, leg, direction, &self.to.clone(), &ports);
        if leaves_subnet.is_none() && checked.is_err() {
            self.not_known(Check::NetworkAcl { leg, direction, subnet_id }, Cause::MayStayInSubnet);
            return Ok(());
        }
        checked
    }

    /// The ACL of the destination's subnet: in on the way there, out on the way back.
    pub(crate) fn destination_acl(&mut self, leg: Leg, subnet_id: &str) -> Checked {
        let (direction, ports) = match leg {
            Leg::Forward => (Direction::Ingress, self.port()),
            Leg::Return => (Direction::Egress, EPHEMERAL_PORTS),
        };
        self.acl(subnet_id, leg, direction, &self.from.clone(), &ports)
    }

    /// The ACL of a NAT gateway's subnet: in, out, and both again for the answers. To that subnet, a packet's other
    /// side is the function before the gateway and the destination after it.
    pub(crate) fn nat_acls(&mut self, subnet_id: &str) -> Checked {
        let (from, to, port) = (self.from.clone(), self.to.clone(), self.port());
        let is_other_subnet = subnet_id != self.source.subnet_id;
        if is_other_subnet {
            self.acl(subnet_id, Leg::Forward, Direction::Ingress, &from, &port)?;
        }
        self.acl(subnet_id, Leg::Forward, Direction::Egress, &to, &port)?;
        self.acl(subnet_id, Leg::Return, Direction::Ingress, &to, &EPHEMERAL_PORTS)?;
        if is_other_subnet {
            self.acl(subnet_id, Leg::Return, Direction::Egress, &from, &EPHEMERAL_PORTS)?;
        }
        Ok(())
    }

    fn acl(
        &mut self,
        subnet_id: &str,
        leg: Leg,
        direction: Direction,
        other: &Addresses,
        ports: &RangeInclusive<u16>,
    ) -> Checked {
        let check = Check::NetworkAcl { leg, direction, subnet_id: subnet_id.to_owned() };
        let acl = match self.acl_of(subnet_id) {
            Ok(acl) => acl,
            Err(cause) => {
                self.not_known(check, cause);
                return Ok(());
            }
        };
        let protocol = self.destination.protocol;
        let decision = decide(acl, direction, protocol, packets(&other.ranges, ports));
        let partly = !decision.allowed_by.is_empty();
        let (acl_id, subnet_id) = (acl.id.clone(), subnet_id.to_owned());
        if decision.denied.is_empty() {
            let rules = decision.allowed_by;
            self.path.steps.push(Step::NetworkAcl { leg, direction, acl_id, subnet_id, rules });
            return Ok(());
        }
        if let Some(cause) = other.some.as_ref().filter(|_| partly) {
            self.not_known(check, cause.clone());
            return Ok(());
        }
        let missing = missing_rules(acl, direction, protocol, &decision.denied);
        let denied = decision.denied;
        let blocker = Blocker::NetworkAcl { leg, direction, acl_id, subnet_id, denied, missing };
        Err(Box::new(Stop { blocker, partly }))
    }

    fn acl_of(&self, subnet_id: &str) -> Result<&'n NetworkAcl, Cause> {
        let acls = self.network.network_acls.as_ref().map_err(Cause::from)?;
        acls.iter()
            .find(|acl| acl.subnet_ids.iter().any(|id| id == subnet_id))
            .ok_or_else(|| Cause::NotDescribed { what: "the network ACL of", id: subnet_id.to_owned() })
    }

    fn port(&self) -> RangeInclusive<u16> {
        self.destination.port..=self.destination.port
    }
}
