/** The table of cases that lamex-ctl, the Terraform module and the CDK app share. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ConfigError, LamexYaml } from '../src';
import { REPOSITORY } from './fixture';

interface Cases {
  readonly durations: readonly { text: string; seconds?: number; refused?: string }[];
  readonly schedules: readonly { text: string; refused?: string }[];
  readonly values: readonly { settings: string; accepted: readonly string[]; refused: readonly string[] }[];
  readonly resolved: readonly {
    name: string;
    lamex_yaml: string;
    environment: string;
    resolved: Record<string, unknown>;
  }[];
  readonly refused: readonly { lamex_yaml: string; problem: string }[];
}

const CASES: Cases = parse(readFileSync(join(REPOSITORY, 'crates/config/tests/cases.yaml'), 'utf8'));

/** As the table has it: keys in snake_case, but for those that the file's author chose. */
function asTheTable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTheTable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => {
    const chosen = ['env', 'tags', 'conditions'].includes(key);
    return [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      chosen ? entry : asTheTable(entry),
    ];
  });
  return Object.fromEntries(entries);
}

function refusal(text: string): string {
  try {
    LamexYaml.parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return assert.fail(`accepted: ${text}`);
}

test('durations', () => {
  assert.notEqual(CASES.durations.length, 0);
  for (const { text, seconds, refused } of CASES.durations) {
    const yaml = `environments: { local: { timeout: ${JSON.stringify(text)} } }`;
    if (refused === undefined) {
      assert.equal(LamexYaml.parse(yaml).environment('local').timeoutS, seconds, text);
    } else {
      const message = refusal(yaml);
      assert.ok(message.includes(refused), `${text}: ${message}`);
    }
  }
});

test('schedules', () => {
  assert.notEqual(CASES.schedules.length, 0);
  for (const { text, refused } of CASES.schedules) {
    const environment = `account: "123456789012", region: us-east-2, function: f, schedule: ${JSON.stringify(text)}`;
    const yaml = `environments: { staging: { ${environment} } }`;
    if (refused === undefined) {
      assert.equal(LamexYaml.parse(yaml).deployedEnvironment('staging').schedule, text);
    } else {
      const message = refusal(yaml);
      assert.ok(message.includes(refused), `${text}: ${message}`);
    }
  }
});

for (const { settings, accepted, refused } of CASES.values) {
  test(settings, () => {
    const yaml = (value: string) =>
      'defaults: { account: "123456789012", region: us-east-2, function: f }\n' +
      `environments: { staging: { ${settings.replace('VALUE', () => value)} } }`;
    for (const value of accepted) assert.doesNotThrow(() => LamexYaml.parse(yaml(value)), value);
    for (const value of refused) assert.throws(() => LamexYaml.parse(yaml(value)), ConfigError, value);
  });
}

for (const { name, lamex_yaml, environment, resolved } of CASES.resolved) {
  test(name, () => {
    const read = asTheTable(LamexYaml.parse(lamex_yaml).environment(environment)) as Record<string, unknown>;
    for (const [key, expected] of Object.entries(resolved)) assert.deepEqual(read[key], expected, key);
  });
}

for (const { lamex_yaml, problem } of CASES.refused) {
  test(`refused: ${lamex_yaml}`, () => {
    const message = refusal(lamex_yaml);
    assert.ok(message.includes(problem), message);
  });
}

test('a problem names its place', () => {
  assert.match(
    refusal('environments:\n  staging:\n    memory: 5\n'),
    /^lamex\.yaml:3: the environment `staging` has no key `memory`/,
  );
});

const STAGING = 'account: "123456789012", region: us-east-2, function: f';

for (const [what, entries, problem] of [
  ['nothing that names the function', 'account: "123456789012", region: us-east-2', 'needs `function`'],
  ['a subnet list that is empty', `${STAGING}, vpc: { id: vpc-00000001, subnet_ids: [] }`, '1 to 16 subnets'],
  ['a VPC without subnets', `${STAGING}, vpc: { id: vpc-00000001 }`, 'needs `subnet_ids`'],
  ['a VPC without an id', `${STAGING}, vpc: { subnet_ids: [subnet-00000001] }`, 'needs `id`'],
  ['reach to nothing', `${STAGING}, reach: [{ name: a, host: a, port: 1 }]`, 'exactly one of'],
  [
    'reach to two things',
    `${STAGING}, reach: [{ name: a, host: a, port: 1, cidr: 10.0.0.0/8, security_group_id: sg-00000001 }]`,
    'and has 2',
  ],
  ['no range', `${STAGING}, reach: [{ name: a, host: a, port: 1, cidr: 10.0.0.0/33 }]`, 'an IPv4 range'],
  [
    'a name twice',
    `${STAGING}, reach: [{ name: a, host: a, port: 1, cidr: 10.0.0.0/8 }, { name: a, host: a, port: 2, cidr: 10.0.0.0/8 }]`,
    'two `reach` entries are named `a`',
  ],
  [
    'the guard as a variable',
    `${STAGING}, env: { LAMEX_ALLOW_DESTRUCTIVE: "true" }`,
    'allow_destructive: true',
  ],
  ['a reserved variable', `${STAGING}, env: { AWS_LAMBDA_RUNTIME_API: a }`, 'Lambda sets it'],
  ['variables of 5 KB', `${STAGING}, env: { AB: ${'x'.repeat(5000)} }`, 'Lambda allows 4096'],
  ['a retention that is not on offer', `${STAGING}, log_retention_days: 31`, 'exactly 31 days'],
] as const) {
  test(`refused: ${what}`, () => {
    const message = refusal(`environments: { staging: { ${entries} } }`);
    assert.ok(message.includes(problem), message);
  });
}

test('an environment that is not there, and one that is not deployed', () => {
  const file = LamexYaml.parse(`environments: { staging: { ${STAGING} } }`);
  assert.throws(() => file.environment('stagin'), /there is no environment `stagin`: it has local, staging/);
  assert.throws(() => file.deployedEnvironment('local'), /nothing to deploy/);
});

test('an anchor that holds itself, and a file that is not there', () => {
  assert.match(refusal('commands: &a [*a]'), /expands to more/);
  assert.throws(() => LamexYaml.fromFile('/nonexistent/lamex.yaml'), /cannot be read/);
});
