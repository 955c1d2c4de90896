//! The tenant's mark in front of each of its words, put there by the tokenizer.
//!
//! A field's text is the mark and the text; `marked` writes it, `MarkedWords`
//! reads it. Words already cut would do as well, but tantivy carries those
//! through JSON, which costs more than all the rest of indexing.

use deskbell_domain::TenantId;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::words::{Word, words};

pub(crate) const TOKENIZER: &str = "marked_words";
const MARK_BYTES: usize = 12;

/// The random end of the tenant's id. A fixed length keeps one tenant's mark from
/// being another's mark and a letter.
pub(crate) fn mark(tenant: TenantId) -> String {
    format!("{:012x}", tenant.0.as_u128() & 0xffff_ffff_ffff)
}

pub(crate) fn marked(mark: &str, text: &str) -> String {
    format!("{mark}{text}")
}

#[derive(Clone)]
pub(crate) struct MarkedWords;

impl Tokenizer for MarkedWords {
    type TokenStream<'a> = Marked<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Marked<'a> {
        let (mark, text) = text.split_at_checked(MARK_BYTES).unwrap_or_default();
        Marked {
            mark,
            words: words(text).into_iter(),
            token: Token::default(),
        }
    }
}

pub(crate) struct Marked<'a> {
    mark: &'a str,
    words: std::vec::IntoIter<Word>,
    token: Token,
}

impl TokenStream for Marked<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(self.mark);
        self.token.text.push_str(&word.text);
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
