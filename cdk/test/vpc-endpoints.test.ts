/** Endpoints that only the runner gets into. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type GatewayService, LamexVpcEndpoints, type LamexVpcEndpointsProps } from '../src';
import { REGION, runnerOf, stackOf, templateOf } from './fixture';

const PREFIX_LISTS = { s3: 'pl-00000001', dynamodb: 'pl-00000002' };

test('gateway endpoints, with the egress that leads to them', () => {
  const found = templateOf(undefined, {
    endpoints: {
      gatewayServices: ['s3', 'dynamodb'],
      routeTableIds: ['rtb-00000001', 'rtb-00000002'],
      prefixListIds: PREFIX_LISTS,
    },
  });
  found.resourceCountIs('AWS::EC2::VPCEndpoint', 2);
  for (const service of ['s3', 'dynamodb']) {
    found.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      ServiceName: `com.amazonaws.${REGION}.${service}`,
      VpcId: 'vpc-00000001',
      RouteTableIds: ['rtb-00000001', 'rtb-00000002'],
      Tags: Match.arrayWith([{ Key: 'Name', Value: `system-tests-lamex-${service}` }]),
    });
  }
  found.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  const rule = (service: GatewayService) => ({
    DestinationPrefixListId: PREFIX_LISTS[service],
    Description: `VPC endpoint ${service}`,
    FromPort: 443,
    IpProtocol: 'tcp',
    ToPort: 443,
  });
  found.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [rule('s3'), rule('dynamodb')],
  });
});

test('interface endpoints let in the runner, and nothing else', () => {
  const stack = stackOf(undefined, { endpoints: { interfaceServices: ['logs', 'secretsmanager'] } });
  const found = Template.fromStack(stack);
  const group = stack.resolve(stack.endpoints?.securityGroup?.securityGroupId);
  const runner = stack.resolve(stack.runner.securityGroup.securityGroupId);
  for (const service of ['logs', 'secretsmanager']) {
    found.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${REGION}.${service}`,
      SubnetIds: ['subnet-00000001', 'subnet-00000002'],
      SecurityGroupIds: [group],
      PrivateDnsEnabled: true,
    });
  }
  const port = { FromPort: 443, ToPort: 443, IpProtocol: 'tcp' };
  found.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupName: 'system-tests-lamex-endpoints',
    SecurityGroupIngress: Match.absent(),
    SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
  });
  const ingress = Object.values(found.findResources('AWS::EC2::SecurityGroupIngress'));
  assert.deepEqual(
    ingress.map(({ Properties }) => Properties),
    [{ ...port, GroupId: group, SourceSecurityGroupId: runner, Description: 'The function system-tests' }],
  );
  const egress = Object.values(found.findResources('AWS::EC2::SecurityGroupEgress'));
  assert.deepEqual(
    egress.map(({ Properties }) => Properties),
    [{ ...port, GroupId: runner, DestinationSecurityGroupId: group, Description: 'VPC endpoints' }],
  );
  found.hasOutput('EndpointSecurityGroupId', { Value: group });
});

test('others in the VPC can be let in, and endpoints can have subnets of their own', () => {
  const stack = stackOf(undefined, {
    endpoints: {
      interfaceServices: ['sts'],
      subnetIds: ['subnet-00000002', 'subnet-00000003'],
      furtherSecurityGroupIds: ['sg-0000000f'],
    },
  });
  const found = Template.fromStack(stack);
  found.hasResourceProperties('AWS::EC2::VPCEndpoint', { SubnetIds: ['subnet-00000002', 'subnet-00000003'] });
  found.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
  found.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: stack.resolve(stack.endpoints?.securityGroup?.securityGroupId),
    SourceSecurityGroupId: 'sg-0000000f',
    FromPort: 443,
    ToPort: 443,
    Description: 'Let in beside the function',
  });
});

test('host names of services can be left as they are', () => {
  const endpoints = { interfaceServices: ['sts'], privateDns: false };
  templateOf(undefined, { endpoints }).hasResourceProperties('AWS::EC2::VPCEndpoint', {
    PrivateDnsEnabled: false,
  });
});

test('no endpoints unless they are asked for', () => {
  templateOf().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
});

test('route tables come from the subnets where they are known', () => {
  const runner = runnerOf();
  const stack = Stack.of(runner);
  const vpc = Vpc.fromVpcAttributes(stack, 'Same', { vpcId: 'vpc-00000001', availabilityZones: ['unknown'] });
  const subnets = ['1', '2'].map((id) =>
    Subnet.fromSubnetAttributes(stack, id, { subnetId: `subnet-${id}`, routeTableId: 'rtb-shared' }),
  );
  const props = {
    runner,
    vpc,
    vpcSubnets: { subnets },
    gatewayServices: ['s3'],
    prefixListIds: PREFIX_LISTS,
  } as const;
  new LamexVpcEndpoints(stack, 'Endpoints', props);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::VPCEndpoint', { RouteTableIds: ['rtb-shared'] });
});

test('prefix lists are looked up by name', () => {
  const stack = stackOf(undefined, {
    endpoints: { gatewayServices: ['s3'], routeTableIds: ['rtb-00000001'] },
  });
  const { missing } = (stack.node.root as App).synth().manifest;
  assert.match(JSON.stringify(missing), new RegExp(`"com\\.amazonaws\\.${REGION}\\.s3"`));
});

for (const [what, props, problem] of [
  ['another gateway', { gatewayServices: ['sqs' as GatewayService] }, /`sqs` has no gateway endpoint/],
  ['gateways without routes', { gatewayServices: ['s3'] }, /need `routeTableIds`/],
  ['s3 as an interface', { interfaceServices: ['s3'] }, /belongs to the gateway services/],
  ['a whole name', { interfaceServices: ['com.amazonaws/x'] }, /is no service/],
  ['a service twice', { interfaceServices: ['ssm', 'ssm'] }, /asked for twice/],
] as const satisfies readonly (readonly [string, Partial<LamexVpcEndpointsProps>, RegExp])[]) {
  test(`refused: ${what}`, () => {
    assert.throws(() => stackOf(undefined, { endpoints: props }), problem);
  });
}
