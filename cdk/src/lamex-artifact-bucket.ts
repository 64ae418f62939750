/** A bucket for packages that are too large for a direct upload to Lambda. */

import { Duration, RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface LamexArtifactBucketProps {
  /** The bucket's name, which is lamex.yaml's `artifacts.bucket`. */
  readonly bucketName: string;

  /**
   * The key that encrypts what is put into the bucket, which is lamex.yaml's `artifacts.kms_key_arn`.
   *
   * @default - S3's own
   */
  readonly encryptionKey?: IKey;

  /**
   * How long packages are kept. Deployed functions no longer need them.
   *
   * @default Duration.days(30)
   */
  readonly expireAfter?: Duration;

  /**
   * How long a package is kept beyond that, or after another one took its place: the time to get back what was deleted
   * by mistake.
   *
   * @default Duration.days(7)
   */
  readonly expireNoncurrentAfter?: Duration;
}

/** Private, versioned, encrypted, reached with TLS only; what is below `lamex/` expires. It stays when its stack goes. */
export class LamexArtifactBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: LamexArtifactBucketProps) {
    super(scope, id);
    const { bucketName, encryptionKey } = props;
    if (!Token.isUnresolved(bucketName) && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucketName)) {
      throw new Error(
        `\`${bucketName}\` is not a valid bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens`,
      );
    }
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      versioned: true,
      encryption: encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      encryptionKey,
      // One call of KMS for many objects.
      bucketKeyEnabled: encryptionKey !== undefined,
      lifecycleRules: [
        {
          id: 'packages',
          // Where lamex-ctl puts them. It uploads a package again where another deployment needs it.
          prefix: 'lamex/',
          expiration: props.expireAfter ?? Duration.days(30),
          noncurrentVersionExpiration: props.expireNoncurrentAfter ?? Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.onlyWithTls();
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: "Who deployed what is in the function's versions and in CloudTrail.",
    });
  }

  /** Who may put and get packages is in their own policies. Here is only what nobody may. */
  private onlyWithTls(): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyWithTls',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: [this.bucket.bucketArn, this.bucket.arnForObjects('*')],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  }
}
