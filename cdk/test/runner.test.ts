/** The function, its alias, log group and security group, property by property. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LamexRunner, type LamexRunnerProps, LIVE, type Reach } from '../src';
import { REPOSITORY, runnerOf } from './fixture';

function template(props: Partial<LamexRunnerProps> = {}): Template {
  return Template.fromStack(Stack.of(runnerOf(props)));
}

/** The one resource of a type, and its logical id. */
function only(found: Template, type: string): [string, Record<string, unknown>] {
  const entries = Object.entries(found.findResources(type));
  assert.equal(entries.length, 1, `${type}: ${entries.map(([id]) => id)}`);
  const [id, resource] = entries[0] ?? assert.fail();
  return [id, resource['Properties'] ?? {}];
}

test('the function by default', () => {
  const found = template();
  found.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'system-tests',
    Runtime: 'provided.al2023',
    Handler: 'bootstrap',
    Architectures: ['x86_64'],
    MemorySize: 1769,
    Timeout: 900,
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: 'Text', LogGroup: { Ref: only(found, 'AWS::Logs::LogGroup')[0] } },
    Role: { 'Fn::GetAtt': [only(found, 'AWS::IAM::Role')[0], 'Arn'] },
    VpcConfig: {
      SubnetIds: ['subnet-00000001'],
      SecurityGroupIds: [{ 'Fn::GetAtt': [only(found, 'AWS::EC2::SecurityGroup')[0], 'GroupId'] }],
      Ipv6AllowedForDualStack: false,
    },
    Environment: Match.absent(),
    TracingConfig: Match.absent(),
    ReservedConcurrentExecutions: Match.absent(),
  });
});

test('the function with everything', () => {
  const found = template({
    architecture: Architecture.ARM_64,
    memoryMb: 3008,
    ephemeralStorageMb: 2048,
    timeout: Duration.seconds(90),
    reservedConcurrency: 2,
    tracing: Tracing.ACTIVE,
    dualStack: true,
    environment: { ORDERS_ADDR: 'orders.internal:50051' },
    allowDestructive: true,
  });
  found.hasResourceProperties('AWS::Lambda::Function', {
    Architectures: ['arm64'],
    MemorySize: 3008,
    Timeout: 90,
    EphemeralStorage: { Size: 2048 },
    ReservedConcurrentExecutions: 2,
    TracingConfig: { Mode: 'Active' },
    VpcConfig: { Ipv6AllowedForDualStack: true },
    Environment: { Variables: { ORDERS_ADDR: 'orders.internal:50051', LAMEX_ALLOW_DESTRUCTIVE: 'true' } },
  });
});

test('without allowDestructive there is no such variable', () => {
  const [, properties] = only(template({ environment: { AB: 'c' } }), 'AWS::Lambda::Function');
  assert.deepEqual(properties['Environment'], { Variables: { AB: 'c' } });
});

test('the code is the placeholder that Terraform uses too', () => {
  const zip = readFileSync(join(REPOSITORY, 'provision/placeholder/placeholder.zip'));
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-00000001', availabilityZones: ['unknown'] });
  const subnets = [Subnet.fromSubnetId(stack, 'Subnet', 'subnet-00000001')];
  new LamexRunner(stack, 'Runner', { functionName: 'system-tests', vpc, vpcSubnets: { subnets } });
  const { directory } = app.synth();
  const [, properties] = only(Template.fromStack(stack), 'AWS::Lambda::Function');
  const key = (properties['Code'] as { S3Key: string }).S3Key;
  const asset = readFileSync(join(directory, `asset.${key}`));
  assert.equal(
    createHash('sha256').update(asset).digest('hex'),
    createHash('sha256').update(zip).digest('hex'),
  );
});

test('the alias is on $LATEST, a constant, and no version is published', () => {
  const found = template();
  const [, properties] = only(found, 'AWS::Lambda::Alias');
  assert.equal(properties['Name'], LIVE);
  assert.equal(properties['FunctionVersion'], '$LATEST');
  assert.equal(properties['RoutingConfig'], undefined);
  found.resourceCountIs('AWS::Lambda::Version', 0);
});

