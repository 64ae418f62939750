/** The Lambda function in which lamex runs compiled system tests, attached to a VPC. */

import { join } from 'node:path';
import { Annotations, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Connections, type IConnectable, type ISecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable, IPrincipal, IRole } from 'aws-cdk-lib/aws-iam';
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
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allVariables } from './config/variables';
import { allowIngressOnTargets, allowReach } from './egress';
import { executionRole } from './execution-role';
import type { LamexRunnerProps } from './lamex-runner-props';
import { logGroupName, roleArn, roleName, securityGroupName } from './names';
import { checkRunner } from './runner-checks';

/** The alias that lamex-ctl invokes unless it is told otherwise. */
export const LIVE = 'live';

/** Beside `dist/src`, where the compiled form of this file is; `npm run build` puts it there. */
const PLACEHOLDER = join(__dirname, '../placeholder.zip');

/**
 * The function with its execution role, security group, log group and the alias `live`.
 *
 * `lamex-ctl deploy` owns the function's code and what `live` points to. Both are constants here, so that no later
 * deployment of the stack changes them: CloudFormation updates only what differs from the stack's last template.
 */
export class LamexRunner extends Construct implements IConnectable, IGrantable {
  readonly function: LambdaFunction;
  readonly alias: Alias;
  readonly role: IRole;
  readonly grantPrincipal: IPrincipal;
  /** The function's own security group: no ingress, and the egress of `reach`. Or the first of those in its place. */
  readonly securityGroup: ISecurityGroup;
  /** Whether that group is the function's own. Others get no rules. */
  readonly hasOwnSecurityGroup: boolean;
  readonly connections: Connections;
  readonly logGroup: ILogGroup;
  readonly functionName: string;
  readonly namePrefix: string;
  /** The execution role's, made of its name, so that policies are the same whatever a template can refer to. */
  readonly roleArn: string;
  readonly logGroupName: string;
  readonly securityGroupName: string;
  /** The key of the environment variables, where it is not Lambda's own. */
  readonly environmentEncryption?: IKey;

  constructor(scope: Construct, id: string, props: LamexRunnerProps) {
    super(scope, id);
    checkRunner(this, props);
    this.functionName = props.functionName;
    this.namePrefix = props.namePrefix ?? '';
    this.logGroupName = props.logGroup?.logGroupName ?? logGroupName(props.functionName);
    this.environmentEncryption = props.environmentEncryption;
    this.securityGroupName =
      props.securityGroupName ?? securityGroupName(props.functionName, this.namePrefix);
    this.role = props.role ?? this.createRole(props);
    this.roleArn =
      props.role?.roleArn ??
      roleArn(Stack.of(this), roleName(props.functionName, this.namePrefix), props.rolePath);
    this.grantPrincipal = this.role;
    const [existing, ...more] = props.securityGroups ?? [];
    this.hasOwnSecurityGroup = existing === undefined;
    this.securityGroup = existing ?? this.createSecurityGroup(props);
    this.warn(props);
    this.connections = new Connections({ securityGroups: [this.securityGroup, ...more] });
    this.logGroup = props.logGroup ?? this.createLogGroup(props);
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

  private createRole(props: LamexRunnerProps): IRole {
    return executionRole(this, 'Role', {
      functionName: props.functionName,
      namePrefix: this.namePrefix,
      path: props.rolePath ?? '/',
      logGroupName: this.logGroupName,
      kmsKeyArn: props.environmentEncryption?.keyArn,
      managedPolicies: props.managedPolicies ?? [],
      statements: props.statements ?? [],
      permissionsBoundary: props.permissionsBoundary,
      isTraced: isTraced(props),
    });
  }

  private createLogGroup(props: LamexRunnerProps): ILogGroup {
    return new LogGroup(this, 'LogGroup', {
      logGroupName: this.logGroupName,
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
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
    if (props.allowIngressOnTargets) allowIngressOnTargets(this, group, props.functionName, reach);
    return group;
  }

  private warn({ reach = [], dualStack }: LamexRunnerProps): void {
    const annotations = Annotations.of(this);
    if (!dualStack && reach.some((entry) => 'ipv6Cidr' in entry)) {
      // No refusal: what is reached by IPv6 in one VPC may be reached by IPv4 in another.
      const problem = '`reach` has an `ipv6_cidr`, and the function no IPv6 address';
      const remedy = 'set `dual_stack`, in subnets that all have an IPv6 range';
      annotations.addWarningV2('lamex:ipv6WithoutDualStack', `${problem}: ${remedy}`);
    }
    if (!this.hasOwnSecurityGroup && reach.length > 0) {
      const names = reach.map(({ name }) => name).join(', ');
      const problem = '`reach` makes no rules in the groups of `security_group_ids`';
      const remedy = `whoever manages them must let the function out to ${names}`;
      annotations.addWarningV2('lamex:rulesOfOtherGroups', `${problem}: ${remedy}`);
    }
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
      securityGroups: [
        ...new Set([...this.connections.securityGroups, ...(props.extraSecurityGroups ?? [])]),
      ],
      layers: props.layers ? [...props.layers] : undefined,
      environmentEncryption: props.environmentEncryption,
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
