use std::process::ExitCode;

use super::LaunchArgs;
use crate::exit::{Exit, Failure};

/// Becomes the command, or ends as one that is not there.
pub(super) fn launch(args: &LaunchArgs) -> Result<ExitCode, Failure> {
    rampart_kernel::close_on_exec().map_err(|error| Failure::new(Exit::Internal, error))?;
    Ok(rampart_sca::host::launch(&args.root, &args.words))
}
