/** The Lambda function in which lamex runs compiled system tests, attached to a VPC. */

import { join } from 'node:path';
import { Annotations, Duration, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import {
  Connections,
  type IConnectable,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable, IManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allVariables, checkVariables } from './config/variables';
import { allowIngressOnTargets, allowReach, type Reach, reachProblem } from './egress';
import { executionRole } from './execution-role';
import { checkFunctionName, logGroupName, securityGroupName } from './names';

export interface LamexRunnerProps {
  /**
   * The name of the function, of which all other names are made: at most 50 letters, digits, hyphens and underscores.
   */
  readonly functionName: string;

  /** The VPC of the services under test. */
  readonly vpc: IVpc;

  /**
   * The subnets that the function's network interfaces are in, sixteen at most.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The name of the function's own security group. CloudFormation refuses to replace a group under the name that it has,
   * so that a function moves to another VPC with another name here.
   *
   * @default - the function's, with `-lamex`
   */
  readonly securityGroupName?: string;

  /**
   * What the tests must reach: the whole egress of the function's security group. DNS by the VPC's resolver needs no
   * entry. For services of the same app there is `runner.connections.allowTo(service, Port.tcp(50051))`.
   *
   * @default - nothing
   */
  readonly reach?: readonly Reach[];

  /**
   * Also let the function in, on the security groups that `reach` names.
   *
   * @default false
   */
  readonly allowIngressOnTargets?: boolean;

  /**
   * Further security groups of the function, four at most. No rules are added to them.
   *
   * @default - none
   */
  readonly extraSecurityGroups?: readonly ISecurityGroup[];

  /**
   * The function's environment variables.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;

  /**
   * Whether commands marked `destructive` may run in this function.
   *
   * @default false
   */
  readonly allowDestructive?: boolean;

  /**
   * Memory in MB, 128 to 10240.
   *
   * @default 1769 - one whole vCPU
   */
  readonly memoryMb?: number;

  /**
   * Size of /tmp in MB, 512 to 10240.
   *
   * @default 512
   */
  readonly ephemeralStorageMb?: number;

  /**
   * How long one invocation may take, up to 15 minutes.
   *
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;

  /**
   * The processor that the test binaries are built for.
   *
   * @default Architecture.X86_64
   */
  readonly architecture?: Architecture;

  /**
   * How many invocations may run at once. It is taken from the account's quota for the region (1,000; new accounts begin
   * with as few as 10), of which Lambda keeps 100 for functions without a reservation: in an account with a quota of 100
   * or less nothing can be reserved before the quota is raised.
   *
   * @default - up to the account's limit
   */
  readonly reservedConcurrency?: number;

  /**
   * Whether AWS X-Ray traces invocations.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;

  /**
   * Whether the function has IPv6 addresses too, in dual-stack subnets.
   *
   * @default false
   */
  readonly dualStack?: boolean;

  /**
   * How long CloudWatch keeps the function's log.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * The key that the log is encrypted with; its policy must let CloudWatch Logs use it.
   *
   * @default - CloudWatch's own
   */
  readonly logEncryptionKey?: IKey;

  /**
   * Managed policies of the execution role, for tests that call AWS.
   *
   * @default - none
   */
  readonly managedPolicies?: readonly IManagedPolicy[];

  /**
   * Statements of the execution role's policy, for tests that call AWS.
   *
   * @default - only what a function in a VPC needs
   */
  readonly statements?: readonly PolicyStatement[];

  /**
   * The permissions boundary of the execution role.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** The alias that lamex-ctl invokes unless it is told otherwise. */
export const LIVE = 'live';

/** Lambda's limits. */
const MAX_SUBNETS = 16;
const MAX_EXTRA_SECURITY_GROUPS = 4;

/** From `dist/src`, where the compiled form of this file is. */
const PLACEHOLDER = join(__dirname, '../../../provision/placeholder/placeholder.zip');

/**
 * The function with its execution role, security group, log group and the alias `live`.
 *
 * `lamex-ctl deploy` owns the function's code and what `live` points to. Both are constants here, so that no later
 * deployment of the stack changes them: CloudFormation updates only what differs from the stack's last template.
 */
export class LamexRunner extends Construct implements IConnectable, IGrantable {
  readonly function: LambdaFunction;
  readonly alias: Alias;
  readonly role: Role;
  readonly grantPrincipal: Role;
  /** The function's own security group: no ingress, and the egress of `reach`. */
  readonly securityGroup: SecurityGroup;
  readonly connections: Connections;
  readonly logGroup: LogGroup;
  readonly functionName: string;
  readonly securityGroupName: string;

  constructor(scope: Construct, id: string, props: LamexRunnerProps) {
    super(scope, id);
    check(props);
    this.functionName = props.functionName;
    this.securityGroupName = props.securityGroupName ?? securityGroupName(props.functionName);
    this.role = executionRole(this, 'Role', {
      functionName: props.functionName,
      managedPolicies: props.managedPolicies ?? [],
      statements: props.statements ?? [],
      permissionsBoundary: props.permissionsBoundary,
      isTraced: isTraced(props),
    });
    this.grantPrincipal = this.role;
    this.securityGroup = this.createSecurityGroup(props);
    this.connections = new Connections({ securityGroups: [this.securityGroup] });
    this.logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: logGroupName(props.functionName),
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = this.createFunction(props);
    // Nothing of it may change in a later release: CloudFormation would send the version along, and move it back.
    this.alias = new Alias(this, 'Live', {
      aliasName: LIVE,
      version: this.function.latestVersion,
      description: 'Moved by lamex-ctl deploy and rollback',
      // An event invoke configuration belongs to one qualifier: the function's own says nothing about the alias.
      retryAttempts: 0,
    });
  }

  /** Lets the grantee invoke the function, its versions and aliases, streamed or not. */
  grantInvoke(grantee: IGrantable): Grant {
    return this.function.grantInvoke(grantee);
  }

  private createSecurityGroup(props: LamexRunnerProps): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      securityGroupName: this.securityGroupName,
      description: `The function ${props.functionName}: no way in, out only to what it must reach`,
      // A group without egress rules gets "all traffic" from EC2. CDK puts a rule that matches no host instead.
      allowAllOutbound: false,
    });
    const reach = props.reach ?? [];
    allowReach(group, reach);
    if (!props.dualStack && reach.some((entry) => 'ipv6Cidr' in entry)) {
      // No refusal: what is reached by IPv6 in one VPC may be reached by IPv4 in another.
      const problem = '`reach` has an `ipv6_cidr`, and the function no IPv6 address';
      const remedy = 'set `dual_stack`, in subnets that all have an IPv6 range';
      Annotations.of(this).addWarningV2('lamex:ipv6WithoutDualStack', `${problem}: ${remedy}`);
    }
    if (props.allowIngressOnTargets) allowIngressOnTargets(this, group, props.functionName, reach);
    return group;
  }

  private createFunction(props: LamexRunnerProps): LambdaFunction {
    const created = new LambdaFunction(this, 'Function', {
      functionName: props.functionName,
      description:
        'Runs system tests inside the VPC. Its code and the alias live belong to lamex-ctl deploy.',
      runtime: Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      // It says that nothing is deployed yet. The same bytes for ever: lamex-ctl deploy replaces them.
      code: Code.fromAsset(PLACEHOLDER),
      architecture: props.architecture ?? Architecture.X86_64,
      memorySize: props.memoryMb ?? 1769,
      ephemeralStorageSize: Size.mebibytes(props.ephemeralStorageMb ?? 512),
      timeout: props.timeout ?? Duration.minutes(15),
      environment: allVariables(props.environment ?? {}, props.allowDestructive ?? false),
      role: this.role,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: [this.securityGroup, ...(props.extraSecurityGroups ?? [])],
      ipv6AllowedForDualStack: props.dualStack ?? false,
      logGroup: this.logGroup,
      // The JSON format puts the runner's own lines into objects, and filters them by their level.
      loggingFormat: LoggingFormat.TEXT,
      reservedConcurrentExecutions: props.reservedConcurrency,
      // The service would run the tests of a failed asynchronous event twice more.
      retryAttempts: 0,
    });
    // By the function's own property, CDK would give the role a second policy, beside the one that says everything.
    const resource = created.node.defaultChild as CfnFunction;
    if (isTraced(props)) resource.tracingConfig = { mode: props.tracing };
    return created;
  }
}

