//! The words of a tenant that resemble a word someone typed.
//!
//! They are looked up in the index's own dictionaries, so a word costs what the
//! tenant's vocabulary costs and names only what is really there. Exact words
//! rank above beginnings, those above misspellings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy::Searcher;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy_fst::Automaton;

/// Beyond these many, the rarest are left out.
const SIMILAR_MAX: usize = 50;
/// How many terms of one segment are looked at for one word.
const LOOK_MAX: usize = 2_000;
/// Shorter words begin too many others.
const BEGINNING_MIN_CHARS: usize = 3;
const ONE_OFF_MIN_CHARS: usize = 4;
const TWO_OFF_MIN_CHARS: usize = 8;

static WITHIN_ONE: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static WITHIN_TWO: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

/// How a word was found, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    Exact,
    Beginning,
    OneOff,
    TwoOff,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Similar {
    pub word: String,
    pub likeness: Likeness,
}

/// `mark` is the tenant's, in front of each of its words.
pub(crate) fn similar(
    searcher: &Searcher,
    field: Field,
    mark: &str,
    word: &str,
) -> tantivy::Result<Vec<Similar>> {
    let look = Look::new(mark, word);
    let mut found = BTreeMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        look.collect(inverted.terms(), &mut found)?;
    }
    let mut ranked: Vec<_> = found.into_iter().collect();
    ranked.sort_by_key(|(_, (likeness, uses))| (*likeness, std::cmp::Reverse(*uses)));
    ranked.truncate(SIMILAR_MAX);
    Ok(ranked
        .into_iter()
        .map(|(word, (likeness, _))| Similar { word, likeness })
        .collect())
}

type Found = BTreeMap<String, (Likeness, u64)>;

struct Look<'a> {
    mark: &'a str,
    word: &'a str,
    beginning: bool,
    misspelt: Option<DFA>,
}

impl<'a> Look<'a> {
    fn new(mark: &'a str, word: &'a str) -> Self {
        let chars = word.chars().count();
        // A number one digit off is another number.
        let spelt = !word.chars().any(char::is_numeric);
        let misspelt = match chars {
            _ if !spelt => None,
            TWO_OFF_MIN_CHARS.. => Some(WITHIN_TWO.build_dfa(word)),
            ONE_OFF_MIN_CHARS.. => Some(WITHIN_ONE.build_dfa(word)),
            _ => None,
        };
        Self {
            mark,
            word,
            beginning: chars >= BEGINNING_MIN_CHARS,
            misspelt,
        }
    }

    fn collect(&self, terms: &TermDictionary, found: &mut Found) -> tantivy::Result<()> {
        let exact = format!("{}{}", self.mark, self.word);
        if let Some(info) = terms.get(exact.as_bytes())? {
            note(found, self.word, Likeness::Exact, info.doc_freq);
        }
        if self.beginning {
            let mut stream = terms.range().gt(exact.as_bytes()).into_stream()?;
            for _ in 0..LOOK_MAX {
                let Some((term, info)) = stream.next() else {
                    break;
                };
                if !term.starts_with(exact.as_bytes()) {
                    break;
                }
                self.note(found, term, Likeness::Beginning, info.doc_freq);
            }
        }
        if let Some(dfa) = &self.misspelt {
            let marked = Marked {
                mark: self.mark.as_bytes(),
                dfa,
            };
            let mut stream = terms.search(marked).into_stream()?;
            for _ in 0..LOOK_MAX {
                let Some((term, info)) = stream.next() else {
                    break;
                };
                let likeness = match dfa.eval(term.get(self.mark.len()..).unwrap_or_default()) {
                    Distance::Exact(0) => Likeness::Exact,
                    Distance::Exact(1) => Likeness::OneOff,
                    _ => Likeness::TwoOff,
                };
                self.note(found, term, likeness, info.doc_freq);
            }
        }
        Ok(())
    }

    fn note(&self, found: &mut Found, term: &[u8], likeness: Likeness, uses: u32) {
        let word = term.get(self.mark.len()..).map(std::str::from_utf8);
        if let Some(Ok(word)) = word {
            note(found, word, likeness, uses);
        }
    }
}

fn note(found: &mut Found, word: &str, likeness: Likeness, uses: u32) {
    match found.get_mut(word) {
        Some((best, sum)) => {
            *best = likeness.min(*best);
            *sum += u64::from(uses);
        }
        None => {
            found.insert(word.to_owned(), (likeness, u64::from(uses)));
        }
    }
}

/// The mark to the letter, then a word within the distance: no edit can lead into
/// another tenant's words.
struct Marked<'a> {
    mark: &'a [u8],
    dfa: &'a DFA,
}

#[derive(Clone, Copy)]
enum State {
    InMark(usize),
    InWord(u32),
    Lost,
}

impl Automaton for Marked<'_> {
    type State = State;

    fn start(&self) -> State {
        State::InMark(0)
    }

    fn is_match(&self, state: &State) -> bool {
        matches!(state, State::InWord(at) if matches!(self.dfa.distance(*at), Distance::Exact(_)))
    }

    fn can_match(&self, state: &State) -> bool {
        match state {
            State::InMark(_) => true,
            State::InWord(at) => *at != SINK_STATE,
            State::Lost => false,
        }
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        match *state {
            State::InMark(at) if self.mark.get(at) != Some(&byte) => State::Lost,
            State::InMark(at) if at + 1 == self.mark.len() => {
                State::InWord(self.dfa.initial_state())
            }
            State::InMark(at) => State::InMark(at + 1),
            State::InWord(at) => State::InWord(self.dfa.transition(at, byte)),
            State::Lost => State::Lost,
        }
    }
}
