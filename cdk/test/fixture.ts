/** Stacks to look at. */

import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  LamexAccountStack,
  type LamexAccountStackProps,
  LamexRunner,
  type LamexRunnerProps,
  LamexStack,
  type LamexStackProps,
  LamexYaml,
} from '../src';

/** From `dist/test`, where the compiled form of this file is. */
export const REPOSITORY = join(__dirname, '../../..');

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-2';

/** An environment with little in it. */
export const STAGING = `account: "${ACCOUNT}", region: ${REGION}, function: system-tests, vpc: { id: vpc-00000001, subnet_ids: [subnet-00000001, subnet-00000002] }`;

/** The stack of an environment, whose entries are given in YAML. */
export function stackOf(entries = STAGING, props: Omit<LamexStackProps, 'environment'> = {}): LamexStack {
  const file = LamexYaml.parse(`environments: { staging: { ${entries} } }`);
  return new LamexStack(new App(), { ...props, environment: file.deployedEnvironment('staging') });
}

/** The stack of what the account of an environment has once. */
export function accountStackOf(
  entries: string,
  props: Omit<LamexAccountStackProps, 'environment'>,
): LamexAccountStack {
  const file = LamexYaml.parse(`environments: { staging: { ${entries} } }`);
  return new LamexAccountStack(new App(), { ...props, environment: file.deployedEnvironment('staging') });
}

export function templateOf(entries?: string, props?: Omit<LamexStackProps, 'environment'>): Template {
  return Template.fromStack(stackOf(entries, props));
}

/** A runner in a stack that knows no account and no region. */
export function runnerOf(props: Partial<LamexRunnerProps> = {}): LamexRunner {
  const stack = new Stack(new App(), 'Stack');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-00000001', availabilityZones: ['unknown'] });
  const subnets = [Subnet.fromSubnetId(stack, 'Subnet', 'subnet-00000001')];
  return new LamexRunner(stack, 'Runner', {
    functionName: 'system-tests',
    vpc,
    vpcSubnets: { subnets },
    ...props,
  });
}
