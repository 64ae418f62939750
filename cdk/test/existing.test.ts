/** What exists already in place of what the kit would make, and how the rest is named. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { LamexRunner, type LamexStackProps } from '../src';
import { ACCOUNT, REGION, runnerOf, STAGING, stackOf, templateOf } from './fixture';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/service/tests`;
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000001`;
const LAYER = `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:tools`;
const CI = { subjects: ['repo:owner/name:ref:refs/heads/main'], oidcProviderInStack: false };
const REACH = `${STAGING}, reach: [
  { name: orders, host: orders.internal, port: 443, cidr: 10.0.0.0/16 },
  { name: billing, host: billing.internal, port: 443, security_group_id: sg-00000002 }]`;

const partitioned = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });

test('an existing role is used as it is', () => {
  const found = templateOf(undefined, { roleArn: ROLE });
  found.resourceCountIs('AWS::IAM::Role', 0);
  found.resourceCountIs('AWS::IAM::Policy', 0);
  found.hasResourceProperties('AWS::Lambda::Function', { Role: ROLE });
  found.hasOutput('RoleArn', { Value: ROLE });
});

test('nor is anything attached to a role of the same app', () => {
  const { stack, vpc } = surroundings();
  const role = new Role(stack, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const environmentEncryption = Key.fromKeyArn(stack, 'Key', KEY);
  new LamexRunner(stack, 'Another', { functionName: 'another', vpc, role, environmentEncryption });
  const found = Template.fromStack(stack);
  found.hasResourceProperties('AWS::IAM::Role', {
    Policies: Match.absent(),
    ManagedPolicyArns: Match.absent(),
  });
  found.resourceCountIs('AWS::IAM::Policy', 0);
});

test("path and boundary are then those of CI's role", () => {
  const props = { roleArn: ROLE, rolePath: '/service/', permissionsBoundaryArn: BOUNDARY, ciAccess: CI };
  const found = templateOf(undefined, props);
  found.resourceCountIs('AWS::IAM::Role', 1);
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'system-tests-lamex-ci',
    Path: '/service/',
    PermissionsBoundary: BOUNDARY,
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Sid: 'DoctorReadsTheExecutionRole', Resource: ROLE }),
            Match.objectLike({
              Sid: 'DoctorReadsThisRole',
              Resource: partitioned(`:iam::${ACCOUNT}:role/service/system-tests-lamex-ci`),
            }),
          ]),
        },
      },
    ],
  });
});

test("and of the schedule's, which invokes a function with an existing role just the same", () => {
  const props = { roleArn: ROLE, rolePath: '/service/', permissionsBoundaryArn: BOUNDARY };
  const found = templateOf(`${STAGING}, schedule: rate(1 day)`, props);
  found.resourceCountIs('AWS::IAM::Role', 1);
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'system-tests-lamex-schedule',
    Path: '/service/',
    PermissionsBoundary: BOUNDARY,
  });
  found.hasResourceProperties('AWS::Lambda::Function', { Role: ROLE });
  found.resourceCountIs('AWS::Scheduler::Schedule', 1);
});

test('existing security groups get no rules, of reach or of endpoints', () => {
  const stack = stackOf(REACH, {
    securityGroupIds: ['sg-00000003', 'sg-00000004'],
    endpoints: { gatewayServices: ['s3'], routeTableIds: ['rtb-00000001'], interfaceServices: ['sts'] },
  });
  const found = Template.fromStack(stack);
  found.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SecurityGroupIds: ['sg-00000003', 'sg-00000004'] },
  });
  const groups = Object.values(found.findResources('AWS::EC2::SecurityGroup'));
  assert.deepEqual(
    groups.map((group) => group['Properties'].GroupName),
    ['system-tests-lamex-endpoints'],
  );
  found.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  const [ingress, ...more] = Object.values(found.findResources('AWS::EC2::SecurityGroupIngress'));
  assert.equal(ingress?.['Properties'].SourceSecurityGroupId, 'sg-00000003');
  assert.deepEqual(more, []);
  found.hasOutput('SecurityGroupId', { Value: 'sg-00000003' });
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('`reach` makes no rules in .*let the function out to orders, billing'),
  );
});

test('nor does a group of the same app', () => {
  const { stack, vpc } = surroundings();
  const group = new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
  const reach = [{ name: 'orders', port: 443, cidr: '10.0.0.0/16' }];
  const runner = new LamexRunner(stack, 'Another', {
    functionName: 'another',
    vpc,
    reach,
    securityGroups: [group],
  });
  // Who asks for a rule gets it.
  runner.connections.allowToAnyIpv4(Port.tcp(443));
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443 })],
  });
});

test('without reach there is nothing to be warned of', () => {
  const { messages } =
    (stackOf(undefined, { securityGroupIds: ['sg-00000003'] }).node.root as App).synth().stacks[0] ??
    assert.fail();
  assert.deepEqual(
    messages.filter(({ level }) => level !== 'info'),
    [],
  );
});

test('a group that is named twice is there once', () => {
  const entries = STAGING.replace('] }', '], extra_security_group_ids: [sg-00000003] }');
  templateOf(entries, { securityGroupIds: ['sg-00000003', 'sg-00000003'] }).hasResourceProperties(
    'AWS::Lambda::Function',
    { VpcConfig: { SecurityGroupIds: ['sg-00000003'] } },
  );
});

test('an existing log group is written to, and left as it is', () => {
  const found = templateOf(undefined, { logGroupName: '/tests/all', ciAccess: CI });
  const group = partitioned(`:logs:${REGION}:${ACCOUNT}:log-group:/tests/all`);
  const streams = partitioned(`:logs:${REGION}:${ACCOUNT}:log-group:/tests/all:*`);
  found.resourceCountIs('AWS::Logs::LogGroup', 0);
  found.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: '/tests/all' } });
  found.hasOutput('LogGroupName', { Value: '/tests/all' });
  const statement = (name: string, content: object) =>
    found.hasResourceProperties('AWS::IAM::Role', {
      RoleName: name,
      Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(content)]) } }],
    });
  statement('system-tests-lamex', { Sid: 'Log', Resource: streams });
  statement('system-tests-lamex-ci', { Sid: 'ReadTheLog', Resource: [group, streams] });
});

test('a log group of the same app', () => {
  const { stack, vpc } = surroundings();
  const logGroup = new LogGroup(stack, 'Log');
  new LamexRunner(stack, 'Another', { functionName: 'another', vpc, logGroup });
  const found = Template.fromStack(stack);
  const [id] = Object.keys(found.findResources('AWS::Logs::LogGroup'));
  found.resourceCountIs('AWS::Logs::LogGroup', 1);
  found.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: id } } });
});

test('a prefix of the names of all but function and log group, and a path of the roles', () => {
  const found = templateOf(undefined, {
    namePrefix: 'shared-',
    rolePath: '/service/',
    endpoints: { interfaceServices: ['sts'] },
    ciAccess: CI,
  });
  const named = (type: string, key: string) =>
    Object.values(found.findResources(type)).map((resource) => resource['Properties'][key]);
  assert.deepEqual(named('AWS::IAM::Role', 'RoleName'), [
    'shared-system-tests-lamex',
    'shared-system-tests-lamex-ci',
  ]);
  assert.deepEqual(named('AWS::IAM::Role', 'Path'), ['/service/', '/service/']);
  assert.deepEqual(named('AWS::EC2::SecurityGroup', 'GroupName'), [
    'shared-system-tests-lamex',
    'shared-system-tests-lamex-endpoints',
  ]);
  found.hasResourceProperties('AWS::EC2::VPCEndpoint', {
    Tags: Match.arrayWith([{ Key: 'Name', Value: 'shared-system-tests-lamex-sts' }]),
  });
  assert.deepEqual(named('AWS::Lambda::Function', 'FunctionName'), ['system-tests']);
  assert.deepEqual(named('AWS::Logs::LogGroup', 'LogGroupName'), ['/aws/lambda/system-tests']);
  found.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Sid: 'DoctorReadsTheExecutionRole',
              Resource: partitioned(`:iam::${ACCOUNT}:role/service/shared-system-tests-lamex`),
            }),
          ]),
        },
      },
    ],
  });
});

test('layers in their order, and a key of the variables for both roles', () => {
  const layers = [`${LAYER}:3`, `arn:aws:lambda:${REGION}:210987654321:layer:agent:12`];
  const found = templateOf(undefined, { layers, kmsKeyArn: KEY, ciAccess: CI });
  found.hasResourceProperties('AWS::Lambda::Function', { Layers: layers, KmsKeyArn: KEY });
  found.resourceCountIs('AWS::IAM::Policy', 0);
  const statement = (name: string, more: object) =>
    found.hasResourceProperties('AWS::IAM::Role', {
      RoleName: name,
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              { Sid: 'VariablesKey', Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY, ...more },
            ]),
          },
        },
      ],
    });
  statement('system-tests-lamex', {});
  const through = { 'Fn::Join': ['', [`lambda.${REGION}.`, { Ref: 'AWS::URLSuffix' }]] };
  statement('system-tests-lamex-ci', { Condition: { StringEquals: { 'kms:ViaService': through } } });
});

test('without them the function has neither', () => {
  templateOf().hasResourceProperties('AWS::Lambda::Function', {
    Layers: Match.absent(),
    KmsKeyArn: Match.absent(),
  });
});

const ROLE_IN_FILE = `${STAGING}, role: { policy_arns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }`;
const REFUSED: [string, Omit<LamexStackProps, 'environment'>, RegExp, string?][] = [
  ['policies for an existing role', { roleArn: ROLE }, /`role` of lamex\.yaml would not apply/, ROLE_IN_FILE],
  ['a path for no role', { roleArn: ROLE, rolePath: '/a/' }, /`role_path` is for those/],
  ['a boundary of no role', { roleArn: ROLE, permissionsBoundaryArn: BOUNDARY }, /bounds those/],
  ['the name of a role', { roleArn: 'tests' }, /not the ARN of a role/],
  [
    'a role of another account',
    { roleArn: 'arn:aws:iam::210987654321:role/tests' },
    /not in the function's account/,
  ],
  [
    'a role of another partition',
    { roleArn: ROLE.replace('aws', 'aws-cn') },
    /not in the function's account/,
  ],
  ['a boundary that is a role', { permissionsBoundaryArn: ROLE }, /not the ARN of a policy/],
  ['a long prefix', { namePrefix: 'a'.repeat(44) }, /more than 55 characters/],
  ['a prefix of ids', { namePrefix: 'sg-' }, /begins with sg-/],
  ['a path without slashes', { rolePath: 'service' }, /must begin and end with a slash/],
  ['a name of a group', { securityGroupIds: ['tests'] }, /not the id of a security group/],
  ['six groups', { securityGroupIds: ['1', '2', '3', '4', '5', '6'].map((n) => `sg-${n}`) }, /more than 5/],
  [
    'ingress from them',
    { securityGroupIds: ['sg-1'], allowIngressOnTargets: true },
    /write the ingress rules/,
  ],
  ['a name for them', { securityGroupIds: ['sg-1'], securityGroupName: 'tests' }, /give one of the two/],
  [
    'the ARN of a log group',
    { logGroupName: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:a` },
    /not its ARN/,
  ],
  ['a key for its log', { logGroupName: 'a', logKmsKeyArn: KEY }, /give one of the two/],
  ['a layer without a version', { layers: [LAYER] }, /not the ARN of a layer with a version/],
  ['six layers', { layers: [1, 2, 3, 4, 5, 6].map((n) => `${LAYER}${n}:1`) }, /at most 5 layers/],
  ['a layer twice', { layers: [`${LAYER}:1`, `${LAYER}:2`] }, /the same layer twice/],
  [
    'a layer of another region',
    { layers: [`${LAYER}:1`.replace(REGION, 'eu-west-1')] },
    /not in the function's region/,
  ],
  ['an alias', { kmsKeyArn: KEY.replace(/key.*/, 'alias/a') }, /not the ARN of a key/],
  [
    'a key of another region',
    { kmsKeyArn: KEY.replace(REGION, 'eu-west-1') },
    /not in the function's region/,
  ],
];

for (const [what, props, problem, entries] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.throws(() => stackOf(entries, props), problem);
  });
}

test('a runner of an app of its own refuses what does not go together, too', () => {
  const { stack } = surroundings();
  const role = Role.fromRoleArn(stack, 'Existing', ROLE);
  const statements = [new PolicyStatement({ actions: ['s3:*'], resources: ['*'] })];
  assert.throws(() => runnerOf({ role, statements }), /would not apply/);
  assert.throws(() => runnerOf({ role, rolePath: '/service/' }), /the execution role exists/);
  const permissionsBoundary = ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', BOUNDARY);
  assert.throws(() => runnerOf({ role, permissionsBoundary }), /the execution role exists/);
});

/** A stack with a VPC, and without a runner. */
function surroundings(): { stack: Stack; vpc: IVpc } {
  const stack = new Stack(new App(), 'Surroundings');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-00000001',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-00000001'],
  });
  return { stack, vpc };
}
