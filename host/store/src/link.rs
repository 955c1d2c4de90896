//! A transaction as the rest of the store uses it: it counts, and it remembers.
//!
//! The first error of any statement sticks to the link. A unit may swallow the
//! error, but never the fact: on PostgreSQL the transaction is dead by then and
//! its commit would be a silent rollback, on SQLite it may be gone altogether.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait, Value,
};

use tokio::sync::OwnedSemaphorePermit;

use crate::counters::Counters;
use crate::error::StoreError;
use crate::open::{Engine, Faults};

pub(crate) struct Link {
    transaction: DatabaseTransaction,
    pub(crate) engine: Engine,
    pub(crate) faults: Faults,
    counters: Arc<Counters>,
    writing: bool,
    broken: Mutex<Option<StoreError>>,
    /// A place among those who use the pool.
    _place: Option<OwnedSemaphorePermit>,
}

/// What every link of one store has in common.
#[derive(Clone)]
pub(crate) struct LinkKind {
    pub(crate) engine: Engine,
    pub(crate) faults: Faults,
    pub(crate) counters: Arc<Counters>,
    pub(crate) writing: bool,
}

impl LinkKind {
    pub(crate) fn link(
        &self,
        transaction: DatabaseTransaction,
        place: Option<OwnedSemaphorePermit>,
    ) -> Link {
        Link {
            transaction,
            engine: self.engine,
            faults: self.faults.clone(),
            counters: Arc::clone(&self.counters),
            writing: self.writing,
            broken: Mutex::new(None),
            _place: place,
        }
    }
}

impl Link {
    /// A savepoint inside this transaction.
    pub(crate) async fn savepoint(&self) -> Result<Self, StoreError> {
        self.counters.savepoint();
        let transaction = self.transaction.begin().await?;
        Ok(Self {
            transaction,
            engine: self.engine,
            faults: self.faults.clone(),
            counters: Arc::clone(&self.counters),
            writing: self.writing,
            broken: Mutex::new(None),
            _place: None,
        })
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }

    /// The first error of a statement, if any failed.
    pub(crate) fn broken(&self) -> Option<StoreError> {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Runs SQL written for both engines, with `$1`, `$2`, … for the values.
    pub(crate) async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        Ok(self.execute(sql, values).await?.rows_affected())
    }

    pub(crate) async fn execute(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<ExecResult, StoreError> {
        Ok(self.execute_raw(self.statement(sql, values)).await?)
    }

    pub(crate) async fn rows(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, StoreError> {
        Ok(self.query_all_raw(self.statement(sql, values)).await?)
    }

    /// At most one row. All of the statement's rows are read, so that a
    /// `RETURNING` is never left half done.
    pub(crate) async fn row(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<QueryResult>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.engine.backend(), sql, values)
    }

    /// Counts the statement; a planted engine error stands in for it.
    fn enter(&self) -> Result<(), DbErr> {
        self.counters.statement(self.writing);
        if self.writing && self.faults.statement_fails() {
            let text = "planted: disk I/O error".to_owned();
            return self.keep(Err(DbErr::Conn(sea_orm::RuntimeErr::Internal(text))));
        }
        Ok(())
    }

    fn keep<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &result {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            if broken.is_none() {
                *broken = Some(error.clone().into());
            }
        }
        result
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Link {
    fn get_database_backend(&self) -> DbBackend {
        self.engine.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.enter()?;
        self.keep(self.transaction.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.enter()?;
        self.keep(self.transaction.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.enter()?;
        self.keep(self.transaction.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.enter()?;
        self.keep(self.transaction.query_all_raw(statement).await)
    }
}