test('failed asynchronous events are not tried again, by whatever name the function is invoked', () => {
  const found = template();
  found.resourceCountIs('AWS::Lambda::EventInvokeConfig', 2);
  found.allResourcesProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  found.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { Qualifier: '$LATEST' });
  const alias = only(found, 'AWS::Lambda::Alias')[0];
  found.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    Qualifier: { 'Fn::Select': [7, { 'Fn::Split': [':', { Ref: alias }] }] },
  });
});

test('the log group', () => {
  template().hasResource('AWS::Logs::LogGroup', {
    Properties: { LogGroupName: '/aws/lambda/system-tests', RetentionInDays: 30, KmsKeyId: Match.absent() },
    DeletionPolicy: 'Delete',
  });
  const arn = 'arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001';
  const stack = new Stack(new App(), 'Keys');
  template({
    logRetention: RetentionDays.TWO_WEEKS,
    logEncryptionKey: Key.fromKeyArn(stack, 'Key', arn),
  }).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 14, KmsKeyId: arn });
});

const REACH: Reach[] = [
  { name: 'orders-grpc', port: 50051, securityGroupId: 'sg-00000001' },
  { name: 'orders-http', port: 8080, cidr: '10.0.0.0/16' },
  { name: 'six', port: 443, ipv6Cidr: 'fd00::/8' },
  { name: 's3', port: 443, prefixListId: 'pl-00000001', description: 'objects "of" tests' },
];

test('egress is exactly what reach lists, of every kind, and nothing comes in', () => {
  const found = template({ reach: REACH });
  const [, group] = only(found, 'AWS::EC2::SecurityGroup');
  const rule = (port: number, description: string) => ({
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    Description: description,
  });
  assert.equal(group['GroupName'], 'system-tests-lamex');
  assert.equal(group['VpcId'], 'vpc-00000001');
  assert.deepEqual(group['SecurityGroupEgress'], [
    { ...rule(50051, 'orders-grpc'), DestinationSecurityGroupId: 'sg-00000001' },
    { ...rule(8080, 'orders-http'), CidrIp: '10.0.0.0/16' },
    { ...rule(443, 'six'), CidrIpv6: 'fd00::/8' },
    { ...rule(443, 'objects .of. tests'), DestinationPrefixListId: 'pl-00000001' },
  ]);
  assert.equal(group['SecurityGroupIngress'], undefined);
  found.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  found.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
});

test('without reach there is one rule, which matches no host', () => {
  const [, group] = only(template(), 'AWS::EC2::SecurityGroup');
  assert.deepEqual(group['SecurityGroupEgress'], [
    {
      CidrIp: '255.255.255.255/32',
      Description: 'Disallow all traffic',
      FromPort: 252,
      IpProtocol: 'icmp',
      ToPort: 86,
    },
  ]);
});

test('ingress on the targets, on request', () => {
  const found = template({ reach: REACH, allowIngressOnTargets: true });
  const [, ingress] = only(found, 'AWS::EC2::SecurityGroupIngress');
  const group = only(found, 'AWS::EC2::SecurityGroup')[0];
  assert.deepEqual(ingress, {
    GroupId: 'sg-00000001',
    SourceSecurityGroupId: { 'Fn::GetAtt': [group, 'GroupId'] },
    IpProtocol: 'tcp',
    FromPort: 50051,
    ToPort: 50051,
    Description: 'system-tests: orders-grpc',
  });
});

test('one port over UDP and over TCP', () => {
  const dns = { port: 53, securityGroupId: 'sg-00000001' };
  const reach: Reach[] = [
    { name: 'dns', protocol: 'udp', ...dns },
    { name: 'dns over TCP', ...dns },
  ];
  const found = template({ reach, allowIngressOnTargets: true });
  const [, group] = only(found, 'AWS::EC2::SecurityGroup');
  const rule = { FromPort: 53, ToPort: 53, DestinationSecurityGroupId: 'sg-00000001' };
  assert.deepEqual(group['SecurityGroupEgress'], [
    { ...rule, IpProtocol: 'udp', Description: 'dns' },
    { ...rule, IpProtocol: 'tcp', Description: 'dns over TCP' },
  ]);
  const ingress = Object.values(found.findResources('AWS::EC2::SecurityGroupIngress'));
  assert.deepEqual(ingress.map(({ Properties }) => Properties.IpProtocol).sort(), ['tcp', 'udp']);
});

