//! Collects the facts: everything at once that does not rest on another answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use lamex_aws::network::NetworkClient;
use lamex_aws::permissions::{self, Question};
use lamex_aws::{Account, Description};
use lamex_config::{Lambda, Reach};
use lamex_doctor::actions::{DEPLOY, DESCRIBE, INVOKE, NETWORK_INTERFACES, PRUNE, PRUNE_VERSIONS};
use lamex_doctor::aws_names::is_aws_name;
use lamex_doctor::facts::{Caller, Facts, Inside, Package, Role, Zone};
use lamex_doctor::policy;
use lamex_doctor::promises::promised;
use lamex_network::model::{Network, Seen, Unseen};
use lamex_protocol::probe::TargetProbed;

use super::inside;
use super::network_scope::{NetworkScope, look_around, look_further};

/// What to look at.
pub(crate) struct Look<'a> {
    pub(crate) targets: &'a [Reach],
    /// Whether to invoke the function, too.
    pub(crate) from_inside: bool,
    /// The package on this machine, which becomes a fact like the others.
    pub(crate) package: Option<Package>,
}

/// Asks AWS about the environment, and the function about what it sees. What cannot be had is a fact as well.
pub(crate) async fn collect(lambda: &Lambda, account: &Account, look: Look<'_>) -> Facts {
    let survey = Survey { lambda, account, targets: look.targets, network: NetworkClient::new(account) };
    let by_caller = async {
        let caller = lamex_aws::caller(account).await;
        // Credentials of another account must not start a function there.
        let may_start = caller.as_ref().is_ok_and(|caller| caller.account == lambda.account);
        let inside = async {
            if look.from_inside && may_start {
                inside::ask(lambda, account, look.targets).await
            } else {
                Inside::NotAsked
            }
        };
        let (permissions, inside) = tokio::join!(survey.permissions(&caller), inside);
        (caller, permissions, inside)
    };
    let ((caller, permissions, inside), (description, role, mut surroundings)) =
        tokio::join!(by_caller, survey.described());
    if let (Some(surroundings), Inside::Seen { targets, .. }) = (&mut surroundings, &inside) {
        surroundings.add(&survey.network, &addresses_probed(targets)).await;
    }
    let (network, zones) = match surroundings {
        Some(surroundings) => (Some(surroundings.network), surroundings.zones),
        None => (None, Ok(Vec::new())),
    };
    Facts {
        caller,
        permissions,
        function: description.map(|description| description.map(|description| description.function)),
        role,
        network,
        zones,
        package: look.package,
        inside,
    }
}

/// What is looked at, and as whom.
struct Survey<'a> {
    lambda: &'a Lambda,
    account: &'a Account,
    targets: &'a [Reach],
    network: NetworkClient,
}

/// The network around a function, and how its names are found there.
struct NetworkFacts {
    place: NetworkScope,
    network: Network,
    zones: Seen<Vec<Zone>>,
}

impl NetworkFacts {
    /// Adds what has one of these addresses.
    async fn add(&mut self, client: &NetworkClient, addresses: &BTreeSet<IpAddr>) {
        look_further(client, &self.place, &mut self.network, addresses).await;
    }
}

