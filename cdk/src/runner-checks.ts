/** What is wrong with what a runner is told. */

import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkVariables } from './config/variables';
import { reachProblem } from './egress';
import { type Existing, existingProblem } from './existing';
import type { LamexRunnerProps } from './lamex-runner-props';
import { checkFunctionName } from './names';

/** Lambda's limits. */
const MAX_SUBNETS = 16;
const MAX_EXTRA_SECURITY_GROUPS = 4;
const MAX_SECURITY_GROUPS = 5;

/** What AWS would refuse late, or in words that do not say what to do. */
export function checkRunner(scope: Construct, props: LamexRunnerProps): void {
  checkFunctionName(props.functionName);
  const problem = checkVariables(props.environment ?? {}, props.allowDestructive ?? false);
  if (problem) throw new Error(problem);
  inRange('the memory in MB', props.memoryMb, 128, 10_240);
  inRange('the size of /tmp in MB', props.ephemeralStorageMb, 512, 10_240);
  inRange('the timeout in seconds', props.timeout?.toSeconds(), 1, 900);
  const { subnetIds } = props.vpc.selectSubnets(props.vpcSubnets);
  if (!Token.isUnresolved(subnetIds) && (subnetIds.length < 1 || subnetIds.length > MAX_SUBNETS)) {
    throw new Error(`a function has 1 to ${MAX_SUBNETS} subnets, not ${subnetIds.length}`);
  }
  if ((props.extraSecurityGroups?.length ?? 0) > MAX_EXTRA_SECURITY_GROUPS) {
    throw new Error(
      `a function has its own security group and at most ${MAX_EXTRA_SECURITY_GROUPS} more: this is Lambda's limit`,
    );
  }
  const wrong = conflictOf(props) ?? existingProblem(Stack.of(scope), identifiers(props));
  if (wrong) throw new Error(wrong);
  const groupName = props.securityGroupName;
  if (groupName !== undefined && !Token.isUnresolved(groupName) && !isGroupName(groupName)) {
    const rule = '1 to 245 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and not sg- at its beginning';
    throw new Error(`\`${groupName}\` is not a valid security group name: ${rule}`);
  }
  const unreachable = reachProblem(props.reach ?? []);
  if (unreachable) throw new Error(unreachable);
}

/** What exists already, together with what it replaces. */
function conflictOf(props: LamexRunnerProps): string | undefined {
  const { role, securityGroups = [], logGroup } = props;
  if (role && (props.managedPolicies ?? []).length + (props.statements ?? []).length > 0) {
    return '`role` of lamex.yaml would not apply: nothing is added to an existing role. Take `role` out, and give its rights to the existing role where that is managed';
  }
  if (role && (props.permissionsBoundary || (props.rolePath ?? '/') !== '/')) {
    return 'path and permissions boundary are for a role that is made here, and the execution role exists';
  }
  if (logGroup && props.logEncryptionKey) {
    return '`log_kms_key_arn` encrypts the log group that is made here, which `log_group_name` replaces: give one of the two';
  }
  if (securityGroups.length === 0) return undefined;
  if (securityGroups.length + (props.extraSecurityGroups ?? []).length > MAX_SECURITY_GROUPS) {
    return `existing and extra security groups are more than ${MAX_SECURITY_GROUPS} together: Lambda takes no more`;
  }
  if (props.securityGroupName !== undefined) {
    return "`security_group_name` is for the function's own group, which `security_group_ids` replaces: give one of the two";
  }
  if (props.allowIngressOnTargets) {
    const why = 'such a rule would let in everything else in these groups';
    return `\`allow_ingress_on_targets\` lets in the function's own group, which \`security_group_ids\` replaces, and ${why}: write the ingress rules where the groups are managed`;
  }
  return undefined;
}

function identifiers(props: LamexRunnerProps): Existing {
  return {
    functionName: props.functionName,
    namePrefix: props.namePrefix,
    roleArn: props.role?.roleArn,
    rolePath: props.rolePath,
    permissionsBoundaryArn: props.permissionsBoundary?.managedPolicyArn,
    securityGroupIds: props.securityGroups?.map((group) => group.securityGroupId),
    logGroupName: props.logGroup?.logGroupName,
    layerArns: props.layers?.map((layer) => layer.layerVersionArn),
    kmsKeyArn: props.environmentEncryption?.keyArn,
  };
}

/** With room for `-endpoints`, within the 255 that EC2 takes. */
function isGroupName(name: string): boolean {
  return /^[A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]{1,245}$/.test(name) && !name.startsWith('sg-');
}

function inRange(what: string, value: number | undefined, minimum: number, maximum: number): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new Error(`${value} is out of range for ${what}: ${minimum} to ${maximum}`);
  }
}
