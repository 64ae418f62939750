/** The stack that the app makes of an environment. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { ACCOUNT, REGION, STAGING, stackOf, templateOf } from './fixture';

test('name, account and region', () => {
  const stack = stackOf(STAGING.replace('system-tests', 'system_tests'));
  assert.equal(stack.stackName, 'lamex-staging-system-tests');
  assert.deepEqual([stack.account, stack.region], [ACCOUNT, REGION]);
});

test('every setting of an environment', () => {
  const found = templateOf(`
    account: "${ACCOUNT}", region: ${REGION}, function: system-tests,
    vpc: { id: vpc-00000001, subnet_ids: [subnet-00000001, subnet-00000002], extra_security_group_ids: [sg-0000000e] },
    reach: [{ name: grpc, host: orders.internal, port: 50051, check: grpc, security_group_id: sg-00000001 }],
    env: { ORDERS_ADDR: "orders.internal:50051" },
    memory_mb: 3008, ephemeral_storage_mb: 2048, timeout: 1m30s, architecture: arm64, allow_destructive: true,
    role: {
      policy_arns: ["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"],
      statements: [{
        effect: Deny, actions: ["s3:*"], resources: ["*"],
        conditions: { StringNotEquals: { "aws:RequestedRegion": [us-east-2] } } }] },
    log_retention_days: 14,
    tags: { team: orders }
  `);
  const tags = Match.arrayWith([{ Key: 'team', Value: 'orders' }]);
  found.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'system-tests',
    Architectures: ['arm64'],
    MemorySize: 3008,
    EphemeralStorage: { Size: 2048 },
    Timeout: 90,
    Environment: { Variables: { ORDERS_ADDR: 'orders.internal:50051', LAMEX_ALLOW_DESTRUCTIVE: 'true' } },
    VpcConfig: {
      SubnetIds: ['subnet-00000001', 'subnet-00000002'],
      SecurityGroupIds: [Match.anyValue(), 'sg-0000000e'],
    },
    Tags: tags,
  });
  found.hasResourceProperties('AWS::EC2::SecurityGroup', {
    VpcId: 'vpc-00000001',
    SecurityGroupEgress: [Match.objectLike({ DestinationSecurityGroupId: 'sg-00000001', FromPort: 50051 })],
    Tags: tags,
  });
  found.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 14, Tags: tags });
  found.hasResourceProperties('AWS::IAM::Role', {
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'],
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Effect: 'Deny',
              Action: 's3:*',
              Resource: '*',
              Condition: { StringNotEquals: { 'aws:RequestedRegion': ['us-east-2'] } },
            },
          ]),
        },
      },
    ],
    Tags: tags,
  });
});

test('function and alias are what they were in the first deployment', () => {
  // Another logical id would replace the function. Any other property of the alias would have CloudFormation send the
  // version along, which takes `live` back to $LATEST.
  const found = templateOf();
  assert.deepEqual(Object.keys(found.findResources('AWS::Lambda::Function')), ['RunnerFunction51B573FD']);
  const [[id, alias] = assert.fail()] = Object.entries(found.findResources('AWS::Lambda::Alias'));
  assert.equal(id, 'RunnerLive8F40BD8E');
  assert.deepEqual(alias?.['Properties'], {
    Name: 'live',
    FunctionName: { Ref: 'RunnerFunction51B573FD' },
    FunctionVersion: '$LATEST',
    Description: 'Moved by lamex-ctl deploy and rollback',
  });
});

test('the six outputs that Terraform has, too', () => {
  const found = templateOf();
  const outputs = Object.keys(found.findOutputs('*'));
  assert.deepEqual(outputs.sort(), [
    'AliasArn',
    'FunctionArn',
    'FunctionName',
    'LogGroupName',
    'RoleArn',
    'SecurityGroupId',
  ]);
  const [alias] = Object.keys(found.findResources('AWS::Lambda::Alias'));
  const [group] = Object.keys(found.findResources('AWS::EC2::SecurityGroup'));
  found.hasOutput('AliasArn', { Value: { Ref: alias } });
  found.hasOutput('SecurityGroupId', { Value: { 'Fn::GetAtt': [group, 'GroupId'] } });
});

test('services in one range share a rule, which has the names of both', () => {
  const found = templateOf(`${STAGING}, reach: [
    { name: orders, host: orders.internal, port: 443, cidr: 10.0.0.0/16 },
    { name: stock, host: stock.internal, port: 443, cidr: 10.0.0.0/16 },
    { name: admin, host: orders.internal, port: 8443, cidr: 10.0.0.0/16 }]`);
  const rule = (port: number, description: string) => ({
    CidrIp: '10.0.0.0/16',
    Description: description,
    FromPort: port,
    IpProtocol: 'tcp',
    ToPort: port,
  });
  found.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [rule(443, 'orders, stock'), rule(8443, 'admin')],
  });
});

test('what is not in lamex.yaml', () => {
  const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000001`;
  const boundary = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
  const found = templateOf(
    `${STAGING}, reach: [{ name: a, host: a, port: 1, security_group_id: sg-00000001 }]`,
    {
      allowIngressOnTargets: true,
      reservedConcurrency: 3,
      tracing: true,
      dualStack: true,
      logKmsKeyArn: key,
      permissionsBoundaryArn: boundary,
    },
  );
  found.hasResourceProperties('AWS::Lambda::Function', {
    ReservedConcurrentExecutions: 3,
    TracingConfig: { Mode: 'Active' },
    VpcConfig: { Ipv6AllowedForDualStack: true },
  });
  found.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
  found.hasResourceProperties('AWS::IAM::Role', { PermissionsBoundary: boundary });
  found.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-00000001' });
});

test('another VPC with another name for the groups, which CloudFormation would not replace under the one they have', () => {
  const there = STAGING.replace('vpc-00000001', 'vpc-00000002');
  const settings = { endpoints: { interfaceServices: ['ssm'] }, securityGroupName: 'system-tests-vpc-2' };
  const [before, after] = [
    templateOf(undefined, { ...settings, securityGroupName: undefined }),
    templateOf(there, settings),
  ];
  const groups = (of: typeof before) =>
    Object.entries(of.findResources('AWS::EC2::SecurityGroup')).map(([id, group]) => [
      id,
      group['Properties'].GroupName,
      group['Properties'].VpcId,
    ]);
  const [[runner] = [], [endpoints] = []] = groups(before);
  assert.deepEqual(groups(before), [
    [runner, 'system-tests-lamex', 'vpc-00000001'],
    [endpoints, 'system-tests-lamex-endpoints', 'vpc-00000001'],
  ]);
  assert.deepEqual(groups(after), [
    [runner, 'system-tests-vpc-2', 'vpc-00000002'],
    [endpoints, 'system-tests-vpc-2-endpoints', 'vpc-00000002'],
  ]);
  // The function is the one before: CloudFormation moves it, and `live` stays where it is until the next deployment.
  const functions = (of: typeof before) => Object.keys(of.findResources('AWS::Lambda::Function'));
  assert.deepEqual(functions(after), functions(before));
  assert.throws(() => stackOf(there, { securityGroupName: 'sg-1' }), /not a valid security group name/);
});

test('what is named twice is there once', () => {
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const entries = STAGING.replace('[subnet-00000001, subnet-00000002]', '[subnet-00000001, subnet-00000001]');
  const found = templateOf(`${entries}, role: { policy_arns: ["${arn}", "${arn}"] }`);
  found.hasResourceProperties('AWS::Lambda::Function', { VpcConfig: { SubnetIds: ['subnet-00000001'] } });
  found.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: [arn] });
});

test('a VPC by its name', () => {
  const entries = `account: "${ACCOUNT}", region: ${REGION}, function: system-tests`;
  const stack = stackOf(entries, { vpcName: 'services' });
  const { missing } = (stack.node.root as App).synth().manifest;
  assert.equal(missing?.length, 1);
  assert.match(JSON.stringify(missing), /"tag:Name":"services"/);
});

test('an environment without a VPC, and one with two', () => {
  const entries = `account: "${ACCOUNT}", region: ${REGION}, function: system-tests`;
  assert.throws(() => stackOf(entries), /the environment `staging` needs `vpc` with `id` and `subnet_ids`/);
  assert.throws(() => stackOf(undefined, { vpcName: 'services' }), /has a `vpc`: leave out `vpc_name`/);
});

/** What `cdk` prints beside the template. */
function warnings(stack: ReturnType<typeof stackOf>): string[] {
  const { messages } = (stack.node.root as App).synth().getStackByName(stack.stackName);
  return messages.filter(({ level }) => level !== 'info').map(({ entry }) => String(entry.data));
}

test('nothing of a synthesized stack is to be warned of', () => {
  assert.deepEqual(warnings(stackOf(undefined, { endpoints: { interfaceServices: ['ssm'] } })), []);
});

test('a way out by IPv6 is of no use without an address', () => {
  const entries = `${STAGING}, reach: [{ name: six, host: "fd00::7", port: 443, ipv6_cidr: "fd00::/8" }]`;
  const [warning, ...more] = warnings(stackOf(entries));
  assert.match(
    warning ?? '',
    /`reach` has an `ipv6_cidr`, and the function no IPv6 address: set `dual_stack`/,
  );
  assert.deepEqual(more, []);
  assert.deepEqual(warnings(stackOf(entries, { dualStack: true })), []);
});
