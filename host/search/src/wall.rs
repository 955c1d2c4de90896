//! Who may find what: the filter every query is wrapped in, below the parser.
//!
//! Nothing a person types reaches this file. A query that did not pass through
//! `around` is not run: `index.rs` has no other way to the searcher.

use deskbell_domain::{Actor, AgentId, TeamId, TenantId, Who};
use tantivy::Term;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::schema::Fields;

/// Whose eyes. There is none for visitors: they do not search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Supervisors and up.
    All,
    /// Conversations of the agent's teams, without a team, or assigned to it.
    Agent { id: AgentId, teams: Vec<TeamId> },
}

impl Viewer {
    /// None for a visitor.
    #[must_use]
    pub fn of(actor: &Actor) -> Option<Self> {
        match &actor.who {
            Who::Agent { role, .. } if role.sees_all() => Some(Self::All),
            Who::Agent { id, teams, .. } => Some(Self::Agent {
                id: *id,
                teams: teams.clone(),
            }),
            Who::Plugin { .. } => None,
            Who::System => Some(Self::All),
            Who::Visitor { .. } => None,
        }
    }
}

/// The mandatory terms of one request.
#[derive(Debug, Clone)]
pub(crate) struct Wall {
    pub tenant: TenantId,
    pub viewer: Viewer,
    /// The planted bug its test must find.
    #[cfg(test)]
    pub forget_tenant: bool,
}

impl Wall {
    pub(crate) fn around(&self, fields: &Fields, query: Box<dyn Query>) -> BooleanQuery {
        let mut clauses = vec![(Occur::Must, query)];
        if !self.forgets_tenant() {
            let tenant = term(fields.tenant_term(self.tenant));
            clauses.push((Occur::Must, unscored(tenant)));
        }
        if let Viewer::Agent { id, teams } = &self.viewer {
            clauses.push((Occur::Must, unscored(visible(fields, *id, teams))));
        }
        BooleanQuery::new(clauses)
    }

    #[cfg(test)]
    fn forgets_tenant(&self) -> bool {
        self.forget_tenant
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the planted bug needs it")]
    fn forgets_tenant(&self) -> bool {
        false
    }
}

fn visible(fields: &Fields, id: AgentId, teams: &[TeamId]) -> Box<dyn Query> {
    let mut any = vec![
        term(fields.team_term(None)),
        term(Term::from_field_text(fields.assignee, &id.to_string())),
    ];
    any.extend(
        teams
            .iter()
            .map(|team| term(fields.team_term(Some(&team.to_string())))),
    );
    Box::new(BooleanQuery::union(any))
}

pub(crate) fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

/// A filter says yes or no and adds nothing to the rank.
pub(crate) fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
