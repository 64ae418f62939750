/** The function's execution role: what a function in a VPC needs, and what its tests were given. */

import { Stack } from 'aws-cdk-lib';
import {
  Effect,
  type IManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledge';
import { functionArn, logGroupArn, roleName } from './names';

export interface ExecutionRoleProps {
  readonly functionName: string;
  readonly namePrefix: string;
  readonly path: string;
  readonly logGroupName: string;
  /** The key of the function's variables; absent where it is Lambda's own. */
  readonly kmsKeyArn?: string;
  readonly managedPolicies: readonly IManagedPolicy[];
  readonly statements: readonly PolicyStatement[];
  readonly permissionsBoundary?: IManagedPolicy;
  /** Whether traces of invocations are written in its name. */
  readonly isTraced: boolean;
}

/** How Lambda manages the network interfaces of a function in a VPC. */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Those of them that change something, and one that the statements of lamex.yaml may have allowed. */
const NETWORK_INTERFACE_CHANGES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DetachNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const TRACE_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** The role has one inline policy, so that the function is created only after it. */
export function executionRole(scope: Construct, id: string, props: ExecutionRoleProps): Role {
  const stack = Stack.of(scope);
  const logStreams = `${logGroupArn(stack, props.logGroupName)}:*`;
  const policy = new PolicyDocument({
    statements: [
      new PolicyStatement({ sid: 'NetworkInterfaces', actions: NETWORK_INTERFACE_ACTIONS, resources: ['*'] }),
      new PolicyStatement({
        sid: 'Log',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logStreams],
      }),
      // The allowance above is for the Lambda service. The key is set only on calls from the function's own code, which
      // may look at interfaces, as tests do.
      new PolicyStatement({
        sid: 'NoNetworkInterfacesFromTheCode',
        effect: Effect.DENY,
        actions: NETWORK_INTERFACE_CHANGES,
        resources: ['*'],
        // Built from names: the function itself needs the role first.
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn(stack, props.functionName) } },
      }),
      // Lambda decrypts the variables in the role's name before it starts the function.
      ...(props.kmsKeyArn !== undefined
        ? [
            new PolicyStatement({
              sid: 'VariablesKey',
              actions: ['kms:Decrypt'],
              resources: [props.kmsKeyArn],
            }),
          ]
        : []),
      // X-Ray takes no resource.
      ...(props.isTraced
        ? [new PolicyStatement({ sid: 'Traces', actions: TRACE_ACTIONS, resources: ['*'] })]
        : []),
      ...props.statements,
    ],
  });
  const role = new Role(scope, id, {
    roleName: roleName(props.functionName, props.namePrefix),
    path: props.path === '/' ? undefined : props.path,
    description: `Execution role of the function ${props.functionName}.`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { lamex: policy },
    managedPolicies: [...props.managedPolicies],
    permissionsBoundary: props.permissionsBoundary,
  });
  const why =
    'Lambda needs these for interfaces that are not there yet, which the code is denied, and for X-Ray, where traced.';
  acknowledgeWildcard(role, '*', why);
  acknowledgeWildcard(role, logStreams, 'The streams of one log group, which Lambda names.');
  return role;
}
