/** What the tests must reach, as rules of the runner's security group. */

import { Token } from 'aws-cdk-lib';
import {
  CfnSecurityGroupIngress,
  Connections,
  type IPeer,
  type ISecurityGroup,
  Port,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Destination } from './config/environment';

/** Something that the tests must reach: one egress rule. Its destination is exactly one of the four kinds. */
export type Reach = Destination & {
  readonly name: string;
  readonly port: number;
  /**
   * How the tests talk to it.
   *
   * @default 'tcp'
   */
  readonly protocol?: 'tcp' | 'udp';
  /** The rule's description: the name without it. */
  readonly description?: string;
};

/** What EC2 would refuse, or fold into one rule; `undefined` where nothing is wrong. */
export function reachProblem(reach: readonly Reach[]): string | undefined {
  const names = new Set<string>();
  const rules = new Set<string>();
  for (const entry of reach) {
    const { name, port } = entry;
    if (names.has(name)) return `two \`reach\` entries are named \`${name}\``;
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      return `the port of \`${name}\` is not 1 to 65535`;
    const given = Object.values(destinations(entry));
    if (given.length !== 1) return `\`${name}\` needs exactly one destination, and has ${given.length}`;
    const rule = ruleOf(entry);
    if (rules.has(rule))
      return `\`${name}\` has the same destination, port and protocol as another \`reach\` entry`;
    names.add(name);
    rules.add(rule);
  }
  return undefined;
}

/**
 * EC2 takes one rule for a destination, a port and a protocol. Entries that differ in their host alone (two services in one range)
 * share a rule, which has the names of all.
 */
export function oneForEachRule(reach: readonly Reach[]): Reach[] {
  const merged = new Map<string, Reach>();
  for (const entry of reach) {
    const rule = ruleOf(entry);
    const first = merged.get(rule);
    const description = first ? `${first.description}, ${entry.name}` : entry.name;
    merged.set(rule, { ...(first ?? entry), description });
  }
  return [...merged.values()];
}

/** One rule for each entry. */
export function allowReach(group: ISecurityGroup, reach: readonly Reach[]): void {
  for (const entry of reach) {
    const port = protocolOf(entry) === 'udp' ? Port.udp(entry.port) : Port.tcp(entry.port);
    group.addEgressRule(new DestinationPeer(entry), port, ruleDescription(entry));
  }
}

/** The counterparts of the rules, on the security groups that they name. */
export function allowIngressOnTargets(
  scope: Construct,
  group: ISecurityGroup,
  functionName: string,
  reach: readonly Reach[],
): void {
  for (const entry of reach) {
    if (!('securityGroupId' in entry)) continue;
    // After its target, where that is known: a rule outlives a new name of its entry. EC2 would refuse it twice.
    const target = Token.isUnresolved(entry.securityGroupId) ? entry.name : entry.securityGroupId;
    // Those of TCP have the ids that they had before there was UDP.
    const protocol = protocolOf(entry);
    const suffix = protocol === 'tcp' ? '' : `-${protocol}`;
    new CfnSecurityGroupIngress(scope, `Ingress-${target}-${entry.port}${suffix}`, {
      groupId: entry.securityGroupId,
      sourceSecurityGroupId: group.securityGroupId,
      ipProtocol: protocol,
      fromPort: entry.port,
      toPort: entry.port,
      description: `${functionName}: ${ruleDescription(entry)}`.slice(0, MAX_DESCRIPTION),
    });
  }
}

const MAX_DESCRIPTION = 255;

/** What EC2 does not take in a description becomes a point. */
function ruleDescription({ name, description }: Reach): string {
  return (description ?? name).replace(/[^A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]/g, '.').slice(0, MAX_DESCRIPTION);
}

/** What EC2 tells rules apart by. */
function ruleOf(entry: Reach): string {
  return `${Object.values(destinations(entry)).join()} ${protocolOf(entry)} ${entry.port}`;
}

function protocolOf(entry: Reach): 'tcp' | 'udp' {
  return entry.protocol ?? 'tcp';
}

/** The keys and values of a rule that say where it leads. */
function destinations(destination: Destination): Record<string, string> {
  const given: Partial<Record<'securityGroupId' | 'cidr' | 'ipv6Cidr' | 'prefixListId', string>> =
    destination;
  const rule = {
    destinationSecurityGroupId: given.securityGroupId,
    cidrIp: given.cidr,
    cidrIpv6: given.ipv6Cidr,
    destinationPrefixListId: given.prefixListId,
  };
  return Object.fromEntries(
    Object.entries(rule).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * A destination that exists before the stack. Unlike CDK's own peers for security groups it may stand inside the
 * group: rules beside it would leave CDK's rule for "no traffic" in there, and the set would not be exactly `reach`.
 */
class DestinationPeer implements IPeer {
  readonly canInlineRule = true;
  readonly connections = new Connections({ peer: this });
  readonly uniqueId: string;

  constructor(private readonly destination: Destination) {
    this.uniqueId = Object.values(destinations(destination)).join();
  }

  toEgressRuleConfig(): Record<string, string> {
    return destinations(this.destination);
  }

  toIngressRuleConfig(): never {
    throw new Error('the runner lets nothing in');
  }
}