test('an ingress rule outlives a new name of its entry', () => {
  const logicalId = (name: string) => {
    const reach = [{ name, port: 50051, securityGroupId: 'sg-00000001' }];
    return only(template({ reach, allowIngressOnTargets: true }), 'AWS::EC2::SecurityGroupIngress')[0];
  };
  assert.equal(logicalId('orders'), logicalId('orders-grpc'));
});

test('extra security groups stand beside its own', () => {
  const stack = new Stack(new App(), 'Groups');
  const extra = SecurityGroup.fromSecurityGroupId(stack, 'Extra', 'sg-0000000e');
  template({ extraSecurityGroups: [extra] }).hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SecurityGroupIds: [Match.anyValue(), 'sg-0000000e'] },
  });
});

test('a runner is connectable', () => {
  const runner = runnerOf();
  const stack = Stack.of(runner);
  const vpc = Vpc.fromVpcAttributes(stack, 'Same', { vpcId: 'vpc-00000001', availabilityZones: ['unknown'] });
  const service = new SecurityGroup(stack, 'Service', { vpc });
  runner.connections.allowTo(service, Port.tcp(50051), 'orders');
  const found = Template.fromStack(stack);
  const [, egress] = only(found, 'AWS::EC2::SecurityGroupEgress');
  const [, ingress] = only(found, 'AWS::EC2::SecurityGroupIngress');
  assert.deepEqual(egress['GroupId'], stack.resolve(runner.securityGroup.securityGroupId));
  assert.deepEqual(egress['DestinationSecurityGroupId'], stack.resolve(service.securityGroupId));
  assert.deepEqual(ingress['SourceSecurityGroupId'], stack.resolve(runner.securityGroup.securityGroupId));
  assert.equal(egress['FromPort'], 50051);
});

test('grantInvoke lets the grantee invoke the function by every name', () => {
  const runner = runnerOf();
  const stack = Stack.of(runner);
  const role = new Role(stack, 'Caller', { assumedBy: new AccountPrincipal('123456789012') });
  runner.grantInvoke(role);
  const arn = stack.resolve(runner.function.functionArn);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Action: 'lambda:InvokeFunction',
          Effect: 'Allow',
          Resource: [arn, { 'Fn::Join': ['', [arn, ':*']] }],
        },
      ],
    },
  });
});

test('the execution role has what a function in a VPC needs, and no more', () => {
  const [, role] = only(template(), 'AWS::IAM::Role');
  const interfaces = [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const arn = (service: string, rest: string) => {
    const [region, account] = [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }];
    const parts = ['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, region, ':', account, rest];
    return { 'Fn::Join': ['', parts] };
  };
  assert.equal(role['RoleName'], 'system-tests-lamex');
  assert.equal(role['ManagedPolicyArns'], undefined);
  assert.equal(role['PermissionsBoundary'], undefined);
  assert.deepEqual(role['AssumeRolePolicyDocument'], {
    Version: '2012-10-17',
    Statement: [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ],
  });
  assert.deepEqual(role['Policies'], [
    {
      PolicyName: 'lamex',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Sid: 'NetworkInterfaces', Effect: 'Allow', Action: interfaces, Resource: '*' },
          {
            Sid: 'Log',
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: arn('logs', ':log-group:/aws/lambda/system-tests:*'),
          },
          {
            Sid: 'NoNetworkInterfacesFromTheCode',
            Effect: 'Deny',
            // Looking at them is left to the tests.
            Action: [
              'ec2:CreateNetworkInterface',
              'ec2:DeleteNetworkInterface',
              'ec2:DetachNetworkInterface',
              'ec2:AssignPrivateIpAddresses',
              'ec2:UnassignPrivateIpAddresses',
            ],
            Resource: '*',
            Condition: { ArnEquals: { 'lambda:SourceFunctionArn': arn('lambda', ':function:system-tests') } },
          },
        ],
      },
    },
  ]);
});

