//! Finding an answer by its words: no guessing, the words must be there.

use crate::config::Entry;

/// The answer whose words the text has most of; of two, the first.
pub(crate) fn find<'a>(entries: &'a [Entry], text: &str) -> Option<&'a str> {
    let text = words(text);
    let mut best: Option<(usize, &Entry)> = None;
    for entry in entries {
        let found = entry.words.iter().filter(|phrase| has(&text, phrase));
        let weight: usize = found.map(|phrase| words(phrase).len()).sum();
        if weight > best.map_or(0, |(most, _)| most) {
            best = Some((weight, entry));
        }
    }
    best.map(|(_, entry)| entry.answer.as_str())
}

fn has(text: &[String], phrase: &str) -> bool {
    let phrase = words(phrase);
    !phrase.is_empty() && text.windows(phrase.len()).any(|part| part == phrase)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(words: &[&str], answer: &str) -> Entry {
        Entry {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            answer: answer.to_owned(),
        }
    }

    #[test]
    fn whole_words_count_and_phrases_count_more() {
        let entries = [
            entry(&["open"], "Nine to five."),
            entry(&["open a parcel", "unpack"], "With scissors."),
            entry(&["!"], "Never."),
        ];
        let found = |text| find(&entries, text);
        assert_eq!(found("When are you OPEN?"), Some("Nine to five."));
        assert_eq!(found("How do I open a parcel"), Some("With scissors."));
        assert_eq!(found("opening"), None);
        assert_eq!(found("!"), None);
        assert_eq!(found(""), None);
    }
}
