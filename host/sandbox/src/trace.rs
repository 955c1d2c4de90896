//! What a call has used and written so far: shared between its guest thread and
//! whoever waits for it, so that of a call that is given up at its deadline it is
//! still known what it did until then.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_app::hooks::LogLevel;

use crate::call::CallReport;
use crate::host::log::Log;

#[derive(Debug)]
pub(crate) struct Trace {
    cpu_us: AtomicU64,
    peak_memory: AtomicUsize,
    host_calls: AtomicU32,
    log: Mutex<Log>,
}

impl Trace {
    /// With so much room for lines.
    pub(crate) fn new(log: usize) -> Self {
        Self {
            cpu_us: AtomicU64::new(0),
            peak_memory: AtomicUsize::new(0),
            host_calls: AtomicU32::new(0),
            log: Mutex::new(Log::new(log)),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self, level: LogLevel, text: &str) {
        self.log().write(level, text);
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.log().is_cut()
    }

    pub(crate) fn used_cpu(&self, used: Duration) {
        let micros = u64::try_from(used.as_micros()).unwrap_or(u64::MAX);
        self.cpu_us.store(micros, Relaxed);
    }

    pub(crate) fn used_memory(&self, peak: usize) {
        self.peak_memory.store(peak, Relaxed);
    }

    pub(crate) fn called_host(&self, calls: u32) {
        self.host_calls.store(calls, Relaxed);
    }

    pub(crate) fn report(&self, wall: Duration) -> CallReport {
        CallReport {
            cpu: Duration::from_micros(self.cpu_us.load(Relaxed)),
            wall,
            peak_memory: self.peak_memory.load(Relaxed),
            host_calls: self.host_calls.load(Relaxed),
            log: self.log().lines().to_vec(),
            ..CallReport::default()
        }
    }
}
