//! What the SDK's errors say to people: the SDK's own text ends in a dump of the whole response.

use std::error::Error;

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
#[cfg(feature = "doctor")]
use lamex_network::model::Unseen;

/// What is kept of an error, whatever its service says.
const MAX_BYTES: usize = 16 << 10;

/// What the service said, or else every cause in one line.
pub(super) fn text<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let said = error.as_service_error().map(|error| (error.code(), error.message()));
    let mut text = match said {
        Some((Some(code), Some(message))) => format!("{message} ({code})"),
        Some((Some(word), None) | (None, Some(word))) => word.to_owned(),
        _ => chain(error),
    };
    text.truncate(text.floor_char_boundary(MAX_BYTES));
    text
}

/// The service's name for the error; empty where the service did not answer.
pub(super) fn code<E, R>(error: &SdkError<E, R>) -> &str
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().and_then(|error| error.code()).unwrap_or_default()
}

/// Why a call that needs this IAM action told nothing.
#[cfg(feature = "doctor")]
pub(super) fn unseen<E, R>(action: &str, error: &SdkError<E, R>) -> Unseen
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    Unseen { action: action.to_owned(), reason: text(error) }
}

/// The error and its causes, from the outermost to the innermost.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
