//! Keeps the node's memory of plugins true, beside everything else.
