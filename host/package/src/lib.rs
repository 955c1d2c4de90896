//! The plugin file: a component with its manifest inside; making and reading it.
