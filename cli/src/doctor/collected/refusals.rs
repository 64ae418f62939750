//! Callers who may not do everything.

use lamex_doctor::facts::{Facts, Role};
use lamex_network::model::{self, Unseen};
use lamex_testing::network::Network;

use super::project::Project;

#[test]
fn a_refused_call_hides_nothing_else() {
    let network = Network::create("refused");
    network.create_function("refused");
    let project = Project::new("refused", &network);
    let clean = project.collect();
    type Forget = fn(&mut Facts, Unseen);
    let cases: [(&str, Forget); 21] = [
        ("sts:GetCallerIdentity", |facts, unseen| {
            facts.caller = Err(unseen.clone());
            facts.permissions = Err(unseen);
        }),
        ("lambda:GetAlias", |facts, unseen| {
            if let Ok(Some(function)) = &mut facts.function
                && let Ok(Some(live)) = &mut function.live
            {
                live.weights = Err(unseen);
            }
        }),
        ("lambda:GetFunctionConfiguration", |facts, unseen| {
            facts.function = Err(unseen.clone());
            facts.role = Err(unseen);
        }),
        ("iam:GetRole", |facts, unseen| facts.role = Err(unseen)),
        ("iam:SimulatePrincipalPolicy", |facts, unseen| role(facts).permissions = Err(unseen)),
        ("iam:ListRolePolicies", |facts, unseen| role(facts).denies_interfaces_to_code = Err(unseen)),
        ("iam:GetRolePolicy", |facts, unseen| role(facts).denies_interfaces_to_code = Err(unseen)),
        ("iam:ListAttachedRolePolicies", |facts, unseen| role(facts).attached_own_policies = Err(unseen)),
        ("ec2:DescribeVpcs", |facts, unseen| of(facts).vpc = Err(unseen)),
        ("ec2:DescribeVpcAttribute", |facts, unseen| {
            let vpc = of(facts).vpc.as_mut().unwrap();
            (vpc.dns_support, vpc.dns_hostnames) = (Err(unseen.clone()), Err(unseen));
        }),
        ("ec2:DescribeDhcpOptions", |facts, unseen| {
            of(facts).vpc.as_mut().unwrap().name_servers = Err(unseen)
        }),
        ("ec2:DescribeSubnets", |facts, unseen| of(facts).subnets = Err(unseen)),
        ("ec2:DescribeSecurityGroups", |facts, unseen| of(facts).security_groups = Err(unseen)),
        ("ec2:DescribeNetworkAcls", |facts, unseen| of(facts).network_acls = Err(unseen)),
        ("ec2:DescribeRouteTables", |facts, unseen| {
            of(facts).route_tables = Err(unseen);
            // Only the route to the gateway endpoint names one.
            of(facts).prefix_lists.as_mut().unwrap().clear();
        }),
        ("ec2:DescribeNatGateways", |facts, unseen| of(facts).nat_gateways = Err(unseen)),
        ("ec2:DescribeVpcEndpoints", |facts, unseen| of(facts).endpoints = Err(unseen)),
        ("ec2:DescribeNetworkInterfaces", |facts, unseen| of(facts).interfaces = Err(unseen)),
        ("route53:ListHostedZonesByVPC", |facts, unseen| facts.zones = Err(unseen)),
        // The VPC asks a zone for every name, so that other zones do not matter.
        ("route53:ListHostedZones", |_, _| {}),
        ("route53:ListResourceRecordSets", |facts, unseen| {
            facts.zones.as_mut().unwrap()[0].records = Err(unseen);
        }),
    ];
    for (action, forget) in cases {
        let facts = project.collect_without(action);
        let mut expected = clean.clone();
        let code = if action.starts_with("ec2") { "UnauthorizedOperation" } else { "AccessDenied" };
        let code = if action.starts_with("lambda") { "AccessDeniedException" } else { code };
        let reason = format!("You are not authorized to perform this operation. ({code})");
        forget(&mut expected, Unseen { action: action.to_owned(), reason });
        assert_eq!(facts, expected, "without {action}");
    }
}

fn role(facts: &mut Facts) -> &mut Role {
    facts.role.as_mut().unwrap().as_mut().unwrap()
}

fn of(facts: &mut Facts) -> &mut model::Network {
    facts.network.as_mut().unwrap()
}
