//! What the app, the domain and the search refuse, as problems.

use std::sync::Arc;

use deskbell_app::Error;
use deskbell_app::error::AuthError;
use deskbell_domain::Refusal;
use deskbell_domain::refusal::FieldError;
use deskbell_search::SearchError;

use super::{Problem, escape};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.kind(), refusal.code(), refusal.to_string());
        let errors = match refusal {
            Refusal::Invalid(errors)
            | Refusal::PluginRefused(errors)
            | Refusal::GrantMissing(errors) => errors,
            Refusal::MissingVariables(names) => names
                .into_iter()
                .map(|name| {
                    let detail = format!("`{name}` has no value here.");
                    FieldError::new(&format!("/variables/{}", escape(&name)), "missing", detail)
                })
                .collect(),
            _ => Vec::new(),
        };
        Self { errors, ..problem }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Auth(error) => error.into(),
            unforeseen => {
                Self::unforeseen(unforeseen.kind(), unforeseen.code(), Arc::new(unforeseen))
            }
        }
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Refused(refusal) => refusal.into(),
            unforeseen => {
                Self::unforeseen(unforeseen.kind(), unforeseen.code(), Arc::new(unforeseen))
            }
        }
    }
}