test('traces are written in the name of the role, whose one policy says so', () => {
  for (const tracing of [Tracing.ACTIVE, Tracing.PASS_THROUGH]) {
    const found = template({ tracing });
    found.hasResourceProperties('AWS::Lambda::Function', { TracingConfig: { Mode: tracing } });
    found.resourceCountIs('AWS::IAM::Policy', 0);
    const [, role] = only(found, 'AWS::IAM::Role');
    const [{ PolicyDocument } = assert.fail()] = role['Policies'] as {
      PolicyDocument: { Statement: unknown[] };
    }[];
    assert.deepEqual(PolicyDocument.Statement.slice(3), [
      {
        Sid: 'Traces',
        Effect: 'Allow',
        Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        Resource: '*',
      },
    ]);
  }
});

test('what the tests are given on AWS', () => {
  const stack = new Stack(new App(), 'Policies');
  const policy = (name: string) =>
    ManagedPolicy.fromManagedPolicyArn(stack, name, `arn:aws:iam::aws:policy/${name}`);
  const found = template({
    managedPolicies: [policy('AmazonDynamoDBReadOnlyAccess')],
    statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::fixtures/*'] })],
    permissionsBoundary: policy('PowerUserAccess'),
  });
  found.hasResourceProperties('AWS::IAM::Role', {
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'],
    PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            { Action: 's3:GetObject', Effect: 'Allow', Resource: 'arn:aws:s3:::fixtures/*' },
          ]),
        },
      },
    ],
  });
});

const subnets = (count: number) => {
  const stack = new Stack(new App(), 'Subnets');
  return Array.from({ length: count }, (_, index) =>
    Subnet.fromSubnetId(stack, `${index}`, `subnet-${index}`),
  );
};
const groups = (count: number) => {
  const stack = new Stack(new App(), 'Groups');
  return Array.from({ length: count }, (_, index) =>
    SecurityGroup.fromSecurityGroupId(stack, `${index}`, `sg-${index}`),
  );
};
const entry = { name: 'a', port: 1, cidr: '10.0.0.0/8' };

for (const [what, props, problem] of [
  ['a name that is too long', { functionName: 'f'.repeat(51) }, /has 51 characters, at most 50/],
  ['a name with other characters', { functionName: 'a.b' }, /is not a valid function name/],
  ['no subnet', { vpcSubnets: { subnets: [] } }, /1 to 16 subnets, not 0/],
  ['17 subnets', { vpcSubnets: { subnets: subnets(17) } }, /1 to 16 subnets, not 17/],
  ['five more security groups', { extraSecurityGroups: groups(5) }, /at most 4 more/],
  ['too little memory', { memoryMb: 127 }, /127 is out of range for the memory in MB/],
  ['too large a /tmp', { ephemeralStorageMb: 10_241 }, /out of range for the size of \/tmp/],
  ['16 minutes', { timeout: Duration.minutes(16) }, /960 is out of range/],
  ['a reserved variable', { environment: { LAMBDA_TASK_ROOT: 'a' } }, /Lambda sets it/],
  ['the guard as a variable', { environment: { LAMEX_ALLOW_DESTRUCTIVE: 'true' } }, /is reserved/],
  ['variables of 5 KB', { environment: { AB: 'x'.repeat(5000) } }, /Lambda allows 4096/],
  ['two names alike', { reach: [entry, { ...entry, port: 2 }] }, /two `reach` entries are named `a`/],
  [
    'two rules alike',
    { reach: [entry, { ...entry, name: 'b' }] },
    /`b` has the same destination, port and protocol/,
  ],
  ['a port too high', { reach: [{ ...entry, port: 65_536 }] }, /the port of `a`/],
  ['no destination', { reach: [{ name: 'a', port: 1 } as Reach] }, /exactly one destination, and has 0/],
  ['two destinations', { reach: [{ ...entry, securityGroupId: 'sg-1' } as Reach] }, /and has 2/],
] as const satisfies readonly (readonly [string, Partial<LamexRunnerProps>, RegExp])[]) {
  test(`refused: ${what}`, () => {
    assert.throws(() => runnerOf(props), problem);
  });
}

test('the longest name is possible', () => {
  const name = 'f'.repeat(50);
  template({ functionName: name }).hasResourceProperties('AWS::IAM::Role', { RoleName: `${name}-lamex` });
});
