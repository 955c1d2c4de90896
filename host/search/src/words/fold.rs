//! What a character becomes in a word, and whether it belongs to one at all.
//!
//! Folding only ever drops distinctions that people drop when they type in a
//! hurry. Tables are by hand and short; the rest is Unicode decomposition.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Letter,
    /// A word of its own: an ideograph, a syllable of a script without spaces,
    /// an emoji.
    Alone,
    /// Accents, vowel points, joiners: inside a word, but not kept.
    Mark,
    /// Vowel signs of Indic and South-East Asian scripts: kept with their letter.
    Joined,
    Break,
}

pub(super) fn class(c: char) -> Class {
    if dropped(c) {
        Class::Mark
    } else if is_combining_mark(c) {
        Class::Joined
    } else if alone(c) {
        Class::Alone
    } else if c.is_alphanumeric() {
        Class::Letter
    } else {
        Class::Break
    }
}

fn dropped(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}'      // accents
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}'..='\u{05C7}' // Hebrew points
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
        | '\u{06D6}'..='\u{06ED}' | '\u{0640}' // Arabic vowels, the stretching line
        | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' // invisible
        | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}') // variants, skin tones
}

fn alone(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}' // kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' // ideographs
        | '\u{0E01}'..='\u{0E4F}' | '\u{0E80}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}' // Burmese, Khmer
        | '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}') // pictures
        && !matches!(c, '\u{30FB}')
}

/// Appends what is left of a letter.
pub(super) fn push(c: char, out: &mut String) {
    // Taken apart, Hangul becomes single jamo and kana lose their voicing.
    if matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{3041}'..='\u{30FF}') || !c.is_alphanumeric() {
        out.push(c);
        return;
    }
    for lower in c.to_lowercase() {
        decompose_compatible(lower, |part| {
            if !dropped(part) && (part.is_alphanumeric() || is_combining_mark(part)) {
                part.to_lowercase().for_each(|part| replace(part, out));
            }
        });
    }
}

fn replace(c: char, out: &mut String) {
    let text = match c {
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        'ة' => "ه",
        'ٱ' => "ا",
        '\u{0660}'..='\u{0669}' => return digit(c, '\u{0660}', out),
        '\u{06F0}'..='\u{06F9}' => return digit(c, '\u{06F0}', out),
        '\u{0300}'..='\u{036F}' => "",
        other => return out.push(other),
    };
    out.push_str(text);
}

fn digit(c: char, zero: char, out: &mut String) {
    let value = u32::from(c) - u32::from(zero);
    out.extend(char::from_digit(value, 10));
}

/// Arabic writes the article, and "and", "by", "for" before it, as one word with
/// the noun; people search for the noun.
pub(super) fn without_article(word: &mut String) {
    const ARTICLES: [&str; 6] = ["وال", "بال", "فال", "كال", "ال", "لل"];
    const NOUN_MIN_CHARS: usize = 3;
    let article = ARTICLES.into_iter().find(|article| {
        word.strip_prefix(article)
            .is_some_and(|noun| noun.chars().count() >= NOUN_MIN_CHARS)
    });
    if let Some(article) = article {
        word.drain(..article.len());
    }
}
