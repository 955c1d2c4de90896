//! The CPU time of the current thread, or, where the system has no such clock,
//! the epochs that passed.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct CpuClock {
    #[cfg(target_os = "linux")]
    began: Duration,
    ticks: u32,
}

impl CpuClock {
    pub(crate) fn start() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            began: now(),
            ticks: 0,
        }
    }

    pub(crate) fn tick(&mut self) {
        self.ticks = self.ticks.saturating_add(1);
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn used(&self) -> Duration {
        now().saturating_sub(self.began)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn used(&self) -> Duration {
        crate::ticker::EVERY * self.ticks
    }
}

#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}
