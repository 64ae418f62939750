/** Environments: from what the file says, with the defaults merged in, to resolved values. */

import { canonicalIpv4Range, canonicalIpv6Range } from './cidr';
import { seconds } from './duration';
import {
  type DeployedEnvironment,
  type Destination,
  LOCAL,
  type LocalEnvironment,
  type ReachSettings,
  type RoleSettings,
  type Settings,
  type StatementSettings,
  type VpcSettings,
} from './environment';
import { ConfigError } from './error';
import type { Node } from './node';
import { schedule, timeZone } from './schedule';
import { expected, Fields, flag, list, oneOf, type Reader, table, text, wholeNumber } from './values';
import { checkVariables } from './variables';

const KEYS_OF_ALL = ['env', 'memory_mb', 'timeout', 'allow_destructive'];
const KEYS = [
  ...KEYS_OF_ALL,
  ...['account', 'region', 'profile', 'function', 'qualifier', 'vpc', 'reach', 'ephemeral_storage_mb'],
  ...[
    'architecture',
    'protected',
    'invoke',
    'endpoint_url',
    'role',
    'artifacts',
    'log_retention_days',
    'schedule',
    'schedule_timezone',
    'tags',
  ],
];

/** Lambda's limit on the subnets of a function. */
const MAX_SUBNETS = 16;
/** Lambda's limit on its security groups is five; one is the function's own. */
const MAX_EXTRA_SECURITY_GROUPS = 4;
/** What CloudWatch's `PutRetentionPolicy` accepts. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const word = text('text', /^\P{Cc}+$/u);
const host = text(
  'a host name or an IP address',
  /^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/,
);
const securityGroupId = text('the id of a security group', /^sg-[0-9a-f]{8,17}$/);

/** How long something may run: whole seconds up to Lambda's limit. */
export const timeout: Reader<number> = (node) => {
  const written = node.kind === 'plain' || node.kind === 'text' ? node.text : '';
  const duration = seconds(written);
  if (duration === undefined) {
    const unit = /^[0-9]+$/.test(written) ? ': it has no unit' : '';
    throw new ConfigError(`${expected('a duration such as `90s` or `5m`', node).problem}${unit}`, node.line);
  }
  if (duration >= 1 && duration <= 900) return duration;
  throw new ConfigError(`the timeout ${written} is out of range: 1s to 15m`, node.line);
};

const retentionDays: Reader<number> = (node) => {
  const days = wholeNumber('the days that the log is kept', 1, 3653)(node);
  if (RETENTION_DAYS.includes(days)) return days;
  throw new ConfigError(`CloudWatch Logs cannot keep a log for exactly ${days} days`, node.line);
};

/** A range in EC2's spelling: EC2 clears the bits beyond the prefix, which would be another range than the file's. */
function cidr(what: string, canonical: (range: string) => string | undefined): Reader<string> {
  return (node) => {
    const range = text(what)(node);
    const written = canonical(range);
    if (written === range.toLowerCase()) return range;
    const help = written === undefined ? '' : `: EC2 writes this range ${written}`;
    throw new ConfigError(`${expected(what, node).problem}${help}`, node.line);
  };
}

function settings(name: string, fields: Fields): Settings {
  const allowDestructive = fields.or('allow_destructive', flag, false);
  const env = fields.or('env', table(text()), {});
  const problem = checkVariables(env, allowDestructive);
  if (problem) throw new ConfigError(problem, fields.node('env')?.line);
  return {
    name,
    env,
    memoryMb: fields.or('memory_mb', wholeNumber('the memory in MB', 128, 10_240), 1769),
    timeoutS: fields.or('timeout', timeout, 900),
    allowDestructive,
  };
}

/** The embedded Lambda. Of the defaults, only the keys that it has count. */
export function local(node: Node): LocalEnvironment {
  return { ...settings(LOCAL, new Fields(node, 'the environment `local`', KEYS_OF_ALL)), name: LOCAL };
}

/** What of the defaults counts for `local`. */
export function defaultsOfLocal(defaults: Node): Node {
  if (defaults.kind !== 'map') return defaults;
  const kept = [...defaults.entries].filter(([key]) => KEYS_OF_ALL.includes(key));
  return { ...defaults, entries: new Map(kept) };
}

