/** The stack of one environment of lamex.yaml. */

import { CfnOutput, Duration, Stack, Tags, Validations } from 'aws-cdk-lib';
import {
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Effect, type IManagedPolicy, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, LayerVersion, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DeployedEnvironment, StatementSettings } from './config/environment';
import { oneForEachRule } from './egress';
import { existingProblem, uselessProblem } from './existing';
import { LamexAlarms } from './lamex-alarms';
import { LamexCiAccess, type LamexCiAccessProps } from './lamex-ci-access';
import { LamexRunner } from './lamex-runner';
import type { LamexRunnerProps } from './lamex-runner-props';
import { LamexSchedule } from './lamex-schedule';
import { LamexVpcEndpoints, type LamexVpcEndpointsProps } from './lamex-vpc-endpoints';
import { stackName } from './names';

/** Who trusts whom, and with what, is not in lamex.yaml: pull requests may change that file. */
export interface LamexStackProps {
  readonly environment: DeployedEnvironment;

  /**
   * The `Name` tag of the VPC, to look it up with its private subnets.
   *
   * @default - the environment's `vpc`
   */
  readonly vpcName?: string;

  /**
   * Also let the function in, on the security groups that `reach` names.
   *
   * @default false
   */
  readonly allowIngressOnTargets?: boolean;

  /**
   * What the names of roles, security groups, endpoints, schedule and alarms begin with.
   *
   * @default - nothing
   */
  readonly namePrefix?: string;

  /**
   * Existing security groups in place of the function's own, which get no rules.
   *
   * @default - a group of its own
   */
  readonly securityGroupIds?: readonly string[];

  /**
   * The name of the function's own security group. Another VPC needs another one.
   *
   * @default - the function's, with `-lamex`
   */
  readonly securityGroupName?: string;

  /**
   * How many invocations may run at once, of the account's quota for the region.
   *
   * @default - up to the account's limit
   */
  readonly reservedConcurrency?: number;

  /**
   * Whether AWS X-Ray traces invocations.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Whether the function has IPv6 addresses too.
   *
   * @default false
   */
  readonly dualStack?: boolean;

  /**
   * Layers of the function, by their ARNs with a version.
   *
   * @default - none
   */
  readonly layers?: readonly string[];

  /**
   * The KMS key that the environment variables are encrypted with.
   *
   * @default - Lambda's own
   */
  readonly kmsKeyArn?: string;

  /**
   * An existing log group, which keeps its retention, key and tags.
   *
   * @default - a group `/aws/lambda/FUNCTION`
   */
  readonly logGroupName?: string;

  /**
   * The KMS key that the log is encrypted with.
   *
   * @default - CloudWatch's own
   */
  readonly logKmsKeyArn?: string;

  /**
   * An existing execution role, to which nothing is attached.
   *
   * @default - a role of its own
   */
  readonly roleArn?: string;

  /**
   * The path of the roles. With `roleArn`, of those that are still created: the schedule's and CI's.
   *
   * @default '/'
   */
  readonly rolePath?: string;

  /**
   * The policy that bounds the roles. With `roleArn`, those that are made all the same: the schedule's and CI's.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;

  /**
   * VPC endpoints for the runner.
   *
   * @default - none
   */
  readonly endpoints?: EndpointSettings;

  /**
   * The role for CI.
   *
   * @default - none
   */
  readonly ciAccess?: CiAccessSettings;

  /**
   * The SNS topics that are notified when a scheduled or other plain invocation of `live` did not pass, was throttled or
   * never ran.
   *
   * @default - no alarms
   */
  readonly alarmTopicArns?: readonly string[];
}

/** {@link LamexVpcEndpointsProps}, with what is there already by its ids. */
export interface EndpointSettings
  extends Omit<LamexVpcEndpointsProps, 'runner' | 'vpc' | 'vpcSubnets' | 'furtherSecurityGroups'> {
  /**
   * The subnets of the interface endpoints: one for each availability zone.
   *
   * @default - the function's
   */
  readonly subnetIds?: readonly string[];

  /**
   * Security groups that the interface endpoints let in beside the runner's own.
   *
   * @default - none
   */
  readonly furtherSecurityGroupIds?: readonly string[];
}

/** {@link LamexCiAccessProps}, without what the environment says. */
export type CiAccessSettings = Omit<
  LamexCiAccessProps,
  'runner' | 'artifactsBucket' | 'artifactsKmsKeyArn' | 'permissionsBoundary' | 'rolePath'