function isTraced({ tracing }: LamexRunnerProps): boolean {
  return tracing !== undefined && tracing !== Tracing.DISABLED;
}

/** What AWS would refuse late, or in words that do not say what to do. */
function check(props: LamexRunnerProps): void {
  checkFunctionName(props.functionName);
  const problem = checkVariables(props.environment ?? {}, props.allowDestructive ?? false);
  if (problem) throw new Error(problem);
  inRange('the memory in MB', props.memoryMb, 128, 10_240);
  inRange('the size of /tmp in MB', props.ephemeralStorageMb, 512, 10_240);
  inRange('the timeout in seconds', props.timeout?.toSeconds(), 1, 900);
  const { subnetIds } = props.vpc.selectSubnets(props.vpcSubnets);
  if (!Token.isUnresolved(subnetIds) && (subnetIds.length < 1 || subnetIds.length > MAX_SUBNETS)) {
    throw new Error(`a function has 1 to ${MAX_SUBNETS} subnets, not ${subnetIds.length}`);
  }
  if ((props.extraSecurityGroups?.length ?? 0) > MAX_EXTRA_SECURITY_GROUPS) {
    throw new Error(
      `a function has its own security group and at most ${MAX_EXTRA_SECURITY_GROUPS} more: this is Lambda's limit`,
    );
  }
  const groupName = props.securityGroupName;
  if (groupName !== undefined && !Token.isUnresolved(groupName) && !isGroupName(groupName)) {
    const rule = '1 to 245 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and not sg- at its beginning';
    throw new Error(`\`${groupName}\` is no name of a security group: ${rule}`);
  }
  const unreachable = reachProblem(props.reach ?? []);
  if (unreachable) throw new Error(unreachable);
}

/** With room for `-endpoints`, within the 255 that EC2 takes. */
function isGroupName(name: string): boolean {
  return /^[A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]{1,245}$/.test(name) && !name.startsWith('sg-');
}

function inRange(what: string, value: number | undefined, minimum: number, maximum: number): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new Error(`${value} is out of range for ${what}: ${minimum} to ${maximum}`);
  }
}
