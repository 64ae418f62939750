/** The app as `cdk` starts it: what it is told, and what it answers. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { STAGING } from './fixture';

/** From `dist/test`, where the compiled form of this file is. */
const APP = join(__dirname, '../src/app.js');

/** Runs the app on a lamex.yaml with these environments, as `cdk -c KEY=VALUE` does. */
function synthesize(environments: string, context: Record<string, unknown>) {
  const folder = mkdtempSync(join(tmpdir(), 'lamex-cdk-'));
  try {
    const config = join(folder, 'lamex.yaml');
    writeFileSync(config, `environments: { ${environments} }\n`);
    const { status, stderr } = spawnSync(process.execPath, [APP], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        CDK_OUTDIR: join(folder, 'out'),
        CDK_CONTEXT_JSON: JSON.stringify({ config, ...context }),
        CDK_VALIDATION: 'false',
      },
    });
    const templates =
      status === 0 ? readdirSync(join(folder, 'out')).filter((name) => /template\.json$/.test(name)) : [];
    const [name] = templates;
    const template = name && JSON.parse(readFileSync(join(folder, 'out', name), 'utf8'));
    return { status, stderr, templates, template };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('everything that it can be told', () => {
  const { status, stderr, templates, template } = synthesize(`staging: { ${STAGING} }`, {
    env: 'staging',
    reserved_concurrency: '2',
    dual_stack: 'true',
    tracing: 'false',
    alarm_topic_arns: '[arn:aws:sns:us-east-2:123456789012:nightly-tests]',
    // Text on the command line, a value in cdk.json.
    vpc_endpoints: '{ interface_services: [ssm, sts], private_dns: false }',
    ci_access: {
      subjects: ['repo:owner/name:ref:refs/heads/main'],
      oidc_provider_arn: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      max_session_hours: 3,
    },
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(templates, ['lamex-staging-system-tests.template.json']);
  const resources: { Type: string; Properties: Record<string, unknown> }[] = Object.values(
    template.Resources,
  );
  const of = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const [lambda] = of('AWS::Lambda::Function');
  assert.equal(lambda?.['ReservedConcurrentExecutions'], 2);
  assert.match(JSON.stringify(lambda?.['VpcConfig']), /"Ipv6AllowedForDualStack":true/);
  assert.equal(lambda?.['TracingConfig'], undefined);
  assert.deepEqual(
    of('AWS::CloudWatch::Alarm').map((alarm) => alarm['AlarmActions']),
    Array(3).fill(['arn:aws:sns:us-east-2:123456789012:nightly-tests']),
  );
  assert.deepEqual(
    of('AWS::EC2::VPCEndpoint').map((endpoint) => [endpoint['ServiceName'], endpoint['PrivateDnsEnabled']]),
    [
      ['com.amazonaws.us-east-2.ssm', false],
      ['com.amazonaws.us-east-2.sts', false],
    ],
  );
  assert.equal(of('AWS::IAM::OIDCProvider').length, 0);
  assert.deepEqual(
    of('AWS::IAM::Role').map((role) => [role['RoleName'], role['MaxSessionDuration']]),
    [
      ['system-tests-lamex', undefined],
      ['system-tests-lamex-ci', 3 * 3600],
    ],
  );
});

test('what the account has once is a stack of its own', () => {
  const artifacts = `${STAGING}, artifacts: { bucket: lamex-artifacts }`;
  const { status, stderr, templates, template } = synthesize(`staging: { ${artifacts} }`, {
    env: 'staging',
    stack: 'account',
    oidc_provider: '{}',
    artifact_bucket: '{ expire_after_days: 3 }',
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(templates, ['lamex-account-staging.template.json']);
  const types = Object.values(template.Resources).map((resource) => (resource as { Type: string }).Type);
  assert.deepEqual(types.sort(), ['AWS::IAM::OIDCProvider', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy']);
});

for (const [what, environments, context, problem] of [
  [
    'no environment',
    `staging: { ${STAGING} }, a: { ${STAGING} }`,
    {},
    /-c env=NAME`; .*lamex\.yaml has staging, a/,
  ],
  [
    'an unknown environment',
    `staging: { ${STAGING} }`,
    { env: 'prod' },
    /no environment `prod`: it has local, staging/,
  ],
  ['local', `staging: { ${STAGING} }`, { env: 'local' }, /nothing to deploy/],
  ['a mistake in the file', 'staging: { memory: 1 }', { env: 'staging' }, /lamex\.yaml:1: .*no key `memory`/],
  ['no number', `staging: { ${STAGING} }`, { env: 'staging', reserved_concurrency: 'two' }, /a whole number/],
  [
    'no flag',
    `staging: { ${STAGING} }`,
    { env: 'staging', tracing: 'yes' },
    /`tracing`: expected `true` or `false`/,
  ],
  [
    'no list',
    `staging: { ${STAGING} }`,
    { env: 'staging', ci_access: '{ subjects: a }' },
    /`ci_access`: .*a list/,
  ],
  ['nobody', `staging: { ${STAGING} }`, { env: 'staging', ci_access: {} }, /needs `subjects`/],
  [
    'an odd key',
    `staging: { ${STAGING} }`,
    { env: 'staging', vpc_endpoints: '{ s3: true }' },
    /has no key `s3`/,
  ],
  ['an empty stack', `staging: { ${STAGING} }`, { env: 'staging', stack: 'account' }, /would be empty/],
  [
    'no such stack',
    `staging: { ${STAGING} }`,
    { env: 'staging', stack: 'all' },
    /`environment` or `account`/,
  ],
  [
    'a bucket without a name',
    `staging: { ${STAGING} }`,
    { env: 'staging', stack: 'account', artifact_bucket: {} },
    /needs `artifacts` with `bucket`/,
  ],
  ['no text', `staging: { ${STAGING} }`, { env: 'staging', vpc_name: 5 }, /must be text/],
] as const) {
  test(`refused: ${what}`, () => {
    const { status, stderr } = synthesize(environments, context);
    assert.equal(status, 2);
    assert.match(stderr, problem);
    assert.doesNotMatch(stderr, /\n {4}at /, 'a stack of calls');
  });
}