impl Survey<'_> {
    async fn permissions(&self, caller: &Seen<Caller>) -> Seen<BTreeMap<String, bool>> {
        let caller = caller.as_ref().map_err(Unseen::clone)?;
        let partition = caller.arn.split(':').nth(1).unwrap_or("aws");
        let Lambda { region, account, function, qualifier, .. } = self.lambda;
        let function = format!("arn:{partition}:lambda:{region}:{account}:function:{function}");
        let invoked = format!("{function}:{qualifier}");
        // Any version stands for all of them: who may delete versions may do so by `FUNCTION:*`.
        let version = format!("{function}:1");
        let questions = [
            Question { actions: &[&DEPLOY[..], &PRUNE].concat(), resource: Some(function) },
            Question { actions: &PRUNE_VERSIONS, resource: Some(version) },
            Question { actions: &INVOKE, resource: Some(invoked) },
            Question { actions: &DESCRIBE, resource: None },
        ];
        permissions::of_caller(self.account, caller, &questions).await
    }

    /// The function, its role, and its surroundings.
    async fn described(&self) -> (Seen<Option<Description>>, Seen<Option<Role>>, Option<NetworkFacts>) {
        let function_and_role = async {
            let description =
                lamex_aws::describe(self.account, &self.lambda.function, &self.lambda.qualifier).await;
            let role = match &description {
                Ok(Some(description)) => self.role(description).await,
                Ok(None) => Ok(None),
                Err(unseen) => Err(unseen.clone()),
            };
            (description, role)
        };
        // Most functions are where lamex.yaml says, so that nobody waits to be told.
        let expected = NetworkScope::new(self.lambda, None, self.targets);
        let ((description, role), early) = tokio::join!(function_and_role, self.surroundings(expected));
        let attachment = match &description {
            Ok(Some(description)) => description.function.latest.vpc.as_ref(),
            _ => None,
        };
        let place = NetworkScope::new(self.lambda, attachment, self.targets);
        let surroundings = match (early, place) {
            (Some(early), Some(place)) if early.place.vpc_ids == place.vpc_ids => {
                Some(NetworkFacts { place, ..early })
            }
            (_, place) => self.surroundings(place).await,
        };
        let Some(mut surroundings) = surroundings else { return (description, role, None) };
        let mut addresses = self.addresses_named(&surroundings.zones);
        let vpc = surroundings.network.vpc.as_ref();
        addresses.extend(vpc.iter().flat_map(|vpc| vpc.name_servers.iter().flatten()));
        surroundings.add(&self.network, &addresses).await;
        (description, role, Some(surroundings))
    }

    async fn surroundings(&self, place: Option<NetworkScope>) -> Option<NetworkFacts> {
        let place = place?;
        let (network, zones) =
            tokio::join!(look_around(&self.network, &place), self.zones(&place.vpc_ids[0]));
        Some(NetworkFacts { place, network, zones })
    }

    async fn zones(&self, vpc_id: &str) -> Seen<Vec<Zone>> {
        let names = self.targets.iter().map(|target| target.host.trim_end_matches('.').to_ascii_lowercase());
        let names: BTreeSet<String> =
            names.filter(|name| name.parse::<IpAddr>().is_err() && !is_aws_name(name)).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        lamex_aws::private_zones(self.account, vpc_id, &self.lambda.region, &names).await
    }

    /// The addresses that the targets' hosts are, or have in a private zone.
    fn addresses_named(&self, zones: &Seen<Vec<Zone>>) -> BTreeSet<IpAddr> {
        let literal = self.targets.iter().filter_map(|target| target.host.parse().ok());
        let records = zones.iter().flatten().filter(|zone| zone.is_associated).flat_map(|zone| &zone.records);
        let in_zones = records.flatten().flat_map(|record| &record.addresses).copied();
        literal.chain(in_zones).collect()
    }

    async fn role(&self, description: &Description) -> Seen<Option<Role>> {
        let function = &description.function;
        let arn = &function.latest.role_arn;
        // The function's ARN up to its account.
        let place = function.arn.split(':').collect::<Vec<_>>();
        let [_, partition, _, region, account, ..] = place[..] else { return Ok(None) };
        let log_stream = format!(
            "arn:{partition}:logs:{region}:{account}:log-group:{}:log-stream:lamex",
            description.log_group
        );
        let questions = [
            Question { actions: &NETWORK_INTERFACES, resource: None },
            Question { actions: &["logs:CreateLogStream"], resource: Some(log_stream.clone()) },
            Question { actions: &["logs:PutLogEvents"], resource: Some(log_stream) },
        ];
        let promised = promised(&self.lambda.role.statements);
        let (role, permissions, promised) = tokio::join!(
            lamex_aws::role(self.account, arn),
            permissions::of(self.account, arn, &questions),
            permissions::of_pairs(self.account, arn, &promised.pairs)
        );
        let of_aws = format!("arn:{partition}:iam::aws:");
        Ok(role?.map(|role| Role {
            trusts_lambda: policy::trusts_lambda(&role.trust_policy),
            permissions,
            promised,
            denies_interfaces_to_code: role
                .inline_policies
                .map(|policies| policy::denies_interfaces_to_code(&policies, &function.arn)),
            attached_own_policies: role
                .attached_policies
                .map(|arns| arns.into_iter().filter(|arn| !arn.starts_with(&of_aws)).collect()),
            arn: role.arn,
        }))
    }
}

fn addresses_probed(targets: &[TargetProbed]) -> BTreeSet<IpAddr> {
    let looked_up = targets.iter().filter_map(|target| target.lookup.as_ref());
    looked_up.flat_map(|lookup| &lookup.addresses).filter_map(|address| address.parse().ok()).collect()
}
