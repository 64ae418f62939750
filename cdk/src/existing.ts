/** What exists already and is used in place of what the kit would make, and how the rest is named: what AWS would refuse. */

import { type Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { ciRoleName } from './names';

/** Identifiers, as far as they are given. Those that are known at deployment alone are not looked at. */
export interface Existing {
  readonly functionName: string;
  readonly namePrefix?: string;
  readonly roleArn?: string;
  readonly rolePath?: string;
  readonly permissionsBoundaryArn?: string;
  readonly securityGroupIds?: readonly string[];
  readonly logGroupName?: string;
  readonly layerArns?: readonly string[];
  readonly kmsKeyArn?: string;
}

const ROLE_ARN = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/([!-~]+\/)?[A-Za-z0-9_+=,.@-]{1,64}$/;
const POLICY_ARN = /^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy\/[!-~]+$/;
const LAYER_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]{1,140}:[0-9]+$/;
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/;
const LOG_GROUP_NAME = /^[A-Za-z0-9_./#-]{1,512}$/;
const PATH = /^\/([A-Za-z0-9_+=,.@-]+\/)*$/;
const MAX_ROLE_NAME = 64;
const MAX_LAYERS = 5;

/** The first mistake; `undefined` where there is none. */
export function existingProblem(stack: Stack, existing: Existing): string | undefined {
  return nameProblem(existing) ?? roleProblem(stack, existing) ?? functionProblem(stack, existing);
}

/** What is given for roles that are made here, where none is. */
export function uselessProblem(
  { roleArn, rolePath = '/', permissionsBoundaryArn }: Existing,
  hasFurtherRoles: boolean,
): string | undefined {
  if (roleArn === undefined || hasFurtherRoles) return undefined;
  const what = '`role_arn` leaves no role that is made here';
  if (rolePath !== '/') return `${what}, and \`role_path\` is for those: take it out`;
  if (permissionsBoundaryArn === undefined) return undefined;
  const remedy = 'take it out, and bound the existing role where that is managed';
  return `${what}, and \`permissions_boundary_arn\` bounds those: ${remedy}`;
}

function nameProblem({
  functionName,
  namePrefix: prefix = '',
  rolePath = '/',
}: Existing): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(prefix) || prefix.startsWith('sg-')) {
    return `the prefix of names \`${prefix}\` has something else than letters, digits, - and _, or begins with sg-, which EC2 keeps for ids`;
  }
  if (ciRoleName(functionName, prefix).length > MAX_ROLE_NAME) {
    const why = `IAM takes ${MAX_ROLE_NAME} characters for the names of roles, which are made of both (PREFIXNAME-lamex-ci)`;
    return `the prefix of names \`${prefix}\` and \`${functionName}\` have more than 55 characters together: ${why}`;
  }
  if (!PATH.test(rolePath) || rolePath.length > 512) {
    return `the path of roles \`${rolePath}\` must begin and end with a slash, such as /service/, and have at most 512 characters`;
  }
  return undefined;
}

function roleProblem(
  stack: Stack,
  { roleArn, permissionsBoundaryArn: boundary }: Existing,
): string | undefined {
  if (isKnown(roleArn) && !ROLE_ARN.test(roleArn)) {
    return `\`${roleArn}\` is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)`;
  }
  if (isKnown(boundary) && !POLICY_ARN.test(boundary)) {
    return `\`${boundary}\` is not the ARN of a policy (arn:aws:iam::ACCOUNT:policy/NAME), which a permissions boundary is`;
  }
  if (isKnown(roleArn) && !isOf(stack, roleArn, { account: true })) {
    return `the role ${roleArn} is not in the function's account: Lambda takes no role of another one`;
  }
  const isOfAws = boundary?.split(':')[4] === 'aws';
  if (isKnown(boundary) && !isOf(stack, boundary, { account: !isOfAws })) {
    return `the permissions boundary ${boundary} is not of the function's account or of AWS`;
  }
  return undefined;
}

function functionProblem(stack: Stack, existing: Existing): string | undefined {
  const { securityGroupIds = [], logGroupName, layerArns = [], kmsKeyArn } = existing;
  const group = securityGroupIds.filter(isKnown).find((id) => !/^sg-[0-9a-z]+$/.test(id));
  if (group !== undefined)
    return `\`${group}\` is not the id of a security group: ids are sg-…, and not names`;
  if (isKnown(logGroupName) && !LOG_GROUP_NAME.test(logGroupName)) {
    return `\`${logGroupName}\` is not the name of a log group: 1 to 512 letters, digits and _-./#, and not its ARN`;
  }
  if (isKnown(kmsKeyArn) && !KEY_ARN.test(kmsKeyArn)) {
    return `\`${kmsKeyArn}\` is not the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID): IAM does not look behind aliases`;
  }
  if (isKnown(kmsKeyArn) && !isOf(stack, kmsKeyArn, { region: true })) {
    return `the key ${kmsKeyArn} is not in the function's region`;
  }
  return layerProblem(stack, layerArns);
}

function layerProblem(stack: Stack, all: readonly string[]): string | undefined {
  if (all.length > MAX_LAYERS) return `a function has at most ${MAX_LAYERS} layers: Lambda takes no more`;
  const known = all.filter(isKnown);
  const odd = known.find((arn) => !LAYER_ARN.test(arn));
  if (odd !== undefined) {
    return `\`${odd}\` is not the ARN of a layer with a version (arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION)`;
  }
  const far = known.find((arn) => !isOf(stack, arn, { region: true }));
  if (far !== undefined) return `the layer ${far} is not in the function's region`;
  const layers = known.map((arn) => arn.replace(/:[0-9]+$/, ''));
  const twice = layers.find((layer, index) => layers.indexOf(layer) < index);
  if (twice !== undefined) {
    return `the same layer twice, which Lambda refuses, in two versions too: ${twice}`;
  }
  return undefined;
}

/** Whether an ARN is of the stack's partition, and of its account or region where asked, as far as the stack knows them. */
function isOf(stack: Stack, arn: string, asked: { account?: boolean; region?: boolean }): boolean {
  const [, partition, , region, account] = arn.split(':');
  const here = Token.isUnresolved(stack.region) ? undefined : stack.region;
  const itsPartition = here === undefined ? undefined : RegionInfo.get(here).partition;
  return (
    (itsPartition === undefined || partition === itsPartition) &&
    (!asked.region || here === undefined || region === here) &&
    (!asked.account || Token.isUnresolved(stack.account) || account === stack.account)
  );
}

function isKnown(text: string | undefined): text is string {
  return text !== undefined && !Token.isUnresolved(text);
}
