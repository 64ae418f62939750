//! Lambda's limits on a streamed response and the function's deadline, together.

use std::time::Duration;

use lamex_emulator::StreamLimits;

use crate::deployed::function::Function;

#[test]
fn a_command_that_floods_stdout_does_not_keep_the_verdict_from_coming_in_time() {
    let mut function = Function::new();
    function.timeout = Duration::from_secs(10);
    function.limits = StreamLimits::aws();
    function.script("first", "exec yes 0123456789abcdef");
    // Output is left out, and the runner says itself that the deadline ended the command.
    function.invoke(&["--quiet"]).expect(1, 0).says("deadline").says("never arrived: ");
}
