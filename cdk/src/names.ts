/** Names of resources, all made from the function's, and the same that the Terraform modules give. */

import { ArnFormat, type Stack, Token } from 'aws-cdk-lib';

/** IAM takes role names of 64 characters, and `-lamex-ci` is added to the function's. */
const MAX_FUNCTION_NAME = 50;

/** `-lamex-schedule` is longer, in names of roles and of schedules. */
const MAX_SCHEDULED_NAME = 49;

/** Refuses names of which those of a schedule cannot be made. */
export function checkScheduledName(functionName: string, prefix: string): void {
  const length = prefix.length + functionName.length;
  if (length <= MAX_SCHEDULED_NAME) return;
  const why = 'IAM and EventBridge Scheduler take 64 for PREFIXNAME-lamex-schedule';
  throw new Error(
    prefix === ''
      ? `the name of the function \`${functionName}\` has ${length} characters, at most ${MAX_SCHEDULED_NAME} are possible with a schedule: ${why}`
      : `the prefix of names \`${prefix}\` and \`${functionName}\` have more than ${MAX_SCHEDULED_NAME} characters together, where there is a schedule: ${why}`,
  );
}

/** Refuses a name that Lambda does not take, or of which the other names cannot be made. */
export function checkFunctionName(name: string): void {
  if (Token.isUnresolved(name)) {
    throw new Error('the name of the function must be a text that is known when the app is synthesized');
  }
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    throw new Error(`\`${name}\` is not a valid function name: use letters, digits, - and _`);
  }
  if (name.length > MAX_FUNCTION_NAME) {
    const why = 'role names are made of it, and IAM takes 64 characters';
    throw new Error(
      `the name of the function \`${name}\` has ${name.length} characters, at most ${MAX_FUNCTION_NAME} are possible: ${why}`,
    );
  }
}

export const roleName = (functionName: string, prefix = ''): string => `${prefix}${functionName}-lamex`;
export const ciRoleName = (functionName: string, prefix = ''): string => `${prefix}${functionName}-lamex-ci`;
export const scheduleName = (functionName: string, prefix = ''): string =>
  `${prefix}${functionName}-lamex-schedule`;
export const alarmName = (functionName: string, what: string, prefix = ''): string =>
  `${prefix}${functionName}-lamex-${what}`;
export const securityGroupName = (functionName: string, prefix = ''): string =>
  `${prefix}${functionName}-lamex`;
export const endpointSecurityGroupName = (runnerGroupName: string): string => `${runnerGroupName}-endpoints`;
export const logGroupName = (functionName: string): string => `/aws/lambda/${functionName}`;

export function functionArn(stack: Stack, functionName: string): string {
  return stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** The group that a schedule is in, which EventBridge Scheduler names where it takes a role. */
export function scheduleGroupArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: name });
}

export function logGroupArn(stack: Stack, name: string): string {
  return stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** By name, so that policies are the same whatever a template can refer to. */
export function roleArn(stack: Stack, name: string, path = '/'): string {
  return stack.formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: `${path.slice(1)}${name}`,
  });
}

/** What an account calls its OIDC provider for an issuer, of which it has one. */
export function oidcProviderArn(stack: Stack, issuer: string): string {
  return stack.formatArn({
    service: 'iam',
    region: '',
    resource: 'oidc-provider',
    resourceName: issuerHost(issuer),
  });
}

/** What the keys of conditions on its tokens begin with. */
export const issuerHost = (issuer: string): string => issuer.replace('https://', '');

/** The audience that AWS and its tools have for the partition of a region. */
export function defaultAudience(region: string): string {
  const isInChina = !Token.isUnresolved(region) && region.startsWith('cn-');
  return isInChina ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com';
}

/** Where lamex-ctl puts packages that are too large for a direct upload. */
export function packagesArn(stack: Stack, bucket: string, functionName: string): string {
  return `arn:${stack.partition}:s3:::${bucket}/lamex/${functionName}/*`;
}

/** The name of the stack of what an account has once, after an environment that says which account and region. */
export const accountStackName = (environment: string): string => `lamex-account-${environment}`;

/**
 * The name of the stack of an environment. Names of functions are unique in an account and region, so that two
 * projects with an environment of the same name do not take each other's function away.
 */
export function stackName(environment: string, functionName: string): string {
  return `lamex-${environment}-${functionName.replaceAll('_', '-')}`;
}
