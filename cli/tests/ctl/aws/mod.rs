//! The whole way on a deployed function: package, deploy, invoke, roll back. The real binaries, against an AWS
//! on this machine that really runs what is deployed (ministack).
//!
//! What ministack does not prove: streamed responses (`tests/deployed` has those), START, END and REPORT lines
//! in the log's tail, and the checks of `RevisionId` and `CodeSha256` when a version is published. It does
//! check the `RevisionId` of code, configuration and alias.

mod alteration;
mod concurrency;
mod function;
mod interception;
mod plain_invoke;
mod project;
mod prunes;
mod readiness;
mod refusals;
mod rollbacks;
mod stale;
mod task_roots;
mod tests;
mod updates;
mod verdicts;
mod weights;
