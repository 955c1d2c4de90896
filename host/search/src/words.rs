//! Text into words, the same way for what is indexed, asked and highlighted.
//!
//! No language is guessed: letters and digits make words, accents fall away
//! (`words/fold.rs`), and scripts written without spaces give one word per
//! character, so that a run of them is found as a phrase. Knows no index.

mod fold;

/// Longer words are cut: nobody types them and they would bloat the dictionary.
const MAX_CHARS: usize = 64;

/// A folded word and the bytes of the text it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// The words of a text in order; a word's place in the list is its position.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut splitter = Splitter::default();
    for (start, c) in text.char_indices() {
        splitter.take(c, start, start + c.len_utf8());
    }
    splitter.close();
    splitter.done
}

/// The folded words alone.
pub(crate) fn folded(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.text).collect()
}

#[derive(Default)]
struct Splitter {
    done: Vec<Word>,
    open: Option<Word>,
    /// The open word is one character of a script without spaces.
    single: bool,
}

impl Splitter {
    fn take(&mut self, c: char, start: usize, end: usize) {
        match fold::class(c) {
            fold::Class::Mark => self.extend(end),
            fold::Class::Letter => self.letter(c, start, end),
            fold::Class::Alone => {
                self.close();
                self.single = true;
                self.letter(c, start, end);
            }
            fold::Class::Joined => match &mut self.open {
                Some(word) => {
                    word.end = end;
                    word.text.push(c);
                }
                None => self.letter(c, start, end),
            },
            fold::Class::Break => self.close(),
        }
    }

    fn letter(&mut self, c: char, start: usize, end: usize) {
        if self.single && self.open.is_some() {
            self.close();
        }
        let word = self.open.get_or_insert_with(|| Word {
            text: String::new(),
            start,
            end,
        });
        word.end = end;
        fold::push(c, &mut word.text);
    }

    /// A mark that folds away still belongs to the word it stands on.
    fn extend(&mut self, end: usize) {
        if let Some(word) = &mut self.open {
            word.end = end;
        }
    }

    fn close(&mut self) {
        self.single = false;
        let Some(mut word) = self.open.take() else {
            return;
        };
        if let Some((cut, _)) = word.text.char_indices().nth(MAX_CHARS) {
            word.text.truncate(cut);
        }
        fold::without_article(&mut word.text);
        if !word.text.is_empty() {
            self.done.push(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_ligatures_fold_away() {
        for (text, expected) in [
            ("Crème BRÛLÉE", "creme brulee"),
            ("Straße Ærø Łódź", "strasse aero lodz"),
            ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
            ("ΣΊΣΥΦΟΣ Ёлка", "σισυφοσ елка"),
            ("e\u{301}te\u{301}", "ete"),
            ("ﬁne ２０２６", "fine 2026"),
        ] {
            assert_eq!(folded(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn punctuation_separates_and_offsets_point_into_the_text() {
        let text = "Order A-1001: «à payer»!";
        let found = words(text);
        let texts: Vec<_> = found.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, ["order", "a", "1001", "a", "payer"]);
        assert_eq!(&text[found[3].start..found[3].end], "à");
        assert_eq!(&text[found[4].start..found[4].end], "payer");
    }

    #[test]
    fn scripts_without_spaces_give_one_word_a_character() {
        assert_eq!(folded("退款abc"), ["退", "款", "abc"]);
        assert_eq!(folded("ガス"), ["ガ", "ス"]);
        assert_eq!(folded("ok👍🏽"), ["ok", "👍"]);
        assert_eq!(folded("학교에서 밥"), ["학교에서", "밥"]);
    }

    #[test]
    fn arabic_loses_vowels_article_and_spelling_variants() {
        assert_eq!(folded("اَلْمُسَاعَدَة"), folded("مساعده"));
        assert_eq!(folded("أحمد"), folded("احمد"));
        assert_eq!(folded("طلب ١٢٣"), ["طلب", "123"]);
    }

    #[test]
    fn indic_vowels_stay() {
        assert_eq!(folded("किताब"), ["किताब"]);
    }

    #[test]
    fn endless_words_are_cut() {
        let found = words(&"x".repeat(5_000));
        assert_eq!(found[0].text.len(), MAX_CHARS);
        assert_eq!(found[0].end, 5_000);
    }
}
