//! The labels of AWS's host names.

/// What stands before or behind the region in names of things that are in a VPC, where something stands before both:
/// `ID.us-east-2.rds`, `ID.rds.cn-north-1`, `fs-1.efs.us-east-2`. The names of the APIs begin with their label.
pub(super) const IN_A_VPC: [&str; 17] = [
    "compute",
    "dax-clusters",
    "docdb",
    "docdb-elastic",
    "efs",
    "eks",
    "elb",
    "fsx",
    "kafka",
    "kafka-serverless",
    "memorydb",
    "mq",
    "neptune",
    "rds",
    "redshift",
    "redshift-serverless",
    "timestream-influxdb",
];

/// What is on the internet alone, with something before it.
pub(super) const PUBLIC: [&str; 1] = ["s3-website"];

/// The service's name as VPC endpoints have it, of the labels before the region; `None` if no rule is known.
pub(super) fn endpoint_name(labels: &[&str]) -> Option<String> {
    let name = match labels {
        [.., "api", "ecr"] | ["ecr"] => "ecr.api",
        [.., "dkr", "ecr"] => "ecr.dkr",
        [.., "api", "sagemaker"] => "sagemaker.api",
        [.., "runtime", "sagemaker"] => "sagemaker.runtime",
        [.., "streams", "dynamodb"] => "dynamodb-streams",
        [_, "ddb"] => "dynamodb",
        ["kinesis"] | [_, "data-kinesis" | "control-kinesis"] => "kinesis-streams",
        ["firehose"] => "kinesis-firehose",
        ["iot"] => "iot.api",
        [_, "credentials", "iot"] => "iot.credentials",
        [_, "iot"] => "iot.data",
        [_, "d", "codeartifact"] => "codeartifact.repositories",
        ["codeartifact"] => "codeartifact.api",
        // All of them are behind the endpoints of S3.
        [.., "s3" | "s3-accesspoint" | "s3-control" | "s3-fips"] => "s3",
        [.., service] if service.starts_with("s3express-") => "s3express",
        [.., service] => service,
        [] => return None,
    };
    Some(name.to_owned())
}