/** The keys of `defaults:` and their values, checked one by one: nothing is missing there. */
export function checkDefaults(node: Node): void {
  optionalValues('defaults', new Fields(node, '`defaults`', KEYS));
}

export function deployed(name: string, node: Node): DeployedEnvironment {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(name)) {
    const rule =
      'use at most 40 letters, digits and hyphens, starting with a letter: AWS resources are named after it';
    throw new ConfigError(`\`${name}\` is not a valid environment name: ${rule}`, node.line);
  }
  const fields = new Fields(node, `the environment \`${name}\``, KEYS);
  const { account, region, function: functionName, ...rest } = optionalValues(name, fields);
  const need = (key: string) => new ConfigError(`the environment \`${name}\` needs \`${key}\``, node.line);
  if (account === undefined) throw need('account');
  if (region === undefined) throw need('region');
  if (functionName === undefined) throw need('function');
  return {
    ...rest,
    account,
    region,
    function: functionName,
    vpc: fields.optional('vpc', vpc) ?? null,
    ...(fields.optional('artifacts', artifacts) ?? { artifactsBucket: null, artifactsKmsKeyArn: null }),
  };
}

/** Everything but the blocks whose own keys may be spread over defaults and environment. */
function optionalValues(name: string, fields: Fields) {
  const account = text('an AWS account id of 12 digits', /^[0-9]{12}$/);
  const region = text('an AWS region such as `us-east-2`', /^[a-z]{2,}(-[a-z]+)+-[0-9]+$/);
  const functionName = text('the name of a Lambda function', /^[A-Za-z0-9_-]{1,64}$/);
  const qualifier = text('an alias or a version of the function', /^(\$LATEST|[A-Za-z0-9_-]{1,128})$/);
  const endpointUrl = text('the URL of an endpoint', /^https?:\/\/[^\s/?#]+\/?$/);
  return {
    ...settings(name, fields),
    account: fields.optional('account', account),
    region: fields.optional('region', region),
    profile: fields.optional('profile', word) ?? null,
    function: fields.optional('function', functionName),
    qualifier: fields.or('qualifier', qualifier, 'live'),
    invoke: fields.or('invoke', oneOf('how the output comes back', 'stream', 'buffered', 'auto'), 'auto'),
    endpointUrl: fields.optional('endpoint_url', endpointUrl) ?? null,
    protected: fields.or('protected', flag, false),
    reach: fields.or('reach', reach, []),
    ephemeralStorageMb: fields.or(
      'ephemeral_storage_mb',
      wholeNumber('the size of /tmp in MB', 512, 10_240),
      512,
    ),
    architecture: fields.or('architecture', oneOf('a processor', 'x86_64', 'arm64'), 'x86_64'),
    role: fields.or('role', role, { policyArns: [], statements: [] }),
    logRetentionDays: fields.or('log_retention_days', retentionDays, 30),
    schedule: fields.optional('schedule', schedule) ?? null,
    scheduleTimezone: fields.or('schedule_timezone', timeZone, 'UTC'),
    tags: fields.or('tags', table(text()), {}),
  };
}

function vpc(node: Node): VpcSettings {
  const fields = new Fields(node, '`vpc`', ['id', 'subnet_ids', 'extra_security_group_ids']);
  const subnetIds = fields.required(
    'subnet_ids',
    list(text('the id of a subnet', /^subnet-[0-9a-f]{8,17}$/)),
  );
  if (subnetIds.length < 1 || subnetIds.length > MAX_SUBNETS) {
    throw new ConfigError(
      `a function has 1 to ${MAX_SUBNETS} subnets, not ${subnetIds.length}`,
      fields.node('subnet_ids')?.line,
    );
  }
  const extraSecurityGroupIds = fields.or('extra_security_group_ids', list(securityGroupId), []);
  if (extraSecurityGroupIds.length > MAX_EXTRA_SECURITY_GROUPS) {
    const problem = `a function has its own security group and at most ${MAX_EXTRA_SECURITY_GROUPS} more`;
    throw new ConfigError(problem, fields.node('extra_security_group_ids')?.line);
  }
  const id = fields.required('id', text('the id of a VPC', /^vpc-[0-9a-f]{8,17}$/));
  return { id, subnetIds, extraSecurityGroupIds };
}

const reach: Reader<ReachSettings[]> = (node) => {
  const entries = list(reachEntry)(node);
  const twice = entries.find((entry, index) => entries.findIndex(({ name }) => name === entry.name) < index);
  if (twice) throw new ConfigError(`two \`reach\` entries are named \`${twice.name}\``, node.line);
  return entries;
};

function reachEntry(node: Node): ReachSettings {
  const destinations = ['security_group_id', 'cidr', 'ipv6_cidr', 'prefix_list_id'];
  const fields = new Fields(node, 'a `reach` entry', [
    ...['name', 'host', 'port', 'protocol', 'check', 'tls'],
    ...destinations,
  ]);
  const name = fields.required('name', text());
  const given = destinations.filter((key) => fields.node(key));
  if (given.length !== 1) {
    const keys = destinations.map((key) => `\`${key}\``).join(', ');
    throw new ConfigError(`\`${name}\` needs exactly one of ${keys}, and has ${given.length}`, node.line);
  }
  return {
    name,
    host: fields.required('host', host),
    port: fields.required('port', wholeNumber('a port', 1, 65_535)),
    ...probe(name, fields),
    ...destination(fields),
  };
}

/** What goes over the network: lamex-ctl refuses the same. */
function probe(name: string, fields: Fields): Pick<ReachSettings, 'protocol' | 'check' | 'tls'> {
  const protocol = fields.or('protocol', oneOf('a protocol', 'tcp', 'udp'), 'tcp');
  const check = fields.optional('check', oneOf('a probe', 'tcp', 'tls', 'http', 'grpc'));
  const tls = fields.or('tls', flag, false);
  if (protocol === 'udp') {
    const key = check !== undefined ? 'check' : tls ? 'tls' : undefined;
    if (key === undefined) return { protocol, check: null, tls };
    const problem = `\`${name}\` is reached over UDP, which has no \`${key}\``;
    throw new ConfigError(problem, fields.node(key)?.line);
  }
  if (tls && check !== 'grpc') {
    const problem = `\`tls: true\` is for \`check: grpc\`, which \`${name}\` does not have`;
    throw new ConfigError(problem, fields.node('tls')?.line);
  }
  return { protocol, check: check ?? 'tcp', tls };
}

function destination(fields: Fields): Destination {
  const group = fields.optional('security_group_id', securityGroupId);
  if (group !== undefined) return { securityGroupId: group };
  const ipv4 = fields.optional('cidr', cidr('an IPv4 range such as `10.0.0.0/16`', canonicalIpv4Range));
  if (ipv4 !== undefined) return { cidr: ipv4 };
  const ipv6 = fields.optional('ipv6_cidr', cidr('an IPv6 range such as `fd00::/8`', canonicalIpv6Range));
  if (ipv6 !== undefined) return { ipv6Cidr: ipv6 };
  const prefixList = text('the id of a prefix list', /^pl-[0-9a-f]{8,17}$/);
  return { prefixListId: fields.required('prefix_list_id', prefixList) };
}

function role(node: Node): RoleSettings {
  const fields = new Fields(node, '`role`', ['policy_arns', 'statements']);
  const arn = text('the ARN of an IAM policy', /^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy\/.+$/);
  return {
    policyArns: fields.or('policy_arns', list(arn), []),
    statements: fields.or('statements', list(statement), []),
  };
}

function statement(node: Node): StatementSettings {
  const fields = new Fields(node, 'a statement', ['effect', 'actions', 'resources', 'conditions']);
  const action = text('an IAM action', /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/);
  return {
    effect: fields.or('effect', oneOf('an effect', 'Allow', 'Deny'), 'Allow'),
    actions: fields.required('actions', list(action)),
    resources: fields.required('resources', list(word)),
    conditions: fields.or('conditions', table(table(list(text()))), {}),
  };
}

function artifacts(node: Node): Pick<DeployedEnvironment, 'artifactsBucket' | 'artifactsKmsKeyArn'> {
  const fields = new Fields(node, '`artifacts`', ['bucket', 'kms_key_arn']);
  const name = text('the name of an S3 bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
  // IAM does not look behind aliases.
  const key = text('the ARN of a KMS key', /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/);
  return {
    artifactsBucket: fields.required('bucket', name),
    artifactsKmsKeyArn: fields.optional('kms_key_arn', key) ?? null,
  };
}