>;

/** Everything that an environment has on AWS, in the account and region that lamex.yaml names. */
export class LamexStack extends Stack {
  readonly runner: LamexRunner;
  readonly endpoints?: LamexVpcEndpoints;
  readonly ciAccess?: LamexCiAccess;
  readonly schedule?: LamexSchedule;
  readonly alarms?: LamexAlarms;

  constructor(scope: Construct, props: LamexStackProps) {
    const { environment } = props;
    super(scope, stackName(environment.name, environment.function), {
      env: { account: environment.account, region: environment.region },
      description: `lamex: system tests in the environment ${environment.name}`,
    });
    const problem = problemOf(this, props);
    if (problem) throw new Error(problem);
    const { vpc, vpcSubnets } = this.network(props);
    const permissionsBoundary = this.permissionsBoundary(props);
    this.runner = this.createRunner(props, vpc, vpcSubnets, permissionsBoundary);
    if (props.endpoints) this.endpoints = this.createEndpoints(props.endpoints, vpc, vpcSubnets);
    if (props.ciAccess) {
      this.ciAccess = new LamexCiAccess(this, 'CiAccess', {
        ...props.ciAccess,
        runner: this.runner,
        artifactsBucket: environment.artifactsBucket ?? undefined,
        artifactsKmsKeyArn: environment.artifactsKmsKeyArn ?? undefined,
        permissionsBoundary,
        rolePath: props.rolePath,
      });
    }
    if (environment.schedule !== null) {
      this.schedule = new LamexSchedule(this, 'Schedule', {
        runner: this.runner,
        schedule: environment.schedule,
        timezone: environment.scheduleTimezone,
        permissionsBoundary,
        rolePath: props.rolePath,
      });
    }
    if (props.alarmTopicArns && props.alarmTopicArns.length > 0) {
      this.alarms = new LamexAlarms(this, 'Alarms', {
        runner: this.runner,
        schedule: this.schedule,
        topicArns: props.alarmTopicArns,
      });
    }
    for (const [key, value] of Object.entries(environment.tags)) Tags.of(this).add(key, value);
    this.outputs();
  }

