//! `deskbell:host/log`: lines for the plugin's own log, cut at an allowance.

use deskbell_app::hooks::{LogLevel, LogLine};
use wasmtime::component::{Linker, WasmStr};
use wasmtime::{Result, StoreContextMut};

use crate::bindings::host::Level;
use crate::guest::Guest;
use crate::words;

pub(crate) const INTERFACE: &str = "deskbell:host/log@0.1.0";

/// At the end of what was cut.
const CUT: &str = " [cut]";

/// What one call wrote.
#[derive(Debug)]
pub(crate) struct Log {
    lines: Vec<LogLine>,
    left: usize,
    was_cut: bool,
}

impl Log {
    pub(crate) fn new(allowance: usize) -> Self {
        Self {
            lines: Vec::new(),
            left: allowance,
            was_cut: false,
        }
    }

    pub(crate) fn write(&mut self, level: LogLevel, text: &str) {
        if self.was_cut {
            return;
        }
        // A line costs a little even when it is empty.
        let room = self.left.saturating_sub(8);
        let mut kept = words::clean(words::cut_bytes(text, room));
        if text.len() > room {
            self.was_cut = true;
            kept.push_str(CUT);
        }
        self.left = room.saturating_sub(text.len());
        self.lines.push(LogLine { level, text: kept });
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.was_cut
    }

    pub(crate) fn lines(&self) -> &[LogLine] {
        &self.lines
    }
}

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "write",
        |mut store: StoreContextMut<'_, Guest>, (level, message): (Level, WasmStr)| {
            let level = match level {
                Level::Debug => LogLevel::Debug,
                Level::Info => LogLevel::Info,
                Level::Warn => LogLevel::Warn,
                Level::Error => LogLevel::Error,
            };
            // Logging never fails: what is too much is left out.
            if store.data_mut().meter.host_call() && !store.data().log.is_cut() {
                let message = message.to_str(&store)?.into_owned();
                store.data().log.write(level, &message);
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut_and_marked() {
        let mut log = Log::new(40);
        log.write(LogLevel::Info, "first\nline");
        log.write(LogLevel::Warn, &"x".repeat(100));
        log.write(LogLevel::Warn, "never seen");
        let lines = log.lines();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].text, "first line");
        assert!(lines[1].text.starts_with("xxxx") && lines[1].text.ends_with(CUT));
        assert!(lines[1].text.len() < 40);
    }
}
