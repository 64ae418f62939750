//! The caller's AWS credentials, for tests on this machine that sign requests as they do on AWS.

use std::io::Write as _;

use crate::failure::Failure;
use crate::local_lambda::{Credentials, FunctionConfig};

/// Gives the function the credentials and the region that the AWS SDK finds (variables, profile, SSO, …), and says
/// so without showing them.
///
/// # Errors
/// There are none.
pub(crate) async fn give_to(function: &mut FunctionConfig) -> Result<(), Failure> {
    let caller = lamex_aws::caller_credentials().await.map_err(|reason| {
        Failure::Usage(miette::miette!(
            help = "--aws-credentials uses the same credentials as the AWS CLI: set AWS_PROFILE, log in, or \
                    omit the flag",
            "{reason}"
        ))
    })?;
    // Nobody's loss if stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "the tests on this machine get your AWS credentials, for the region {} (--aws-credentials)",
        caller.region
    );
    function.region = caller.region;
    function.credentials = Credentials {
        access_key_id: caller.access_key_id,
        secret_access_key: caller.secret_access_key,
        session_token: caller.session_token,
    };
    Ok(())
}
