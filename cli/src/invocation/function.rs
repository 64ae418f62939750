//! What can be invoked.

use lamex_aws::{Part, StartError, Transport};

/// A function: AWS's, the one on this machine, or a fake.
pub(crate) trait Function {
    type Response: Response;

    /// Sends one invocation, once.
    ///
    /// # Errors
    /// No response began; the error tells whether the function may have started.
    async fn invoke(&self, payload: Vec<u8>, transport: Transport) -> Result<Self::Response, StartError>;
}

/// A response on its way.
pub(crate) trait Response {
    /// Whether it comes in parts, while the function runs.
    fn is_streamed(&self) -> bool;

    /// The next part; nothing comes after an end.
    async fn next(&mut self) -> Part;
}

impl Function for lamex_aws::Function {
    type Response = lamex_aws::Answer;

    async fn invoke(&self, payload: Vec<u8>, transport: Transport) -> Result<Self::Response, StartError> {
        self.invoke(payload, transport).await
    }
}

impl Response for lamex_aws::Answer {
    fn is_streamed(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    async fn next(&mut self) -> Part {
        self.next().await
    }
}
