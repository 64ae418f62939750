/** VPC endpoints of AWS services, for runners in private subnets without a NAT gateway. */

import { Stack, Tags } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Port,
  PrefixList,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { allowReach } from './egress';
import type { LamexRunner } from './lamex-runner';
import { endpointSecurityGroupName } from './names';

/** The services that have gateway endpoints. */
export type GatewayService = 's3' | 'dynamodb';

export interface LamexVpcEndpointsProps {
  /** The runner that may use the endpoints. */
  readonly runner: LamexRunner;

  /** The runner's VPC. */
  readonly vpc: IVpc;

  /**
   * The subnets that interface endpoints are in: one for each availability zone.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The services with gateway endpoints.
   *
   * @default - none
   */
  readonly gatewayServices?: readonly GatewayService[];

  /**
   * The route tables of the runner's subnets, for gateway endpoints.
   *
   * @default - the route tables of `vpcSubnets`, as far as the VPC object knows them
   */
  readonly routeTableIds?: readonly string[];

  /**
   * The prefix lists of the gateway services, by service, for the runner's egress rules.
   *
   * @default - looked up by their names when the app is synthesized
   */
  readonly prefixListIds?: Readonly<Partial<Record<GatewayService, string>>>;

  /**
   * The services with interface endpoints, by the last part of their names: `logs`, `ssm`, `secretsmanager`, `kms`,
   * `sts` and so on.
   *
   * @default - none
   */
  readonly interfaceServices?: readonly string[];

  /**
   * Whether the services' own host names lead to the interface endpoints, which they do for everything in the VPC: what
   * else uses these services there needs `furtherSecurityGroups`, or is cut off from them.
   *
   * @default true
   */
  readonly privateDns?: boolean;

  /**
   * Security groups that the interface endpoints let in beside the runner's own.
   *
   * @default - none
   */
  readonly furtherSecurityGroups?: readonly ISecurityGroup[];
}

/** Gateway and interface endpoints with a security group that lets in only the runner. */
export class LamexVpcEndpoints extends Construct {
  /** Of the interface endpoints; absent if there is none. */
  readonly securityGroup?: SecurityGroup;
  readonly gatewayEndpoints: Readonly<Record<string, CfnVPCEndpoint>>;
  readonly interfaceEndpoints: Readonly<Record<string, InterfaceVpcEndpoint>>;

  constructor(scope: Construct, id: string, props: LamexVpcEndpointsProps) {
    super(scope, id);
    const gateways = props.gatewayServices ?? [];
    const interfaces = props.interfaceServices ?? [];
    checkServices(gateways, interfaces);
    const { subnets } = props.vpc.selectSubnets(props.vpcSubnets);
    const routeTableIds = gateways.length > 0 ? (props.routeTableIds ?? routeTablesOf(subnets)) : [];
    this.gatewayEndpoints = byService(gateways, (service) => this.gateway(service, props, routeTableIds));
    if (interfaces.length > 0) this.securityGroup = this.createSecurityGroup(props);
    this.interfaceEndpoints = byService(interfaces, (service) => this.interface(service, props, subnets));
  }

  private createSecurityGroup({ vpc, runner, ...props }: LamexVpcEndpointsProps): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      securityGroupName: endpointSecurityGroupName(runner.securityGroupName),
      description: `VPC endpoints of the function ${runner.functionName}: in from it, no way out`,
      allowAllOutbound: false,
    });
    group.addIngressRule(runner.securityGroup, Port.tcp(443), `The function ${runner.functionName}`);
    for (const further of props.furtherSecurityGroups ?? []) {
      group.addIngressRule(further, Port.tcp(443), 'Let in beside the function');
    }
    if (runner.hasOwnSecurityGroup) runner.securityGroup.addEgressRule(group, Port.tcp(443), 'VPC endpoints');
    return group;
  }

  private gateway(
    service: GatewayService,
    props: LamexVpcEndpointsProps,
    routeTableIds: readonly string[],
  ): CfnVPCEndpoint {
    const serviceName = `com.amazonaws.${Stack.of(this).region}.${service}`;
    const endpoint = new CfnVPCEndpoint(this, `Gateway-${service}`, {
      vpcEndpointType: 'Gateway',
      serviceName,
      vpcId: props.vpc.vpcId,
      routeTableIds: [...routeTableIds],
    });
    this.name(endpoint, props.runner, service);
    // Whoever manages other groups lets the function out of them.
    if (!props.runner.hasOwnSecurityGroup) return endpoint;
    // A gateway endpoint has no security group: it is reached by the addresses of its service.
    const given = props.prefixListIds?.[service];
    const prefixListId =
      given ??
      PrefixList.fromLookup(this, `PrefixList-${service}`, { prefixListName: serviceName }).prefixListId;
    allowReach(props.runner.securityGroup, [{ name: `VPC endpoint ${service}`, port: 443, prefixListId }]);
    return endpoint;
  }

  private interface(
    service: string,
    props: LamexVpcEndpointsProps,
    subnets: ISubnet[],
  ): InterfaceVpcEndpoint {
    const endpoint = new InterfaceVpcEndpoint(this, `Interface-${service}`, {
      vpc: props.vpc,
      subnets: { subnets },
      service: new InterfaceVpcEndpointAwsService(service),
      privateDnsEnabled: props.privateDns ?? true,
      securityGroups: this.securityGroup ? [this.securityGroup] : [],
      // CDK would let the whole VPC in.
      open: false,
    });
    this.name(endpoint, props.runner, service);
    return endpoint;
  }

  private name(endpoint: Construct, runner: LamexRunner, service: string): void {
    Tags.of(endpoint).add('Name', `${runner.namePrefix}${runner.functionName}-lamex-${service}`);
  }
}

function byService<S extends string, T>(
  services: readonly S[],
  endpoint: (service: S) => T,
): Record<string, T> {
  return Object.fromEntries(services.map((service) => [service, endpoint(service)]));
}

function checkServices(gateways: readonly string[], interfaces: readonly string[]): void {
  const wrong = gateways.find((service) => !['s3', 'dynamodb'].includes(service));
  if (wrong !== undefined) throw new Error(`\`${wrong}\` has no gateway endpoint: only s3 and dynamodb have`);
  const odd = interfaces.find((service) => !/^[a-z0-9][a-z0-9.-]*$/.test(service));
  if (odd !== undefined) {
    throw new Error(`\`${odd}\` is no service: it is the last part of the name, such as \`secretsmanager\``);
  }
  const free = interfaces.find((service) => ['s3', 'dynamodb'].includes(service));
  if (free !== undefined)
    throw new Error(`\`${free}\` belongs to the gateway services, where it costs nothing`);
  const all = [...gateways, ...interfaces];
  const twice = all.find((service, index) => all.indexOf(service) < index);
  if (twice !== undefined) throw new Error(`the endpoint of \`${twice}\` is asked for twice`);
}

function routeTablesOf(subnets: readonly ISubnet[]): string[] {
  // A subnet that was imported by its id alone has none, whatever its type says.
  const ids: (string | undefined)[] = subnets.map((subnet) => subnet.routeTable?.routeTableId);
  const known = ids.filter((id) => id !== undefined);
  if (known.length === 0 || known.length < ids.length) {
    throw new Error('gateway endpoints need `routeTableIds`: the route tables of the subnets are not known');
  }
  return [...new Set(known)];
}
