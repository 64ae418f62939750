/** What a runner is told. */

import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture, ILayerVersion, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Reach } from './egress';

export interface LamexRunnerProps {
  /**
   * The name of the function, of which all other names are made: at most 50 letters, digits, hyphens and underscores.
   */
  readonly functionName: string;

  /**
   * What the names of roles, security groups, endpoints, schedule and alarms begin with, where names must follow a rule.
   * Function and log group keep theirs. With the function's name it has at most 55 characters, and 49 with a schedule.
   *
   * @default - nothing
   */
  readonly namePrefix?: string;

  /** The VPC of the services under test. */
  readonly vpc: IVpc;

  /**
   * The subnets that the function's network interfaces are in, sixteen at most.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Existing security groups in place of the function's own, five at most with `extraSecurityGroups`. Neither a group nor
   * any rule is made then, not for `reach` either: whoever manages the groups lets the function out.
   *
   * @default - a group of its own
   */
  readonly securityGroups?: readonly ISecurityGroup[];

  /**
   * The name of the function's own security group. CloudFormation refuses to replace a group under the name that it has,
   * so that a function moves to another VPC with another name here.
   *
   * @default - the function's, with `-lamex`
   */
  readonly securityGroupName?: string;

  /**
   * What the tests must reach: the whole egress of the function's security group. DNS by the VPC's resolver needs no
   * entry; DNS servers of your own need one with `protocol: 'udp'`. For services of the same app there is
   * `runner.connections.allowTo(service, Port.tcp(50051))`.
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
   * @default 1769 - one full vCPU
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
   * Layers of the function, five at most. Their files are in /opt, those of later ones over those of earlier ones.
   *
   * @default - none
   */
  readonly layers?: readonly ILayerVersion[];

  /**
   * The key that the environment variables are encrypted with. The role may decrypt with it; the key's policy must admit
   * the role, or leave it to IAM.
   *
   * @default - Lambda's own
   */
  readonly environmentEncryption?: IKey;

  /**
   * An existing log group. It keeps its retention, key and tags: `logRetention` is not used then.
   *
   * @default - a group `/aws/lambda/NAME`
   */
  readonly logGroup?: ILogGroup;

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
   * An existing execution role of the function's account. Nothing is attached to it; docs/provisioning.md has the policy
   * that it needs.
   *
   * @default - a role of its own
   */
  readonly role?: IRole;

  /**
   * The path of the execution role, such as `/service/`.
   *
   * @default '/'
   */
  readonly rolePath?: string;

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
