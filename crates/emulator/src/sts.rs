//! The one operation of AWS STS that callers of Lambda ask before they invoke: whose credentials are these?

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};

use crate::service_error::{ServiceError, set};

/// The request is a form of two fields.
const MAX_FORM_BYTES: usize = 16 << 10;

/// Answers `GetCallerIdentity`: whoever asks is the root user of the emulator's account.
pub(crate) async fn answer(
    account_id: &str,
    request: Request<Incoming>,
    request_id: &str,
) -> Result<Response<Full<Bytes>>, ServiceError> {
    let form = Limited::new(request.into_body(), MAX_FORM_BYTES).collect().await;
    let form = form.map_err(|_| ServiceError::UnknownOperation)?.to_bytes();
    if !form.split(|&byte| byte == b'&').any(|field| field == b"Action=GetCallerIdentity") {
        return Err(ServiceError::UnknownOperation);
    }
    let document = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account_id}:root</Arn><UserId>{account_id}</UserId><Account>{account_id}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
    let mut response = Response::new(Full::new(Bytes::from(document)));
    set(response.headers_mut(), "content-type", "text/xml");
    set(response.headers_mut(), "x-amzn-requestid", request_id);
    Ok(response)
}
