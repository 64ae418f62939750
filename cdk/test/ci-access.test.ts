/** Whom CI's role trusts, and with what. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ACCOUNT, REGION, STAGING, stackOf, templateOf } from './fixture';

const GITHUB = 'token.actions.githubusercontent.com';
const MAIN = 'repo:owner/name:ref:refs/heads/main';

const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });
const FUNCTION = `:lambda:${REGION}:${ACCOUNT}:function:system-tests`;
const LOG = `:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/system-tests`;

/** The name by which roles of the account find it, whoever made it. */
const PROVIDER = arn(`:iam::${ACCOUNT}:oidc-provider/${GITHUB}`);

test("a role for GitHub that trusts the account's provider", () => {
  const subjects = [MAIN, 'repo:owner/name:environment:staging'];
  const found = templateOf(undefined, { ciAccess: { subjects } });
  found.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'system-tests-lamex-ci',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: PROVIDER },
          Condition: {
            StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: subjects },
          },
        },
      ],
    },
    PermissionsBoundary: Match.absent(),
  });
  found.hasOutput('CiRoleArn', {});
  found.hasOutput('OidcProviderArn', { Value: PROVIDER });
});

test('in China, AWS has another audience', () => {
  const found = templateOf(STAGING.replace(REGION, 'cn-north-1'), { ciAccess: { subjects: [MAIN] } });
  found.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [{ Condition: { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com.cn' } } }],
    },
  });
});

/** What a stack with `ciAccess: { subjects: [MAIN] }` had of the provider when an earlier release deployed it. */
const DEPLOYED_EARLIER = {
  CiAccessProvider9297EE33: {
    Type: 'AWS::IAM::OIDCProvider',
    Properties: { ClientIdList: ['sts.amazonaws.com'], Url: `https://${GITHUB}` },
  },
};

test('a stack that has the provider already keeps it, and may then be deployed without it', () => {
  // CloudFormation goes by the template that was deployed last: a provider that is gone from the next one stays only
  // where that one said so.
  const found = templateOf(undefined, { ciAccess: { subjects: [MAIN], oidcProviderInStack: true } });
  const [id, before] = Object.entries(DEPLOYED_EARLIER)[0] ?? assert.fail();
  assert.deepEqual(found.findResources('AWS::IAM::OIDCProvider'), {
    [id]: { ...before, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
  });
  found.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [{ Principal: { Federated: { 'Fn::GetAtt': [id, 'Arn'] } } }],
    },
  });
  const next = templateOf(undefined, { ciAccess: { subjects: [MAIN], oidcProviderInStack: false } });
  next.resourceCountIs('AWS::IAM::OIDCProvider', 0);
});

for (const [what, ciAccess, isWarned] of [
  ['nothing is said of it', { subjects: [MAIN] }, true],
  ['it is not in the stack', { subjects: [MAIN], oidcProviderInStack: false }, false],
  ['it is in the stack', { subjects: [MAIN], oidcProviderInStack: true }, false],
] as const) {
  test(`who may lose the provider is ${isWarned ? '' : 'not '}warned where ${what}`, () => {
    const stack = stackOf(undefined, { ciAccess });
    const found = Annotations.fromStack(stack).findWarning(
      '*',
      Match.stringLikeRegexp('oidc_provider_in_stack'),
    );
    assert.equal(found.length, isWarned ? 1 : 0);
  });
}

test('it may deploy and invoke the one function, and read what doctor reads', () => {
  const found = templateOf(undefined, { ciAccess: { subjects: [MAIN] } });
  const [role] = Object.values(
    found.findResources('AWS::IAM::Role', { Properties: { RoleName: 'system-tests-lamex-ci' } }),
  );
  assert.equal(role?.['Properties'].ManagedPolicyArns, undefined);
  assert.deepEqual(role?.['Properties'].Policies, [
    {
      PolicyName: 'lamex',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'DeployAndInvoke',
            Effect: 'Allow',
            Action: [
              'lambda:GetFunctionConfiguration',
              'lambda:UpdateFunctionCode',
              'lambda:PublishVersion',
              'lambda:GetAlias',
              'lambda:UpdateAlias',
              'lambda:ListVersionsByFunction',
              'lambda:ListAliases',
              'lambda:InvokeFunction',
            ],
            Resource: [arn(FUNCTION), arn(`${FUNCTION}:*`)],
          },
          {
            Sid: 'PruneVersions',
            Effect: 'Allow',
            Action: 'lambda:DeleteFunction',
            Resource: arn(`${FUNCTION}:*`),
          },
          {
            Sid: 'DoctorReadsTheNetwork',
            Effect: 'Allow',
            Action: [
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
            ],
            Resource: '*',
          },
          {
            Sid: 'DoctorReadsPrivateNames',
            Effect: 'Allow',
            Action: [
              'route53:ListHostedZones',
              'route53:ListHostedZonesByVPC',
              'route53:ListResourceRecordSets',
            ],
            Resource: '*',
          },
          {
            Sid: 'DoctorReadsTheExecutionRole',
            Effect: 'Allow',
            Action: [
              'iam:GetRole',
              'iam:GetRolePolicy',
              'iam:ListRolePolicies',
              'iam:ListAttachedRolePolicies',
              'iam:SimulatePrincipalPolicy',
            ],
            Resource: arn(`:iam::${ACCOUNT}:role/system-tests-lamex`),
          },
          {
            Sid: 'DoctorReadsThisRole',
            Effect: 'Allow',
            Action: ['iam:GetRole', 'iam:SimulatePrincipalPolicy'],
            Resource: arn(`:iam::${ACCOUNT}:role/system-tests-lamex-ci`),
          },
          {
            Sid: 'ReadTheLog',
            Effect: 'Allow',
            Action: ['logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:FilterLogEvents'],
            Resource: [arn(LOG), arn(`${LOG}:*`)],
          },
        ],
      },
    },
  ]);
});

