//! HTTP for the AWS SDK. The SDK's own client keeps no connection alive during a long silence, and does not
//! tell a request that was never sent from one that may have arrived; both matter here.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector as TcpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::{Bounded, Shape};

/// NAT gateways and load balancers forget a connection after 350 s without a packet; a buffered invocation
/// may be silent for 15 minutes.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The client for an endpoint; `None` is AWS's own, which speaks TLS. Loading the roots of trust takes time
/// that a plain endpoint on this machine need not wait for.
pub(super) fn client(endpoint_url: Option<&str>) -> SharedHttpClient {
    let mut tcp = TcpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_keepalive_interval(Some(KEEP_ALIVE));
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp.enforce_http(false);
    let is_plain = endpoint_url.is_some_and(|url| url.starts_with("http://"));
    if is_plain {
        return shared(tcp);
    }
    let tls = HttpsConnectorBuilder::new().with_native_roots();
    match tls {
        Ok(builder) => shared(builder.https_or_http().enable_http1().wrap_connector(tcp)),
        // Without roots of trust every connection fails, with a message that says so.
        Err(_) => shared(
            HttpsConnectorBuilder::new()
                .with_webpki_roots()
                .https_or_http()
                .enable_http1()
                .wrap_connector(tcp),
        ),
    }
}

fn shared<C>(connector: C) -> SharedHttpClient
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        // Whatever repeats a request may run a test twice.
        .retry_canceled_requests(false)
        .build(connector);
    SharedHttpClient::new(Hyper { client })
}

struct Hyper<C> {
    client: Client<C, SdkBody>,
}

impl<C> Clone for Hyper<C>
where
    C: Clone,
{
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<C> fmt::Debug for Hyper<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hyper")
    }
}

impl<C> HttpClient for Hyper<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

impl<C> HttpConnector for Hyper<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        HttpConnectorFuture::new(async move {
            let is_streaming = asks_for_event_stream(request.uri());
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            match client.request(request).await {
                Ok(response) => {
                    // An error of the service is a document, also where a stream was asked for.
                    let shape = if is_streaming && response.status().is_success() {
                        Shape::EventStream
                    } else {
                        Shape::Document
                    };
                    let response = response.map(|body| SdkBody::from_body_1_x(Bounded::new(body, shape)));
                    HttpResponse::try_from(response)
                        .map_err(|error| ConnectorError::other(error.into(), None))
                }
                Err(error) if error.is_connect() => Err(ConnectorError::io(Box::new(NeverSent(error)))),
                Err(error) => Err(ConnectorError::io(error.into())),
            }
        })
    }
}

/// By what was asked for and not by what the answer says of itself.
fn asks_for_event_stream(uri: &str) -> bool {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    path.ends_with("/response-streaming-invocations")
}

/// The connection could not be made (DNS, TCP, TLS): no byte of the request has left this machine.
#[derive(Debug)]
pub(super) struct NeverSent(hyper_util::client::legacy::Error);

impl fmt::Display for NeverSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot connect")
    }
}

impl Error for NeverSent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Whether the error says that the request never left.
pub(super) fn was_never_sent(error: &(dyn Error + 'static)) -> bool {
    let mut layer = Some(error);
    while let Some(error) = layer {
        if error.is::<NeverSent>() {
            return true;
        }
        layer = error.source();
    }
    false
}
