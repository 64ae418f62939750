"""Buckets of CDK's templates as settings."""

from settings import insert, policy, tags


def bucket_of(tree, name):
    return tree.setdefault(f"bucket {name}", {})


def bucket(tree, properties, _template):
    found = bucket_of(tree, properties.take("BucketName"))
    ownership, access = properties.block("OwnershipControls"), properties.block("PublicAccessBlockConfiguration")
    encryption = properties.block("BucketEncryption").block("ServerSideEncryptionConfiguration")
    by_default = encryption.block("ServerSideEncryptionByDefault")
    insert(found, "object ownership", ownership.block("Rules").take("ObjectOwnership"))
    insert(found, "public access", {
        "block public acls": access.take("BlockPublicAcls"),
        "block public policy": access.take("BlockPublicPolicy"),
        "ignore public acls": access.take("IgnorePublicAcls"),
        "restrict public buckets": access.take("RestrictPublicBuckets"),
    })
    insert(found, "versioning", properties.block("VersioningConfiguration").take("Status"))
    insert(found, "encryption", {
        "algorithm": by_default.take("SSEAlgorithm"),
        "key": by_default.take("KMSMasterKeyID"),
        "bucket key": encryption.take("BucketKeyEnabled"),
    })
    lifecycle(found, properties.block("LifecycleConfiguration").block("Rules"))
    insert(found, "tags", tags(properties))
    for block in (access, encryption, by_default):
        block.done()


def lifecycle(found, properties):
    noncurrent = properties.block("NoncurrentVersionExpiration")
    abort = properties.block("AbortIncompleteMultipartUpload")
    insert(found, f"lifecycle {properties.take('Id')}", {
        "status": properties.take("Status"),
        "prefix": properties.take("Prefix"),
        "days": properties.take("ExpirationInDays"),
        "days of old versions": noncurrent.take("NoncurrentDays"),
        "days of incomplete uploads": abort.take("DaysAfterInitiation"),
    })
    for block in (noncurrent, abort, properties):
        block.done()


def bucket_policy(tree, properties, _template):
    insert(bucket_of(tree, properties.take("Bucket")), "policy", policy(properties.take("PolicyDocument")))
