//! S3, for packages that are too large to be sent to Lambda directly.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;

use super::error;
use crate::Account;

/// Puts the bytes there, encrypted with the KMS key or else as the bucket does it.
///
/// # Errors
/// What S3 said, with its causes.
pub async fn put(
    account: &Account,
    bucket: &str,
    key: &str,
    kms_key_arn: Option<&str>,
    bytes: Vec<u8>,
) -> Result<(), String> {
    let config = aws_sdk_s3::config::Builder::from(&account.sdk)
        // Emulators answer on one host name only; AWS takes both forms.
        .force_path_style(account.sdk.endpoint_url().is_some())
        .build();
    let client = aws_sdk_s3::Client::from_conf(config);
    let mut put = client.put_object().bucket(bucket).key(key).body(ByteStream::from(bytes));
    if let Some(arn) = kms_key_arn {
        put = put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(arn);
    }
    put.send().await.map(|_| ()).map_err(|error| error::text(&error))
}
