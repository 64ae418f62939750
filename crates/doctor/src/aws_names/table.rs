//! Names as AWS makes them, from its documents and its SDKs' endpoints, and what each stands for.

use super::{AwsName, classify, is_aws_name, partition};

/// What each is: `vpc`, `public`, `other`, or the service's name with its region.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    // Load balancers: application and classic ones, network ones, internal ones, over IPv4 and IPv6.
    ("orders-1234567890.us-east-2.elb.amazonaws.com", "vpc"),
    ("internal-orders-1234567890.us-east-2.elb.amazonaws.com", "vpc"),
    ("dualstack.orders-1234567890.us-east-2.elb.amazonaws.com", "vpc"),
    ("orders-0123456789abcdef.elb.us-east-2.amazonaws.com", "vpc"),
    ("orders-0123456789abcdef.elb.us-gov-west-1.amazonaws.com", "vpc"),
    ("orders-1234567890.cn-north-1.elb.amazonaws.com.cn", "vpc"),
    ("orders-0123456789abcdef.elb.cn-northwest-1.amazonaws.com.cn", "vpc"),
    // Databases.
    ("orders.abcdefghijkl.us-east-2.rds.amazonaws.com", "vpc"),
    ("orders.cluster-abcdefghijkl.us-east-2.rds.amazonaws.com", "vpc"),
    ("orders.cluster-ro-abcdefghijkl.us-gov-east-1.rds.amazonaws.com", "vpc"),
    ("orders.proxy-abcdefghijkl.us-east-2.rds.amazonaws.com", "vpc"),
    ("orders.abcdefghijkl.rds.cn-north-1.amazonaws.com.cn", "vpc"),
    ("orders.cluster-abcdefghijkl.us-east-2.docdb.amazonaws.com", "vpc"),
    ("orders.cluster-abcdefghijkl.docdb.cn-north-1.amazonaws.com.cn", "vpc"),
    ("orders.cluster-abcdefghijkl.us-east-2.neptune.amazonaws.com", "vpc"),
    ("orders.abcdefghijkl.us-east-2.redshift.amazonaws.com", "vpc"),
    ("orders.123456789012.us-east-2.redshift-serverless.amazonaws.com", "vpc"),
    ("orders.abc123.dax-clusters.us-east-2.amazonaws.com", "vpc"),
    // Caches.
    ("orders.abc123.0001.use2.cache.amazonaws.com", "vpc"),
    ("master.orders.abc123.use2.cache.amazonaws.com", "vpc"),
    ("orders-abc123.serverless.use2.cache.amazonaws.com", "vpc"),
    ("orders.abc123.0001.cnn1.cache.amazonaws.com.cn", "vpc"),
    ("clustercfg.orders.abc123.memorydb.us-east-2.amazonaws.com", "vpc"),
    // Brokers, files, search, clusters, machines.
    ("b-1.orders.abc123.c2.kafka.us-east-2.amazonaws.com", "vpc"),
    ("boot-abc123.c1.kafka-serverless.us-east-2.amazonaws.com", "vpc"),
    ("b-12345678-1234-1234-1234-123456789012-1.mq.us-east-2.amazonaws.com", "vpc"),
    ("b-12345678-1234-1234-1234-123456789012-1.mq.us-east-2.on.aws", "vpc"),
    ("fs-0123456789abcdef0.efs.us-east-2.amazonaws.com", "vpc"),
    ("us-east-2a.fs-0123456789abcdef0.efs.us-east-2.amazonaws.com", "vpc"),
    ("fs-0123456789abcdef0.fsx.us-east-2.amazonaws.com", "vpc"),
    ("svm-0123456789abcdef0.fs-0123456789abcdef0.fsx.us-east-2.amazonaws.com", "vpc"),
    ("vpc-orders-abc123.us-east-2.es.amazonaws.com", "vpc"),
    ("vpc-orders-abc123.aos.us-east-2.on.aws", "vpc"),
    ("search-orders-abc123.us-east-2.es.amazonaws.com", "public"),
    ("search-orders-abc123.aos.us-east-2.on.aws", "public"),
    ("0123456789ABCDEF0123456789ABCDEF.gr7.us-east-2.eks.amazonaws.com", "vpc"),
    ("ec2-203-0-113-7.us-east-2.compute.amazonaws.com", "vpc"),
    // VPC endpoints by their own names.
    ("vpce-0123456789abcdef0-abcdefgh.sts.us-east-2.vpce.amazonaws.com", "vpc"),
    ("vpce-0123456789abcdef0-abcdefgh-us-east-2a.sts.us-east-2.vpce.amazonaws.com", "vpc"),
    ("bucket.vpce-0123456789abcdef0-abcdefgh.s3.us-east-2.vpce.amazonaws.com", "vpc"),
    ("vpce-0123456789abcdef0-abcdefgh.vpce-svc-0123456789abcdef0.us-east-2.vpce.amazonaws.com", "vpc"),
    ("vpce-0123456789abcdef0-abcdefgh.sts.cn-north-1.vpce.amazonaws.com.cn", "vpc"),
    // APIs of services: the partitions, IPv6, FIPS.
    ("sqs.us-east-2.amazonaws.com", "us-east-2 sqs"),
    ("SQS.us-east-2.amazonaws.com.", "us-east-2 sqs"),
    ("us-east-2.queue.amazonaws.com", "us-east-2 sqs"),
    ("sqs.us-east-2.api.aws", "us-east-2 sqs"),
    ("sts.us-gov-west-1.amazonaws.com", "us-gov-west-1 sts"),
    ("sts.cn-north-1.amazonaws.com.cn", "cn-north-1 sts"),
    ("ec2.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1 ec2"),
    ("sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1 sts"),
    ("sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1 sts"),
    ("sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1 sts"),
    ("kms-fips.us-east-2.amazonaws.com", "us-east-2 kms-fips"),
    ("lambda.us-east-2.api.aws", "us-east-2 lambda"),
    // The APIs that manage what is in a VPC.
    ("rds.us-east-2.amazonaws.com", "us-east-2 rds"),
    ("elasticache.us-east-2.amazonaws.com", "us-east-2 elasticache"),
    ("elasticloadbalancing.us-east-2.amazonaws.com", "us-east-2 elasticloadbalancing"),
    ("kafka.us-east-2.amazonaws.com", "us-east-2 kafka"),
    ("es.us-east-2.amazonaws.com", "us-east-2 es"),
    ("memory-db.us-east-2.amazonaws.com", "us-east-2 memory-db"),
    ("elasticfilesystem.us-east-2.amazonaws.com", "us-east-2 elasticfilesystem"),
    ("eks.us-east-2.amazonaws.com", "us-east-2 eks"),
    // Endpoints that are named otherwise than the host.
    ("api.ecr.us-east-2.amazonaws.com", "us-east-2 ecr.api"),
    ("ecr.us-east-2.api.aws", "us-east-2 ecr.api"),
    ("123456789012.dkr.ecr.us-east-2.amazonaws.com", "us-east-2 ecr.dkr"),
    ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1 ecr.dkr"),
    ("123456789012.dkr-ecr.us-east-2.on.aws", "us-east-2 ecr.dkr"),
    ("kinesis.us-east-2.amazonaws.com", "us-east-2 kinesis-streams"),
    ("123456789012.data-kinesis.us-east-2.amazonaws.com", "us-east-2 kinesis-streams"),
    ("firehose.us-east-2.amazonaws.com", "us-east-2 kinesis-firehose"),
    ("runtime.sagemaker.us-east-2.amazonaws.com", "us-east-2 sagemaker.runtime"),
    ("dynamodb.us-east-2.amazonaws.com", "us-east-2 dynamodb"),
    ("123456789012.ddb.us-east-2.amazonaws.com", "us-east-2 dynamodb"),
    ("streams.dynamodb.us-east-2.amazonaws.com", "us-east-2 dynamodb-streams"),
    ("abc123.execute-api.us-east-2.amazonaws.com", "us-east-2 execute-api"),
    ("abc123-vpce-0123456789abcdef0.execute-api.us-east-2.amazonaws.com", "us-east-2 execute-api"),
    ("abc123-ats.iot.us-east-2.amazonaws.com", "us-east-2 iot.data"),
    ("abc123.credentials.iot.us-east-2.amazonaws.com", "us-east-2 iot.credentials"),
    ("packages-123456789012.d.codeartifact.us-east-2.amazonaws.com", "us-east-2 codeartifact.repositories"),
    // S3.
    ("s3.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("s3.dualstack.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("s3-fips.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("bucket.s3.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("bucket.with.dots.s3.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("bucket.s3.dualstack.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("bucket.s3.cn-north-1.amazonaws.com.cn", "cn-north-1 s3"),
    ("bucket.s3-us-west-2.amazonaws.com", "us-west-2 s3"),
    ("bucket.s3.amazonaws.com", "eu-west-1 s3"),
    ("s3.amazonaws.com", "eu-west-1 s3"),
    ("point-123456789012.s3-accesspoint.us-east-2.amazonaws.com", "us-east-2 s3"),
    ("bucket--use2-az1--x-s3.s3express-use2-az1.us-east-2.amazonaws.com", "us-east-2 s3express"),
    // The internet alone.
    ("abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-2.on.aws", "public"),
    ("iam.amazonaws.com", "public"),
    ("sts.amazonaws.com", "public"),
    // Forms that are not known, and names of others.
    ("orders.us-east-2.something-new.amazonaws.com", "other"),
    ("orders.internal", ""),
    ("amazonaws.com", ""),
    ("orders.example-amazonaws.com", ""),
];

#[test]
fn names_of_aws_stand_for_what_they_are() {
    let found = |host| match classify(host, "eu-west-1") {
        None => String::new(),
        Some(AwsName::InVpc) => "vpc".to_owned(),
        Some(AwsName::Public) => "public".to_owned(),
        Some(AwsName::Other) => "other".to_owned(),
        Some(AwsName::Service(service)) => format!("{} {}", service.region, service.name),
    };
    let wrong: Vec<_> = NAMES.iter().filter(|(host, expected)| found(host) != *expected).collect();
    let wrong: Vec<_> = wrong.iter().map(|(host, expected)| (host, expected, found(host))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (host, _) in NAMES {
        assert_eq!(is_aws_name(host), classify(host, "eu-west-1").is_some(), "{host}");
    }
}

#[test]
fn endpoints_in_china_may_begin_otherwise() {
    let Some(AwsName::Service(sts)) = classify("sts.cn-north-1.amazonaws.com.cn", "cn-north-1") else {
        panic!()
    };
    assert!(sts.is("com.amazonaws.cn-north-1.sts") && sts.is("cn.com.amazonaws.cn-north-1.sts"));
    assert!(!sts.is("com.amazonaws.cn-north-1.sts-fips") && !sts.is("com.amazonaws.cn-northwest-1.sts"));
}

#[test]
fn arns_have_the_partition_of_their_region() {
    let regions =
        ["us-east-2", "eu-west-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1"];
    let expected = ["aws", "aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso"];
    assert_eq!(regions.map(partition), expected);
}