  private network({ environment, vpcName }: LamexStackProps): { vpc: IVpc; vpcSubnets?: SubnetSelection } {
    if (vpcName !== undefined) {
      if (environment.vpc) throw new Error(`\`${environment.name}\` has a \`vpc\`: leave out \`vpc_name\``);
      return { vpc: Vpc.fromLookup(this, 'Vpc', { vpcName }) };
    }
    if (!environment.vpc) {
      const what = '`vpc` with `id` and `subnet_ids`, or the name of the VPC by `-c vpc_name=NAME`';
      throw new Error(`the environment \`${environment.name}\` needs ${what}`);
    }
    const { id, subnetIds } = environment.vpc;
    // Only ids are needed. The availability zones of what was made elsewhere are not known here, and CDK wants one.
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: id, availabilityZones: ['unknown'] });
    return { vpc, vpcSubnets: { subnets: unique(subnetIds).map((subnetId) => this.subnet(subnetId)) } };
  }

  private createEndpoints(
    { subnetIds, furtherSecurityGroupIds, ...settings }: EndpointSettings,
    vpc: IVpc,
    vpcSubnets: SubnetSelection | undefined,
  ): LamexVpcEndpoints {
    return new LamexVpcEndpoints(this, 'VpcEndpoints', {
      ...settings,
      runner: this.runner,
      vpc,
      vpcSubnets: subnetIds ? { subnets: unique(subnetIds).map((id) => this.subnet(id)) } : vpcSubnets,
      furtherSecurityGroups: unique(furtherSecurityGroupIds ?? []).map((id) => this.securityGroup(id)),
    });
  }

  private securityGroup(id: string): ISecurityGroup {
    const known = this.node.tryFindChild(id) as ISecurityGroup | undefined;
    return known ?? SecurityGroup.fromSecurityGroupId(this, id, id, { mutable: false });
  }

  private subnet(id: string): ISubnet {
    const known = this.node.tryFindChild(id) as ISubnet | undefined;
    if (known) return known;
    const subnet = Subnet.fromSubnetId(this, id, id);
    Validations.of(subnet).acknowledge({
      id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: 'Route tables are needed for gateway endpoints alone, which take them by their ids.',
    });
    return subnet;
  }

  private permissionsBoundary({ permissionsBoundaryArn: arn }: LamexStackProps): IManagedPolicy | undefined {
    return arn === undefined
      ? undefined
      : ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', arn);
  }

  private createRunner(
    props: LamexStackProps,
    vpc: IVpc,
    vpcSubnets: SubnetSelection | undefined,
    permissionsBoundary: IManagedPolicy | undefined,
  ): LamexRunner {
    const { environment } = props;
    const extraGroups = environment.vpc?.extraSecurityGroupIds ?? [];
    const { policyArns, statements } = environment.role;
    return new LamexRunner(this, 'Runner', {
      functionName: environment.function,
      namePrefix: props.namePrefix,
      vpc,
      vpcSubnets,
      ...this.existing(props),
      securityGroupName: props.securityGroupName,
      reach: oneForEachRule(environment.reach),
      allowIngressOnTargets: props.allowIngressOnTargets,
      extraSecurityGroups: unique(extraGroups).map((id) => this.securityGroup(id)),
      environment: environment.env,
      allowDestructive: environment.allowDestructive,
      memoryMb: environment.memoryMb,
      ephemeralStorageMb: environment.ephemeralStorageMb,
      timeout: Duration.seconds(environment.timeoutS),
      architecture: environment.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      reservedConcurrency: props.reservedConcurrency,
      tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      dualStack: props.dualStack,
      logRetention: environment.logRetentionDays,
      logEncryptionKey:
        props.logKmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'LogKey', props.logKmsKeyArn),
      managedPolicies: unique(policyArns).map((arn) => ManagedPolicy.fromManagedPolicyArn(this, arn, arn)),
      statements: statements.map(policyStatement),
      // Path and boundary are those of the other roles alone where the execution role exists.
      ...(props.roleArn === undefined ? { rolePath: props.rolePath, permissionsBoundary } : {}),
    });
  }

  /** What is not made here, by its ids. */
  private existing({
    roleArn,
    securityGroupIds = [],
    logGroupName,
    layers = [],
    kmsKeyArn,
  }: LamexStackProps): Partial<LamexRunnerProps> {
    return {
      role: roleArn === undefined ? undefined : Role.fromRoleArn(this, 'Role', roleArn, { mutable: false }),
      securityGroups: unique(securityGroupIds).map((id) => this.securityGroup(id)),
      logGroup:
        logGroupName === undefined ? undefined : LogGroup.fromLogGroupName(this, 'LogGroup', logGroupName),
      layers: layers.map((arn) => LayerVersion.fromLayerVersionArn(this, arn, arn)),
      environmentEncryption:
        kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'VariablesKey', kmsKeyArn),
    };
  }

  /** The same that the Terraform module has. */
  private outputs(): void {
    const { runner } = this;
    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output('FunctionName', "The function's name", runner.function.functionName);
    output('FunctionArn', "The function's ARN, without a version", runner.function.functionArn);
    output('AliasArn', 'The ARN of the alias live, which lamex-ctl deploy moves', runner.alias.functionArn);
    output('RoleArn', 'The ARN of the execution role', runner.role.roleArn);
    output('SecurityGroupId', "The function's own security group", runner.securityGroup.securityGroupId);
    output('LogGroupName', "The function's log group", runner.logGroup.logGroupName);
    if (this.endpoints?.securityGroup) {
      const group = this.endpoints.securityGroup.securityGroupId;
      output('EndpointSecurityGroupId', 'The security group of the interface endpoints', group);
    }
    if (this.ciAccess) {
      output('CiRoleArn', 'The role for CI to take', this.ciAccess.role.roleArn);
      output('OidcProviderArn', 'The OIDC provider that it trusts', this.ciAccess.oidcProviderArn);
    }
  }
}

/** Before CDK sees the identifiers, whose words say less. */
function problemOf(stack: Stack, props: LamexStackProps): string | undefined {
  const existing = { ...props, functionName: props.environment.function, layerArns: props.layers };
  const hasFurtherRoles = props.ciAccess !== undefined || props.environment.schedule !== null;
  return existingProblem(stack, existing) ?? uselessProblem(existing, hasFurtherRoles);
}

function policyStatement({ effect, actions, resources, conditions }: StatementSettings): PolicyStatement {
  return new PolicyStatement({
    effect: effect === 'Deny' ? Effect.DENY : Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    conditions: { ...conditions },
  });
}

/** Named twice is named once: constructs are told apart by these ids. */
function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
