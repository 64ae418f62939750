//! Where a route leads, and whether what is there carries the packets.

use ipnet::IpNet;

use crate::answer::{Blocker, Cause, Check, Leg, NatProblem, PeeringProblem, Step};
use crate::checks::{Stop, Walk};
use crate::model::{EndpointKind, NatGateway, NextHop, Peering, PeeringSide, Route, RouteTable};
use crate::packets::{is_private, overlap, same_family};
use crate::routes::{choose_routes, subnet_table};

/// Where the packets end up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// In a subnet, with the function's own address.
    Delivered,
    /// On the internet, or at a service of AWS.
    Outside,
    /// With something that carries them on, unseen.
    BeyondSight(NextHop),
}

pub(crate) struct Onward {
    pub(crate) end: End,
    /// The subnet of the NAT gateway that they pass.
    pub(crate) nat_subnet: Option<String>,
}

impl Onward {
    /// Whether the packets pass an interface that may be in the function's own subnet, so that ACLs may not filter them:
    /// that of an appliance or, only on the way back, of the attachment of a transit gateway ("Network ACLs for transit
    /// gateways" in its guide).
    pub(crate) fn may_stay_in_subnet(&self, leg: Leg) -> bool {
        match &self.end {
            End::BeyondSight(_) if self.nat_subnet.is_some() => false,
            End::BeyondSight(NextHop::TransitGateway(_)) => leg == Leg::Return,
            End::BeyondSight(NextHop::Interface(_) | NextHop::Endpoint(_) | NextHop::Other(_)) => true,
            _ => false,
        }
    }
}

impl From<End> for Onward {
    fn from(end: End) -> Self {
        Self { end, nat_subnet: None }
    }
}

impl<'n> Walk<'n> {
    /// Follows the route of the function's subnet.
    pub(crate) fn next_hop(&mut self, table: &RouteTable, route: &Route) -> Result<Onward, Box<Stop>> {
        let subnet_id = self.source.subnet_id.clone();
        let table_id = table.id.clone();
        let leg = Leg::Forward;
        if route.is_blackhole {
            return Err(Stop::new(Blocker::Blackhole { leg, subnet_id, table_id, route: route.clone() }));
        }
        let is_ipv4 = self.to.ranges.iter().all(|range| matches!(range, IpNet::V4(_)));
        let is_private = self.to.ranges.iter().all(is_private);
        match &route.next {
            NextHop::InternetGateway(_) | NextHop::EgressOnlyInternetGateway(_) if is_private => {
                return Err(Stop::new(Blocker::PrivateOverInternet {
                    subnet_id,
                    table_id,
                    route: route.clone(),
                }));
            }
            NextHop::InternetGateway(_) | NextHop::EgressOnlyInternetGateway(_) if is_ipv4 => {
                return Err(Stop::new(Blocker::WrongNextHop {
                    leg,
                    subnet_id,
                    table_id,
                    route: route.clone(),
                }));
            }
            _ => {}
        }
        self.path.steps.push(Step::Route { leg, subnet_id, table_id, route: route.clone() });
        match &route.next {
            NextHop::Local => Ok(End::Delivered.into()),
            NextHop::InternetGateway(_) | NextHop::EgressOnlyInternetGateway(_) => Ok(End::Outside.into()),
            NextHop::NatGateway(id) => self.nat_gateway(id),
            NextHop::Peering(id) => self.peering(id).map(Onward::from),
            NextHop::Endpoint(id) => self.endpoint(id, &route.next).map(Onward::from),
            next => Ok(End::BeyondSight(next.clone()).into()),
        }
    }

    fn nat_gateway(&mut self, id: &str) -> Result<Onward, Box<Stop>> {
        let check = Check::NatGateway(id.to_owned());
        let gateway = match &self.network.nat_gateways {
            Ok(gateways) => {
                gateways.get(id).ok_or_else(|| Cause::NotDescribed { what: "NAT gateway", id: id.to_owned() })
            }
            Err(unseen) => Err(unseen.into()),
        };
        let gateway = match gateway {
            Ok(gateway) => gateway,
            Err(cause) => {
                self.not_known(check, cause);
                return Ok(End::Outside.into());
            }
        };
        if !is_state(&gateway.state, "available") {
            return Err(nat_problem(gateway, NatProblem::State(gateway.state.clone())));
        }
        self.path.steps.push(Step::NatGateway { id: id.to_owned() });
        if gateway.subnet_id.is_empty() {
            // A regional gateway has its own route table, which leads to the internet gateway of the VPC.
            let is_public = gateway.is_public && !self.to.ranges.iter().any(is_private);
            let beyond = End::BeyondSight(NextHop::NatGateway(id.to_owned()));
            return Ok(if is_public { End::Outside } else { beyond }.into());
        }
        let end = self.after_nat_gateway(gateway)?;
        Ok(Onward { end, nat_subnet: Some(gateway.subnet_id.clone()) })
    }

