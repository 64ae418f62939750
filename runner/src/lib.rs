//! The lamex runner: what runs inside the Lambda function.

pub mod framework;
