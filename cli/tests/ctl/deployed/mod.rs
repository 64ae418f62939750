//! `lamex-ctl invoke` of a deployed function, through the real AWS client: faults of the service and of the
//! connection, retries, guards. The function is a local Lambda of this process, told what shall go wrong.

mod attempts;
mod cuts;
mod deadline;
mod endpoint;
mod function;
mod guards;
mod hostile;
mod hostile_endpoint;
mod lies;
mod shown;
mod verdicts;