    /// Follows the routes of the gateway's own subnet.
    fn after_nat_gateway(&mut self, gateway: &NatGateway) -> Result<End, Box<Stop>> {
        let choices = self.table_in_vpc(&gateway.subnet_id).and_then(|table| {
            let prefix_list = self.destination.prefix_list.as_deref();
            choose_routes(table, &self.network.prefix_lists, &self.to.ranges, prefix_list)
                .map(|choices| (table, choices))
        });
        let (table, choices) = match choices {
            Ok(found) => found,
            Err(cause) => {
                let subnet_id = gateway.subnet_id.clone();
                self.not_known(Check::Route { leg: Leg::Forward, subnet_id }, cause);
                return Ok(End::Outside);
            }
        };
        let mut end = End::Outside;
        for choice in &choices {
            match self.after_nat_by(gateway, table, choice.route, &choice.destinations) {
                Ok(End::Outside) => {}
                Ok(beyond) => end = beyond,
                Err(mut stop) => {
                    stop.partly = choices.len() > 1;
                    match self.to.some.clone().filter(|_| stop.partly) {
                        Some(cause) => self.not_known(Check::NatGateway(gateway.id.clone()), cause),
                        None => return Err(stop),
                    }
                }
            }
        }
        Ok(end)
    }

    fn after_nat_by(
        &self,
        gateway: &NatGateway,
        table: &RouteTable,
        route: Option<&Route>,
        destinations: &[IpNet],
    ) -> Result<End, Box<Stop>> {
        let (subnet_id, table_id) = (gateway.subnet_id.clone(), table.id.clone());
        let wrong = |route: Option<&Route>| {
            let (subnet_id, table_id) = (subnet_id.clone(), table_id.clone());
            nat_problem(gateway, NatProblem::Route { subnet_id, table_id, route: route.cloned() })
        };
        let Some(route) = route.filter(|route| !route.is_blackhole) else { return Err(wrong(route)) };
        match &route.next {
            NextHop::InternetGateway(_) if destinations.iter().all(is_private) => {
                let route = route.clone();
                Err(Stop::new(Blocker::PrivateOverInternet { subnet_id, table_id, route }))
            }
            NextHop::InternetGateway(_) if !gateway.is_public => {
                Err(nat_problem(gateway, NatProblem::Private))
            }
            NextHop::InternetGateway(_) => Ok(End::Outside),
            NextHop::NatGateway(_) | NextHop::EgressOnlyInternetGateway(_) => Err(wrong(Some(route))),
            next => Ok(End::BeyondSight(next.clone())),
        }
    }

    fn peering(&mut self, id: &str) -> Result<End, Box<Stop>> {
        let peering = match &self.network.peerings {
            Ok(peerings) => peerings
                .get(id)
                .ok_or_else(|| Cause::NotDescribed { what: "peering connection", id: id.to_owned() }),
            Err(unseen) => Err(unseen.into()),
        };
        let peering = match peering {
            Ok(peering) => peering,
            Err(cause) => {
                self.not_known(Check::Peering(id.to_owned()), cause);
                return Ok(End::Delivered);
            }
        };
        if !is_state(&peering.state, "active") {
            return Err(peering_problem(peering, PeeringProblem::State(peering.state.clone())));
        }
        if let Some(side) = self.other_side(peering)
            && side.ranges.iter().any(|range| self.to.ranges.iter().any(|to| same_family(range, to)))
            && overlap(&self.to.ranges, &side.ranges).is_empty()
        {
            let (vpc_id, ranges) = (side.vpc_id.clone(), side.ranges.clone());
            return Err(peering_problem(peering, PeeringProblem::OtherRange { vpc_id, ranges }));
        }
        self.path.steps.push(Step::Peering { id: id.to_owned() });
        Ok(End::Delivered)
    }

