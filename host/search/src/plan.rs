//! From a question to what tantivy runs, and to what will be marked in the hits.
//!
//! Ranks are few and fixed: found exactly in the message, in the subject or
//! contact, as a beginning, misspelt; within a rank the newest first. The usual
//! statistics of word frequency say little about chat lines.

use std::collections::HashSet;

use deskbell_domain::TenantId;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, PhraseQuery,
    Query,
};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::ask::{Ask, From, Wanted};
use crate::expand::{Likeness, Similar, similar};
use crate::marking::{mark, marked};
use crate::schema::Fields;
use crate::wall::{term, unscored};

pub(crate) struct Plan {
    pub query: Box<dyn Query>,
    pub marks: Marks,
    /// What a message that has everything exactly scores.
    pub best: f32,
}

/// What to mark in a hit's text.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub words: HashSet<String>,
    pub phrases: Vec<Vec<String>>,
}

pub(crate) fn plan(
    ask: &Ask,
    tenant: TenantId,
    searcher: &Searcher,
    fields: &Fields,
) -> tantivy::Result<Plan> {
    let mut planner = Planner {
        searcher,
        fields,
        mark: mark(tenant),
        marks: Marks::default(),
        in_text: Vec::new(),
        about_matters: false,
    };
    let query = planner.whole(ask)?;
    Ok(Plan {
        query,
        marks: planner.marks,
        best: ask.wanted.len() as f32,
    })
}

struct Planner<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    mark: String,
    marks: Marks,
    /// Each wanted thing as found in the message itself.
    in_text: Vec<Box<dyn Query>>,
    about_matters: bool,
}

impl Planner<'_> {
    fn whole(&mut self, ask: &Ask) -> tantivy::Result<Box<dyn Query>> {
        if ask.void {
            return Ok(Box::new(EmptyQuery));
        }
        let mut must: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for wanted in &ask.wanted {
            must.push((Occur::Must, self.wanted(wanted)?));
        }
        if self.about_matters {
            // Subject and contact name stand for the conversation: they complete
            // a message's words, and alone they find its first message only.
            let mut any = std::mem::take(&mut self.in_text);
            any.push(term(self.fields.opening_term()));
            let some = BooleanQuery::union(any);
            must.push((Occur::Must, unscored(Box::new(some))));
        }
        if !ask.from.is_empty() {
            let senders: tantivy::Result<Vec<_>> =
                ask.from.iter().map(|from| self.sender(from)).collect();
            let any = BooleanQuery::union(senders?);
            must.push((Occur::Must, unscored(Box::new(any))));
        }
        if !ask.statuses.is_empty() {
            let any = ask
                .statuses
                .iter()
                .map(|status| term(Term::from_field_text(self.fields.status, status.as_str())));
            let any = BooleanQuery::union(any.collect());
            must.push((Occur::Must, unscored(Box::new(any))));
        }
        if must.is_empty() {
            return Ok(unscored(Box::new(AllQuery)));
        }
        Ok(Box::new(BooleanQuery::new(must)))
    }

    fn wanted(&mut self, wanted: &Wanted) -> tantivy::Result<Box<dyn Query>> {
        let (text, about) = match wanted {
            Wanted::Word(word) => {
                let found = self.similar(self.fields.text, word)?;
                self.marks
                    .words
                    .extend(found.iter().map(|similar| similar.word.clone()));
                let about = self.similar(self.fields.about, word)?;
                (
                    self.ranked(self.fields.text, &found, 1.0),
                    self.ranked(self.fields.about, &about, 0.8),
                )
            }
            Wanted::Phrase(words) => {
                self.marks.phrases.push(words.clone());
                (
                    vec![scored(self.phrase(self.fields.text, words), 1.0)],
                    vec![scored(self.phrase(self.fields.about, words), 0.8)],
                )
            }
        };
        self.in_text
            .extend(text.iter().map(|query| query.box_clone()));
        self.about_matters |= !about.is_empty();
        let any: Vec<_> = text.into_iter().chain(about).collect();
        if any.is_empty() {
            return Ok(Box::new(EmptyQuery));
        }
        Ok(Box::new(DisjunctionMaxQuery::new(any)))
    }

    fn similar(&self, field: Field, word: &str) -> tantivy::Result<Vec<Similar>> {
        similar(self.searcher, field, &self.mark, word)
    }

    /// One query for each likeness that occurs.
    fn ranked(&self, field: Field, found: &[Similar], weight: f32) -> Vec<Box<dyn Query>> {
        [
            (Likeness::Exact, 1.0),
            (Likeness::Beginning, 0.5),
            (Likeness::OneOff, 0.25),
            (Likeness::TwoOff, 0.125),
        ]
        .into_iter()
        .filter_map(|(likeness, score)| {
            let same = found.iter().filter(|similar| similar.likeness == likeness);
            let terms: Vec<_> = same
                .map(|similar| term(self.term(field, &similar.word)))
                .collect();
            (!terms.is_empty())
                .then(|| scored(Box::new(BooleanQuery::union(terms)), score * weight))
        })
        .collect()
    }

    fn phrase(&self, field: Field, words: &[String]) -> Box<dyn Query> {
        let mut terms: Vec<_> = words.iter().map(|word| self.term(field, word)).collect();
        match terms.len() {
            1 => term(terms.remove(0)),
            _ => Box::new(PhraseQuery::new(terms)),
        }
    }

    fn sender(&self, from: &From) -> tantivy::Result<Box<dyn Query>> {
        let field = self.fields.sender;
        Ok(match from {
            From::Kind(kind) => term(Term::from_field_text(
                self.fields.sender_kind,
                kind.as_str(),
            )),
            From::Name(Wanted::Phrase(words)) => self.phrase(field, words),
            From::Name(Wanted::Word(word)) => {
                let found = self.similar(field, word)?;
                Box::new(BooleanQuery::union(self.ranked(field, &found, 1.0)))
            }
        })
    }

    fn term(&self, field: Field, word: &str) -> Term {
        Term::from_field_text(field, &marked(&self.mark, word))
    }
}

fn scored(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}
