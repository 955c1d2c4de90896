//! The clock that stops guests: a thread that counts the engine's epoch up every
//! millisecond while a guest runs, and sleeps when none has run for a while.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

pub(crate) const EVERY: Duration = Duration::from_millis(1);
/// Ticks without a guest before it sleeps: waking it for each call of a busy
/// desk would cost more than the ticks.
const IDLE: u32 = 20;

pub(crate) struct Ticker {
    inner: Arc<Inner>,
}

struct Inner {
    engine: EngineWeak,
    running: AtomicUsize,
    asleep: AtomicBool,
    ticks: AtomicU64,
    stopped: Mutex<bool>,
    wake: Condvar,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let inner = Arc::new(Inner {
            engine: engine.weak(),
            running: AtomicUsize::new(0),
            asleep: AtomicBool::new(false),
            ticks: AtomicU64::new(0),
            stopped: Mutex::new(false),
            wake: Condvar::new(),
        });
        let ticking = inner.clone();
        std::thread::Builder::new()
            .name("deskbell-epochs".to_owned())
            .spawn(move || ticking.run())?;
        Ok(Self { inner })
    }

    /// A guest runs for as long as the answer lives.
    pub(crate) fn running(&self) -> Running<'_> {
        self.inner.running.fetch_add(1, Ordering::SeqCst);
        if self.inner.asleep.load(Ordering::SeqCst) {
            let _held = self.inner.stopped.lock();
            self.inner.wake.notify_one();
        }
        Running(&self.inner)
    }

    #[cfg(test)]
    pub(crate) fn is_asleep(&self) -> bool {
        self.inner.asleep.load(Ordering::SeqCst)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        *self
            .inner
            .stopped
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.inner.wake.notify_one();
    }
}

pub(crate) struct Running<'a>(&'a Inner);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Inner {
    fn run(&self) {
        let mut idle = 0;
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        while !*stopped {
            idle = match self.running.load(Ordering::SeqCst) {
                0 => idle + 1,
                _ => 0,
            };
            if idle >= IDLE {
                self.asleep.store(true, Ordering::SeqCst);
                while self.running.load(Ordering::SeqCst) == 0 && !*stopped {
                    stopped = self
                        .wake
                        .wait(stopped)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                self.asleep.store(false, Ordering::SeqCst);
                idle = 0;
            }
            stopped = match self.wake.wait_timeout(stopped, EVERY) {
                Ok((stopped, _)) => stopped,
                Err(poisoned) => poisoned.into_inner().0,
            };
            let Some(engine) = self.engine.upgrade() else {
                return;
            };
            engine.increment_epoch();
            self.ticks.fetch_add(1, Ordering::Relaxed);
        }
    }
}