    fn other_side(&self, peering: &'n Peering) -> Option<&'n PeeringSide> {
        match self.vpc_id {
            Some(own) if peering.requester.vpc_id == own => Some(&peering.accepter),
            Some(own) if peering.accepter.vpc_id == own => Some(&peering.requester),
            _ => None,
        }
    }

    /// The VPC to which a peering connection leads.
    pub(crate) fn peer_vpc_id(&self, peering_id: &str) -> Option<&'n str> {
        let peering = self.network.peerings.as_ref().ok()?.get(peering_id)?;
        self.other_side(peering).map(|side| side.vpc_id.as_str())
    }

    fn endpoint(&mut self, id: &str, next: &NextHop) -> Result<End, Box<Stop>> {
        let endpoints = match &self.network.endpoints {
            Ok(endpoints) => endpoints,
            Err(unseen) => {
                self.not_known(Check::Endpoint(id.to_owned()), unseen.into());
                return Ok(End::Outside);
            }
        };
        match endpoints.iter().find(|endpoint| endpoint.id == id) {
            Some(endpoint) if !matches!(endpoint.kind, EndpointKind::Gateway { .. }) => {
                Ok(End::BeyondSight(next.clone()))
            }
            Some(endpoint) if is_state(&endpoint.state, "available") => {
                self.path.steps.push(Step::GatewayEndpoint { id: id.to_owned() });
                Ok(End::Outside)
            }
            Some(endpoint) => {
                let state = endpoint.state.clone();
                Err(Stop::new(Blocker::GatewayEndpoint { id: id.to_owned(), state }))
            }
            None => {
                let cause = Cause::NotDescribed { what: "endpoint", id: id.to_owned() };
                self.not_known(Check::Endpoint(id.to_owned()), cause);
                Ok(End::Outside)
            }
        }
    }

    /// The way of the answers, from the destination's subnet; `came_by` is what the packets came through.
    pub(crate) fn route_back(&mut self, subnet_id: &str, came_by: &NextHop) -> Result<End, Box<Stop>> {
        let leg = Leg::Return;
        let table = match came_by {
            NextHop::Local => self.table_in_vpc(subnet_id),
            _ => subnet_table(self.network, subnet_id),
        };
        let choices = table.and_then(|table| {
            choose_routes(table, &self.network.prefix_lists, &self.from.ranges, None)
                .map(|choices| (table, choices))
        });
        let (table, choices) = match choices {
            Ok(found) => found,
            Err(cause) => {
                self.not_known(Check::Route { leg, subnet_id: subnet_id.to_owned() }, cause);
                return Ok(End::Delivered);
            }
        };
        let mut end = End::Delivered;
        for choice in &choices {
            let (subnet_id, table_id) = (subnet_id.to_owned(), table.id.clone());
            let destinations = choice.destinations.clone();
            let stopped = match choice.route.cloned() {
                Some(route) if !route.is_blackhole && route.next == *came_by => {
                    self.path.steps.push(Step::Route { leg, subnet_id, table_id, route });
                    continue;
                }
                None => Err(Blocker::NoRoute { leg, subnet_id, table_id, destinations }),
                Some(route) if route.is_blackhole => {
                    Err(Blocker::Blackhole { leg, subnet_id, table_id, route })
                }
                Some(route) => match &route.next {
                    NextHop::Local
                    | NextHop::NatGateway(_)
                    | NextHop::InternetGateway(_)
                    | NextHop::EgressOnlyInternetGateway(_)
                    | NextHop::Peering(_) => Err(Blocker::WrongNextHop { leg, subnet_id, table_id, route }),
                    next => Ok(End::BeyondSight(next.clone())),
                },
            };
            let partly = choices.len() > 1;
            match (stopped, self.from.some.clone().filter(|_| partly)) {
                (_, Some(cause)) => self.not_known(Check::Subnets, cause),
                (Ok(beyond), None) => end = beyond,
                (Err(blocker), None) => return Err(Box::new(Stop { blocker, partly })),
            }
        }
        Ok(end)
    }
}

fn nat_problem(gateway: &NatGateway, problem: NatProblem) -> Box<Stop> {
    Stop::new(Blocker::NatGateway { id: gateway.id.clone(), problem })
}

fn peering_problem(peering: &Peering, problem: PeeringProblem) -> Box<Stop> {
    Stop::new(Blocker::Peering { id: peering.id.clone(), problem })
}

/// EC2's answers differ in case between kinds of resources.
pub(crate) fn is_state(state: &str, expected: &str) -> bool {
    state.eq_ignore_ascii_case(expected)
}
