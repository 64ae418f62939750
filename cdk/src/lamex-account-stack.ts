/** The stack of what an account has once, whatever environments come and go. */

import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { DeployedEnvironment } from './config/environment';
import { LamexArtifactBucket, type LamexArtifactBucketProps } from './lamex-artifact-bucket';
import { LamexOidcProvider, type LamexOidcProviderProps } from './lamex-oidc-provider';
import { accountStackName } from './names';

export interface LamexAccountStackProps {
  /** An environment of the account and the region. */
  readonly environment: DeployedEnvironment;

  /**
   * The account's OIDC provider.
   *
   * @default - none: it is there already, or CI has no role
   */
  readonly oidcProvider?: LamexOidcProviderProps;

  /**
   * The bucket for large packages, named and encrypted as the environment says under `artifacts`.
   *
   * @default - none
   */
  readonly artifactBucket?: ArtifactBucketSettings;
}

/** {@link LamexArtifactBucketProps}, without what the environment says. */
export type ArtifactBucketSettings = Omit<LamexArtifactBucketProps, 'bucketName' | 'encryptionKey'>;

/** An OIDC provider for roles of CI and a bucket for packages, each on request. Both stay when the stack is deleted. */
export class LamexAccountStack extends Stack {
  readonly oidcProvider?: LamexOidcProvider;
  readonly artifactBucket?: LamexArtifactBucket;

  constructor(scope: Construct, { environment, ...props }: LamexAccountStackProps) {
    super(scope, accountStackName(environment.name), {
      env: { account: environment.account, region: environment.region },
      description: `lamex: what the account of ${environment.name} has once`,
    });
    if (props.oidcProvider) {
      this.oidcProvider = new LamexOidcProvider(this, 'OidcProvider', props.oidcProvider);
      const description = 'The OIDC provider that was made';
      new CfnOutput(this, 'OidcProviderArn', { description, value: this.oidcProvider.arn });
    }
    if (props.artifactBucket) {
      this.artifactBucket = this.createBucket(environment, props.artifactBucket);
      const description = 'The bucket that was made';
      new CfnOutput(this, 'ArtifactBucketName', {
        description,
        value: this.artifactBucket.bucket.bucketName,
      });
    }
    if (!this.oidcProvider && !this.artifactBucket) {
      throw new Error(
        'the stack of the account would be empty: ask for `oidc_provider` or `artifact_bucket`',
      );
    }
    for (const [key, value] of Object.entries(environment.tags)) Tags.of(this).add(key, value);
  }

  private createBucket(
    { name, artifactsBucket, artifactsKmsKeyArn }: DeployedEnvironment,
    settings: ArtifactBucketSettings,
  ): LamexArtifactBucket {
    if (artifactsBucket === null) {
      const what = '`artifacts` with `bucket`, the name of the bucket to make';
      throw new Error(`the environment \`${name}\` needs ${what}`);
    }
    return new LamexArtifactBucket(this, 'ArtifactBucket', {
      ...settings,
      bucketName: artifactsBucket,
      encryptionKey:
        artifactsKmsKeyArn === null ? undefined : Key.fromKeyArn(this, 'ArtifactsKey', artifactsKmsKeyArn),
    });
  }
}
