//! Clients of AWS services, set up once: where to, as whom, and over which HTTP.

mod account;
mod body;
mod concurrent;
mod credentials;
mod description;
mod error;
mod frozen;
mod http;
mod lambda;
pub(crate) mod network;
pub(crate) mod permissions;
mod published;
mod roles;
mod storage;
mod versions;
mod zones;

pub(crate) use account::{caller, caller_account};
pub(crate) use credentials::caller_credentials;
pub(crate) use description::{Description, describe};
pub(crate) use lambda::{Answer, End, Function, Part, StartError, Transport};
pub(crate) use published::Published;
pub(crate) use roles::role;
pub(crate) use storage::put;
pub(crate) use versions::{Alias, Code, Configuration, Snapshot, Versions, VersionsError};
pub(crate) use zones::private_zones;

use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::config::Lambda;

/// What every client of a deployed environment shares.
pub(crate) async fn sdk_config(lambda: &Lambda) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(lambda.region.clone()))
        .http_client(http::client(lambda.endpoint_url.as_deref()));
    if let Some(profile) = &lambda.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &lambda.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

/// For an emulator, whatever the environment of the tests has.
#[cfg(test)]
pub(crate) fn sdk_config_of_emulator(endpoint: &str, region: &str, access_key: &str) -> SdkConfig {
    use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
    let credentials = Credentials::new(access_key, "test", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(http::client(Some(endpoint)))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}
