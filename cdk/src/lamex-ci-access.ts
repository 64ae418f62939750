/** The role by which CI deploys and invokes one function, without keys that are kept anywhere. */

import { Annotations, type Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
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
import { existingProblem } from './existing';
import type { LamexRunner } from './lamex-runner';
import {
  ciRoleName,
  defaultAudience,
  functionArn,
  issuerHost,
  logGroupArn,
  oidcProviderArn,
  packagesArn,
  roleArn,
} from './names';
import { audienceProblem, GITHUB, issuerProblem, subjectProblem } from './subjects';

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
   * .gitlab-ci.yml. The OIDC provider must list it.
   *
   * @default 'sts.amazonaws.com', and 'sts.amazonaws.com.cn' in China
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
   * The account's OIDC provider for the issuer. Nothing is made here: {@link LamexOidcProvider} does that, once for the
   * account.
   *
   * @default - the ARN that it has in the stack's account, since an account has one for each issuer
   */
  readonly oidcProviderArn?: string;

  /**
   * Whether the stack has the account's OIDC provider, because an earlier release made it. Deployed once with this, the
   * stack may be deployed without it, or deleted: the provider stays. Without that, CloudFormation deletes the provider
   * when it finds it gone from the template, and no role for CI in the account can be taken any more.
   *
   * @default false, with a warning where `oidcProviderArn` is not given either
   */
  readonly oidcProviderInStack?: boolean;

  /**
   * The name of the S3 bucket for packages that are too large for a direct upload: the role may put and get
   * `lamex/FUNCTION/*` there.
   *
   * @default - none
   */
  readonly artifactsBucket?: string;

  /**
   * The KMS key that the bucket encrypts with: the role may use it for what it puts and gets there. The key's policy must
   * admit the role, or leave it to IAM.
   *
   * @default - none
   */
  readonly artifactsKmsKeyArn?: string;

  /**
   * How long the role's credentials last at most, 1 to 12 hours: not shorter than the suite.
   *
   * @default Duration.hours(1)
   */
  readonly maxSession?: Duration;

  /**
   * The path of the role, such as `/service/`.
   *
   * @default '/'
   */
  readonly rolePath?: string;

  /**
   * The permissions boundary of the role.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** What deploying a package and invoking it takes. The function's configuration stays with its stack. */
const FUNCTION_ACTIONS = [
  // Not GetFunction, which also hands out a link to the code.
  'lambda:GetFunctionConfiguration',
  'lambda:UpdateFunctionCode',
  'lambda:PublishVersion',
  'lambda:GetAlias',
  'lambda:UpdateAlias',
  'lambda:ListVersionsByFunction',
  'lambda:ListAliases',
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
  readonly function: string;
  readonly versions: string;
  readonly executionRole: string;
  readonly ciRole: string;
  /** The log group itself, then its streams. */
  readonly logGroups: string[];
  readonly variablesKey: string | undefined;
  readonly packages: string | undefined;
  readonly packagesKey: string | undefined;
}

function resourcesOf(stack: Stack, props: LamexCiAccessProps): Resources {
  const { artifactsBucket: bucket, runner } = props;
  const name = runner.functionName;
  const arn = functionArn(stack, name);
  const logGroup = logGroupArn(stack, runner.logGroupName);
  return {
    function: arn,
    versions: `${arn}:*`,
    executionRole: runner.roleArn,
    ciRole: roleArn(stack, ciRoleName(name, runner.namePrefix), props.rolePath),
    logGroups: [logGroup, `${logGroup}:*`],
    variablesKey: runner.environmentEncryption?.keyArn,
    packages: bucket === undefined ? undefined : packagesArn(stack, bucket, name),
    packagesKey: props.artifactsKmsKeyArn,
  };
}

/** An OIDC role that may deploy and invoke one function, and read what `lamex-ctl doctor` reads. */
export class LamexCiAccess extends Construct {
  readonly role: Role;
  readonly oidcProviderArn: string;

  constructor(scope: Construct, id: string, props: LamexCiAccessProps) {
    super(scope, id);
    const issuer = props.issuer ?? GITHUB;
    const stack = Stack.of(this);
    const audience = props.audience ?? defaultAudience(stack.region);
    const problem =
      trustProblem(issuer, audience, props) ??
      existingProblem(stack, {
        functionName: props.runner.functionName,
        rolePath: props.rolePath,
        permissionsBoundaryArn: props.permissionsBoundary?.managedPolicyArn,
      });
    if (problem) throw new Error(problem);
    const host = issuerHost(issuer);
    this.oidcProviderArn = props.oidcProviderInStack
      ? this.keptProvider(issuer, audience).attrArn
      : (props.oidcProviderArn ?? oidcProviderArn(stack, issuer));
    if (props.oidcProviderInStack === undefined && props.oidcProviderArn === undefined) this.warn();
    const resources = resourcesOf(stack, props);
    this.role = new Role(this, 'Role', {
      roleName: ciRoleName(props.runner.functionName, props.runner.namePrefix),
      path: props.rolePath === '/' ? undefined : props.rolePath,
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

  /** What is deployed is not known here, and what an earlier release deployed is lost with the provider. */
  private warn(): void {
    const danger =
      'a stack that an earlier release of lamex deployed has the OIDC provider, and deletes it now';
    const remedy = 'deploy it once with `oidc_provider_in_stack: true`; for all others say `false`';
    Annotations.of(this).addWarningV2('lamex:oidcProviderInStack', `${danger}: ${remedy}`);
  }

  /** As an earlier release wrote it, but for what happens when it goes: its id in the template is what keeps it. */
  private keptProvider(issuer: string, audience: string): CfnOIDCProvider {
    const provider = new CfnOIDCProvider(this, 'Provider', { url: issuer, clientIdList: [audience] });
    provider.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return provider;
  }

  private policy(resources: Resources): PolicyDocument {
    const { function: itself, versions, executionRole, ciRole, logGroups } = resources;
    const statements = [
      new PolicyStatement({
        sid: 'DeployAndInvoke',
        actions: FUNCTION_ACTIONS,
        resources: [itself, versions],
      }),
      // Of versions alone: without a version in the ARN, it would be the function with all of them.
      new PolicyStatement({
        sid: 'PruneVersions',
        actions: ['lambda:DeleteFunction'],
        resources: [versions],
      }),
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
    statements.push(...this.variablesStatements(resources), ...this.packageStatements(resources));
    return new PolicyDocument({ statements });
  }

  /** Without them Lambda keeps the variables to itself, and nobody knows what the function allows. */
  private variablesStatements({ variablesKey }: Resources): PolicyStatement[] {
    if (variablesKey === undefined) return [];
    const { region, urlSuffix } = Stack.of(this);
    return [
      new PolicyStatement({
        sid: 'VariablesKey',
        // Neither new code nor a new version needs more: encrypting is for whoever configures the function.
        actions: ['kms:Decrypt'],
        resources: [variablesKey],
        // As Lambda calls KMS for it, and in no other way.
        conditions: { StringEquals: { 'kms:ViaService': `lambda.${region}.${urlSuffix}` } },
      }),
    ];
  }

  private packageStatements({ packages, packagesKey }: Resources): PolicyStatement[] {
    const statements: PolicyStatement[] = [];
    if (packages !== undefined) {
      const actions = ['s3:PutObject', 's3:GetObject'];
      statements.push(new PolicyStatement({ sid: 'LargePackages', actions, resources: [packages] }));
    }
    if (packagesKey !== undefined) {
      const { region, urlSuffix } = Stack.of(this);
      statements.push(
        new PolicyStatement({
          sid: 'LargePackagesKey',
          actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
          resources: [packagesKey],
          // As S3 calls KMS for it, and in no other way.
          conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` } },
        }),
      );
    }
    return statements;
  }

  private acknowledge({ versions, logGroups, packages }: Resources): void {
    acknowledgeWildcard(
      this.role,
      '*',
      "EC2's Describe actions take no resource, and a name may be in any hosted zone.",
    );
    acknowledgeWildcard(this.role, versions, 'The versions and aliases of one function.');
    for (const arn of logGroups.slice(1))
      acknowledgeWildcard(this.role, arn, 'The streams of one log group.');
    if (packages !== undefined) acknowledgeWildcard(this.role, packages, 'The packages of one function.');
  }
}

function trustProblem(issuer: string, audience: string, props: LamexCiAccessProps): string | undefined {
  const problem = issuerProblem(issuer);
  if (problem) return problem;
  const wrong = audienceProblem(audience);
  if (wrong) return wrong;
  if (props.oidcProviderInStack && props.oidcProviderArn !== undefined) {
    return 'the OIDC provider is in the stack, or it is named by its ARN: not both';
  }
  if (props.artifactsKmsKeyArn !== undefined && props.artifactsBucket === undefined) {
    return 'the key of the artifacts is for what `artifactsBucket` holds, which is not given';
  }
  const provider = props.oidcProviderArn;
  const isOfIssuer = provider?.endsWith(`:oidc-provider/${issuer.replace('https://', '')}`) ?? true;
  if (!Token.isUnresolved(provider) && !isOfIssuer) return `\`${provider}\` is not the provider of ${issuer}`;
  if (props.subjects.length === 0) return 'nobody could assume the role: name at least one subject';
  return props.subjects
    .map((subject) => subjectProblem(issuer, subject))
    .find((found) => found !== undefined);
}