test('packages that are too large for a direct upload', () => {
  const found = templateOf(`${STAGING}, artifacts: { bucket: lamex-artifacts }`, {
    ciAccess: { subjects: [MAIN] },
  });
  found.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Sid: 'LargePackages',
              Effect: 'Allow',
              Action: ['s3:PutObject', 's3:GetObject'],
              Resource: arn(':s3:::lamex-artifacts/lamex/system-tests/*'),
            },
          ]),
        },
      },
    ],
  });
});

test('a key of your own, as S3 uses it', () => {
  const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000001`;
  const found = templateOf(`${STAGING}, artifacts: { bucket: lamex-artifacts, kms_key_arn: "${key}" }`, {
    ciAccess: { subjects: [MAIN] },
  });
  const via = { 'Fn::Join': ['', [`s3.${REGION}.`, { Ref: 'AWS::URLSuffix' }]] };
  found.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Sid: 'LargePackagesKey',
              Effect: 'Allow',
              Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
              Resource: key,
              Condition: { StringEquals: { 'kms:ViaService': via } },
            },
          ]),
        },
      },
    ],
  });
});

test('a provider that the account has, a GitLab, and a boundary', () => {
  const providerArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`;
  const subject = 'project_path:group/sub/project:ref_type:branch:ref:main';
  const boundary = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
  const found = templateOf(undefined, {
    permissionsBoundaryArn: boundary,
    ciAccess: {
      issuer: 'https://gitlab.com',
      audience: 'https://gitlab.com',
      subjects: [subject],
      oidcProviderArn: providerArn,
    },
  });
  found.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'system-tests-lamex-ci',
    PermissionsBoundary: boundary,
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Principal: { Federated: providerArn },
          Condition: {
            StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', 'gitlab.com:sub': [subject] },
          },
        },
      ],
    },
  });
});

test('no role unless it is asked for', () => {
  templateOf().resourceCountIs('AWS::IAM::Role', 1);
});

for (const subject of [
  MAIN,
  'repo:owner/name:environment:production',
  'repo:owner@123456/name@456789:ref:refs/heads/main',
  'repo:owner@123456/name@456789:environment:staging',
  'repo:owner/name:environment:Staging in Ohio',
]) {
  test(`trusted: ${subject}`, () => {
    assert.doesNotThrow(() => stackOf(undefined, { ciAccess: { subjects: [subject] } }));
  });
}

for (const [subject, problem] of [
  ['repo:owner/name:*', /wildcard/],
  ['repo:owner/*:ref:refs/heads/main', /wildcard/],
  ['repo:owner/name:ref:refs/heads/release-?', /wildcard/],
  ['repo:owner/name:pull_request', /no branch or environment/],
  ['repo:owner/name', /no branch or environment/],
  ['repo:owner/name:ref:refs/tags/v1', /no branch or environment/],
  ['repo:owner/name:ref:refs/heads/', /no branch or environment/],
  ['repo:owner@1/name:ref:refs/heads/main', /no branch or environment/],
  ['project_path:group/project:ref_type:branch:ref:main', /no branch or environment/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM would fill it in.
  ['repo:owner/name:environment:${aws:username}', /no branch or environment/],
  ['owner/name', /no branch or environment/],
] as const) {
  test(`not trusted: ${subject}`, () => {
    assert.throws(() => stackOf(undefined, { ciAccess: { subjects: [MAIN, subject] } }), problem);
  });
}

for (const [what, ciAccess, problem] of [
  ['nobody', { subjects: [] }, /name at least one subject/],
  ['an issuer without TLS', { subjects: [MAIN], issuer: 'http://gitlab.com' }, /is no issuer/],
  ['an issuer with a slash', { subjects: [MAIN], issuer: 'https://gitlab.com/' }, /is no issuer/],
  ['a pattern of audiences', { subjects: [MAIN], audience: 'sts.*' }, /is no audience/],
  [
    'a provider in the stack and elsewhere',
    {
      subjects: [MAIN],
      oidcProviderInStack: true,
      oidcProviderArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`,
    },
    /not both/,
  ],
  [
    "another issuer's provider",
    { subjects: [MAIN], oidcProviderArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` },
    /is not the provider of/,
  ],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(() => stackOf(undefined, { ciAccess }), problem);
  });
}
