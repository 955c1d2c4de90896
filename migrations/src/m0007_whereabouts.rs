//! What a visitor's browser says of itself: the page, the language, the clock, the
//! screen.

crate::dialect::step!(
    "
ALTER TABLE visitors ADD COLUMN page {text};
ALTER TABLE visitors ADD COLUMN locale {text};
ALTER TABLE visitors ADD COLUMN time_zone {text};
ALTER TABLE visitors ADD COLUMN screen {text};
"
);
