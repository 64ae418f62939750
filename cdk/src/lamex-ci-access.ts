/** The role by which CI deploys and invokes one function, without keys that are kept anywhere. */

import { type Duration, Stack, Token } from 'aws-cdk-lib';
import {
  CfnOIDCProvider,
  type IManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledge';
import type { LamexRunner } from './lamex-runner';
import { ciRoleName, functionArn, logGroupArn, packagesArn, roleArn, roleName } from './names';
import { GITHUB, issuerProblem, subjectProblem } from './subjects';

export interface LamexCiAccessProps {
  /** The runner whose function CI deploys and invokes. */
  readonly runner: LamexRunner;

  /**
   * Who signs the tokens of CI: GitHub Actions, `https://gitlab.com`, or a GitLab of your own.
   *
   * @default 'https://token.actions.githubusercontent.com'
   */
  readonly issuer?: string;

  /**
   * The `aud` of the tokens: what aws-actions/configure-aws-credentials asks GitHub for, and what `id_tokens` says in
   * .gitlab-ci.yml.
   *
   * @default 'sts.amazonaws.com'
   */
  readonly audience?: string;

  /**
   * The tokens that may assume the role, by their whole subject, without wildcards: one repository with one branch or
   * environment each.
   *
   * - GitHub: `repo:OWNER/NAME:ref:refs/heads/main`, `repo:OWNER/NAME:environment:staging`, and both in the format
   *   with ids, `repo:OWNER@1234/NAME@5678:…`
   * - GitLab: `project_path:GROUP/PROJECT:ref_type:branch:ref:main`
   */
  readonly subjects: readonly string[];

  /**
   * The account's OIDC provider for the issuer. An account has one for each.
   *
   * @default - it is created
   */
  readonly oidcProviderArn?: string;

  /**
   * The name of the S3 bucket for packages that are too large for a direct upload: the role may put and get
   * `lamex/FUNCTION/*` there.
   *
   * @default - none
   */
  readonly artifactsBucket?: string;

  /**
   * How long the role's credentials last at most, 1 to 12 hours: not shorter than the suite.
   *
   * @default Duration.hours(1)
   */
  readonly maxSession?: Duration;

  /**
   * The permissions boundary of the role.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** What deploying a package and invoking it takes. The function's configuration stays with its stack. */
const FUNCTION_ACTIONS = [
  'lambda:GetFunction',
  'lambda:GetFunctionConfiguration',
  'lambda:UpdateFunctionCode',
  'lambda:PublishVersion',
  'lambda:GetAlias',
  'lambda:UpdateAlias',
  'lambda:ListVersionsByFunction',
  // Also the permission for streamed responses.
  'lambda:InvokeFunction',
];

/** What `lamex-ctl doctor` reads of the network. EC2 knows no resources for these. */
const NETWORK_ACTIONS = [
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeRouteTables',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribeVpcEndpoints',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcs',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeNatGateways',
  'ec2:DescribePrefixLists',
  'ec2:DescribeManagedPrefixLists',
  'ec2:GetManagedPrefixListEntries',
  'ec2:DescribeVpcPeeringConnections',
  'ec2:DescribeDhcpOptions',
];

/** And of private zones: also of one that the VPC should ask and does not. */
const NAME_ACTIONS = [
  'route53:ListHostedZones',
  'route53:ListHostedZonesByVPC',
  'route53:ListResourceRecordSets',
];

const ROLE_ACTIONS = [
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:ListRolePolicies',
  'iam:ListAttachedRolePolicies',
  'iam:SimulatePrincipalPolicy',
];

const LOG_ACTIONS = ['logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:FilterLogEvents'];

/** What the role may use, as ARNs. */
interface Resources {
  /** The function itself, then its versions and aliases. */
  readonly functionArns: string[];
  readonly executionRole: string;
  readonly ciRole: string;
  /** The log group itself, then its streams. */
  readonly logGroups: string[];
  readonly packages: string | undefined;
}

function resourcesOf(stack: Stack, { runner, artifactsBucket: bucket }: LamexCiAccessProps): Resources {
  const name = runner.functionName;
  const arn = functionArn(stack, name);
  const logGroup = logGroupArn(stack, name);
  return {
    functionArns: [arn, `${arn}:*`],
    executionRole: roleArn(stack, roleName(name)),
    ciRole: roleArn(stack, ciRoleName(name)),
    logGroups: [logGroup, `${logGroup}:*`],
    packages: bucket === undefined ? undefined : packagesArn(stack, bucket, name),
  };
}

/** An OIDC role that may deploy and invoke one function, and read what `lamex-ctl doctor` reads. */
export class LamexCiAccess extends Construct {
  readonly role: Role;
  readonly oidcProviderArn: string;

  constructor(scope: Construct, id: string, props: LamexCiAccessProps) {
    super(scope, id);
    const issuer = props.issuer ?? GITHUB;
    const audience = props.audience ?? 'sts.amazonaws.com';
    const problem = trustProblem(issuer, audience, props);
    if (problem) throw new Error(problem);
    const host = issuer.replace('https://', '');
    this.oidcProviderArn =
      props.oidcProviderArn ??
      new CfnOIDCProvider(this, 'Provider', { url: issuer, clientIdList: [audience] }).attrArn;
    const resources = resourcesOf(Stack.of(this), props);
    this.role = new Role(this, 'Role', {
      roleName: ciRoleName(props.runner.functionName),
      description: `CI deploys and invokes the function ${props.runner.functionName}.`,
      maxSessionDuration: props.maxSession,
      // StringEquals and not StringLike: a subject is a subject, never a pattern.
      assumedBy: new WebIdentityPrincipal(this.oidcProviderArn, {
        StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: [...props.subjects] },
      }),
      inlinePolicies: { lamex: this.policy(resources) },
      permissionsBoundary: props.permissionsBoundary,
    });
    this.acknowledge(resources);
  }

  private policy(resources: Resources): PolicyDocument {
    const { functionArns, executionRole, ciRole, logGroups, packages } = resources;
    const statements = [
      new PolicyStatement({ sid: 'DeployAndInvoke', actions: FUNCTION_ACTIONS, resources: functionArns }),
      new PolicyStatement({ sid: 'DoctorReadsTheNetwork', actions: NETWORK_ACTIONS, resources: ['*'] }),
      new PolicyStatement({ sid: 'DoctorReadsPrivateNames', actions: NAME_ACTIONS, resources: ['*'] }),
      new PolicyStatement({
        sid: 'DoctorReadsTheExecutionRole',
        actions: ROLE_ACTIONS,
        resources: [executionRole],
      }),
      // What CI itself may do.
      new PolicyStatement({
        sid: 'DoctorReadsThisRole',
        actions: ['iam:GetRole', 'iam:SimulatePrincipalPolicy'],
        resources: [ciRole],
      }),
      new PolicyStatement({ sid: 'ReadTheLog', actions: LOG_ACTIONS, resources: logGroups }),
    ];
    if (packages !== undefined) {
      statements.push(
        new PolicyStatement({
          sid: 'LargePackages',
          actions: ['s3:PutObject', 's3:GetObject'],
          resources: [packages],
        }),
      );
    }
    return new PolicyDocument({ statements });
  }

  private acknowledge({ functionArns, logGroups, packages }: Resources): void {
    acknowledgeWildcard(
      this.role,
      '*',
      "EC2's Describe actions take no resource, and a name may be in any hosted zone.",
    );
    for (const arn of functionArns.slice(1)) {
      acknowledgeWildcard(this.role, arn, 'The versions and aliases of one function.');
    }
    for (const arn of logGroups.slice(1))
      acknowledgeWildcard(this.role, arn, 'The streams of one log group.');
    if (packages !== undefined) acknowledgeWildcard(this.role, packages, 'The packages of one function.');
  }
}

function trustProblem(issuer: string, audience: string, props: LamexCiAccessProps): string | undefined {
  const problem = issuerProblem(issuer);
  if (problem) return problem;
  if (!/^[^*?\s]+$/.test(audience)) return `\`${audience}\` is no audience: one, without wildcards`;
  const provider = props.oidcProviderArn;
  const isOfIssuer = provider?.endsWith(`:oidc-provider/${issuer.replace('https://', '')}`) ?? true;
  if (!Token.isUnresolved(provider) && !isOfIssuer) return `\`${provider}\` is not the provider of ${issuer}`;
  if (props.subjects.length === 0) return 'nobody could assume the role: name at least one subject';
  return props.subjects
    .map((subject) => subjectProblem(issuer, subject))
    .find((found) => found !== undefined);
}
