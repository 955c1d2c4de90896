//! A guest thread waits for something that the runtime does: at most until the
//! call's deadline, and at no CPU.

use std::sync::mpsc::{self, RecvTimeoutError};

use crate::guest::Guest;
use crate::meter::Stop;

/// The answer; none if the runtime went away first. The error stops the guest:
/// its time is up.
pub(super) fn for_answer<T>(
    guest: &Guest,
    asking: impl Future<Output = T> + Send + 'static,
) -> Result<Option<T>, Stop>
where
    T: Send + 'static,
{
    let (tell, told) = mpsc::sync_channel(1);
    // On the runtime, where connections live. It is given up with the call, and if
    // the runtime goes away first, its end of the channel does.
    let task = guest.runtime.spawn(async move {
        let _unheard = tell.send(asking.await);
    });
    match told.recv_timeout(guest.meter.remaining()) {
        Ok(answer) => Ok(Some(answer)),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => {
            task.abort();
            Err(Stop::Wall)
        }
    }
}
