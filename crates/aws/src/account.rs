//! An account of AWS: where its services are, and as whom they are called.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use lamex_config::Lambda;
use thiserror::Error;

use crate::{error, http};

/// What every client shares: region, endpoint, credentials, and one pool of connections.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) sdk: SdkConfig,
}

#[derive(Debug, Error)]
pub enum AccountError {
    #[error("cannot find out which account the credentials belong to: {0}")]
    NotKnown(String),
}

impl Account {
    /// That of a deployed environment, as the SDK finds its credentials. Calls nothing that costs.
    pub async fn of_environment(lambda: &Lambda) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(lambda.region.clone()))
            .http_client(http::client(lambda.endpoint_url.as_deref()));
        if let Some(profile) = &lambda.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &lambda.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        Self { sdk: loader.load().await }
    }

    /// That of an emulator, whatever credentials the caller has.
    #[must_use]
    pub fn of_emulator(endpoint: &str, region: &str, access_key: &str) -> Self {
        let credentials = Credentials::new(access_key, "test", None, None, "emulator");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .http_client(http::client(Some(endpoint)))
            .endpoint_url(endpoint)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        Self { sdk }
    }

    /// The number of the account that the credentials belong to.
    ///
    /// # Errors
    /// There are none, or STS does not answer.
    pub async fn id(&self) -> Result<String, AccountError> {
        let identity = aws_sdk_sts::Client::new(&self.sdk).get_caller_identity().send().await;
        let identity = identity.map_err(|error| AccountError::NotKnown(error::text(&error)))?;
        identity.account.ok_or_else(|| AccountError::NotKnown("STS returned none".to_owned()))
    }
}
