/** What an account has once: the provider that roles for CI trust, and the bucket for packages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { ACCOUNT, accountStackOf, REGION, STAGING } from './fixture';

const ARTIFACTS = `${STAGING}, artifacts: { bucket: lamex-artifacts }`;

test('a provider for GitHub, which stays when the stack is deleted', () => {
  const found = Template.fromStack(accountStackOf(STAGING, { oidcProvider: {} }));
  found.hasResource('AWS::IAM::OIDCProvider', {
    Properties: {
      Url: 'https://token.actions.githubusercontent.com',
      ClientIdList: ['sts.amazonaws.com'],
    },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
  found.resourceCountIs('AWS::S3::Bucket', 0);
});

test('for a GitLab in China', () => {
  const found = Template.fromStack(
    accountStackOf(STAGING.replace(REGION, 'cn-north-1'), {
      oidcProvider: { issuer: 'https://gitlab.example.com', thumbprints: ['0'.repeat(40)] },
    }),
  );
  found.hasResourceProperties('AWS::IAM::OIDCProvider', {
    Url: 'https://gitlab.example.com',
    ClientIdList: ['sts.amazonaws.com.cn'],
    ThumbprintList: ['0'.repeat(40)],
  });
});

test('a bucket that is private, versioned, encrypted and reached with TLS only, in which packages expire', () => {
  const found = Template.fromStack(accountStackOf(ARTIFACTS, { artifactBucket: {} }));
  found.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  const [[id, bucket] = assert.fail()] = Object.entries(found.findResources('AWS::S3::Bucket'));
  assert.equal(bucket?.['DeletionPolicy'], 'Retain');
  assert.deepEqual(bucket?.['Properties'], {
    BucketName: 'lamex-artifacts',
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: false, ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
      ],
    },
    LifecycleConfiguration: {
      Rules: [
        {
          Id: 'packages',
          Status: 'Enabled',
          Prefix: 'lamex/',
          ExpirationInDays: 30,
          NoncurrentVersionExpiration: { NoncurrentDays: 7 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
  });
  const itself = { 'Fn::GetAtt': [id, 'Arn'] };
  found.hasResourceProperties('AWS::S3::BucketPolicy', {
    Bucket: { Ref: id },
    PolicyDocument: {
      Statement: [
        {
          Sid: 'OnlyWithTls',
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:*',
          Resource: [itself, { 'Fn::Join': ['', [itself, '/*']] }],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
});

test('a key of your own, and the tags of the environment', () => {
  const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000001`;
  const artifacts = `artifacts: { bucket: lamex-artifacts, kms_key_arn: "${key}" }`;
  const stack = accountStackOf(`${STAGING}, ${artifacts}, tags: { team: orders }`, { artifactBucket: {} });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        },
      ],
    },
    Tags: [{ Key: 'team', Value: 'orders' }],
  });
});

test('refused', () => {
  assert.throws(() => accountStackOf(STAGING, {}), /would be empty/);
  assert.throws(() => accountStackOf(STAGING, { artifactBucket: {} }), /needs `artifacts` with `bucket`/);
  assert.throws(
    () => accountStackOf(STAGING, { oidcProvider: { issuer: 'http://gitlab.com' } }),
    /no issuer/,
  );
  assert.throws(() => accountStackOf(STAGING, { oidcProvider: { audiences: [] } }), /at least one audience/);
  assert.throws(() => accountStackOf(STAGING, { oidcProvider: { audiences: ['*'] } }), /no audience/);
});
