/** cdk-nag's AwsSolutions rules over everything that a stack can have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { accountStackOf, STAGING, stackOf } from './fixture';

/** What AwsSolutions finds, as `rule at path`. */
function findings(stack: Stack): string[] {
  const { violations } = new AwsSolutionsChecks().validateScope(stack);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
  );
}

test('no finding is left', () => {
  const stack = stackOf(`${STAGING}, artifacts: { bucket: lamex-artifacts }, schedule: rate(1 day)`, {
    alarmTopicArns: ['arn:aws:sns:us-east-2:123456789012:nightly-tests'],
    allowIngressOnTargets: true,
    endpoints: {
      gatewayServices: ['s3', 'dynamodb'],
      routeTableIds: ['rtb-00000001'],
      prefixListIds: { s3: 'pl-00000001', dynamodb: 'pl-00000002' },
      interfaceServices: ['logs', 'ssm', 'secretsmanager', 'kms', 'sts'],
    },
    ciAccess: { subjects: ['repo:owner/name:ref:refs/heads/main'] },
  });
  assert.deepEqual(findings(stack), []);
});

test('nor with everything that may exist already, and with a key of the variables', () => {
  const settings = {
    logGroupName: '/tests/all',
    securityGroupIds: ['sg-00000003'],
    kmsKeyArn: 'arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001',
    layers: ['arn:aws:lambda:us-east-2:123456789012:layer:tools:3'],
    rolePath: '/service/',
    namePrefix: 'shared-',
    ciAccess: { subjects: ['repo:owner/name:ref:refs/heads/main'] },
  };
  assert.deepEqual(findings(stackOf(STAGING, settings)), []);
  const roleArn = 'arn:aws:iam::123456789012:role/tests';
  assert.deepEqual(findings(stackOf(STAGING, { ...settings, roleArn })), []);
});

test('nor of what an account has once', () => {
  const artifacts = `${STAGING}, artifacts: { bucket: lamex-artifacts }`;
  assert.deepEqual(findings(accountStackOf(artifacts, { oidcProvider: {}, artifactBucket: {} })), []);
});

test('what a lamex.yaml gives the tests is still found', () => {
  const statement =
    '{ actions: ["dynamodb:*"], resources: ["arn:aws:dynamodb:us-east-2:123456789012:table/*"] }';
  const found = findings(stackOf(`${STAGING}, role: { statements: [${statement}] }`));
  assert.deepEqual(
    found.map((finding) => finding.split(' at ')[0]),
    [
      'AwsSolutions-IAM5[Action::dynamodb:*]',
      'AwsSolutions-IAM5[Resource::arn:aws:dynamodb:us-east-2:123456789012:table/*]',
    ],
  );
});
