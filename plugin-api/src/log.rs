//! Lines for the plugin's own log.
//!
//! Logging never fails. What exceeds the call's allowance is cut, and the cut is
//! marked. Do not log what a visitor would not want to be read by admins.

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author, while looking for something.
    Debug,
    /// What happened, in the normal course of things.
    Info,
    /// Something is odd, and the plugin went on.
    Warn,
    /// The plugin could not do what it was asked.
    Error,
}

/// Writes a line for the author.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// Writes a line about the normal course of things.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// Writes a line about something odd.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

/// Writes a line about a failure.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref());
}

/// Writes a line of this level.
pub fn write(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    {
        use crate::bindings::host::deskbell::host::log;
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warn => log::Level::Warn,
            Level::Error => log::Level::Error,
        };
        log::write(level, message);
    }
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::host::log(level, message);
}
