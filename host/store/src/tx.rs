//! One transaction of one tenant: the only way to the tables.
//!
//! Every query of an entity is a method on `Tx`, in that entity's file. The
//! tenant is put into each of them in one place, `Tx::mine`, so that no query can
//! forget it. Events are handed to `emit` and written last, together.

use std::sync::{Arc, Mutex, PoisonError};

use deskbell_domain::audit::AuditEntry;
use deskbell_domain::{Event, TenantId};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DeleteMany, EntityTrait, IntoActiveModel, Iterable,
    ModelTrait, PrimaryKeyToColumn, QueryFilter, Select, UpdateMany,
};

use crate::error::StoreError;
use crate::feed::NewEvent;
use crate::link::Link;
use crate::open::Store;
use crate::writer::ClosureWork;

pub struct Tx {
    link: Arc<Link>,
    tenant: TenantId,
    events: Mutex<Vec<NewEvent>>,
    noted: Mutex<Vec<AuditEntry>>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// A table whose rows belong to tenants.
pub(crate) trait TenantTable: EntityTrait {
    const TENANT: Self::Column;
}

impl Tx {
    pub(crate) fn new(link: Arc<Link>, tenant: TenantId) -> Self {
        Self {
            link,
            tenant,
            events: Mutex::new(Vec::new()),
            noted: Mutex::new(Vec::new()),
        }
    }

    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// "This tenant's rows": the one place that says so for the entities.
    fn mine<E: TenantTable>(&self) -> Condition {
        let all = Condition::all();
        if self.link.faults.forget_tenant {
            all
        } else {
            all.add(E::TENANT.eq(self.tenant.0))
        }
    }

    pub(crate) fn find<E: TenantTable>(&self) -> Select<E> {
        E::find().filter(self.mine::<E>())
    }

    pub(crate) fn update<E: TenantTable>(&self) -> UpdateMany<E> {
        E::update_many().filter(self.mine::<E>())
    }

    pub(crate) fn delete<E: TenantTable>(&self) -> DeleteMany<E> {
        E::delete_many().filter(self.mine::<E>())
    }

    /// Tells of something that this transaction does. Written with it, or not
    /// at all.
    pub fn emit(&self, event: Event) -> Result<(), StoreError> {
        let event = NewEvent::of(event)?;
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event);
        Ok(())
    }

    /// Notes for the audit log what this transaction does. Written with it, or not
    /// at all.
    pub fn note(&self, entry: AuditEntry) {
        self.noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }

    pub(crate) fn take_noted(&self) -> Vec<AuditEntry> {
        std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn take_events(&self) -> Vec<NewEvent> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Runs `f` in a transaction, all of it or nothing.
    ///
    /// `f` may be run again (after a lost race, or beside a neighbour that broke
    /// the shared commit), so it must have no effect outside the transaction. It
    /// is not cancelled when the caller goes away. An error it returns undoes
    /// what it wrote; it must not go on after an error of the store.
    pub async fn write<T, E, F>(&self, tenant: TenantId, f: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let f = Arc::new(f);
        self.inner
            .writer
            .alone(move |reply| {
                ClosureWork::boxed(reply, move |link| {
                    let f = Arc::clone(&f);
                    Box::pin(async move {
                        let tx = Tx::new(link, tenant);
                        let outcome = match f(&tx).await {
                            Ok(done) => tx.write_audit().await.map(|()| done).map_err(E::from),
                            refused => refused,
                        };
                        (outcome, tx.take_events())
                    })
                })
            })
            .await
    }

    /// Runs `f` in a reading transaction: everything it sees is of one instant.
    pub async fn read<T, E, F>(&self, tenant: TenantId, f: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a Tx) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError>,
    {
        let tx = self.snapshot(tenant).await?;
        let outcome = f(&tx).await;
        tx.finish().await?;
        outcome
    }

    /// A reading transaction to hold on to; dropping it ends it. On PostgreSQL
    /// it must be used within two seconds.
    pub async fn snapshot(&self, tenant: TenantId) -> Result<Tx, StoreError> {
        Ok(Tx::new(self.read_link().await?, tenant))
    }
}

impl Tx {
    async fn finish(self) -> Result<(), StoreError> {
        match Arc::into_inner(self.link) {
            Some(link) => link.commit().await,
            None => Ok(()),
        }
    }
}

/// A row whose every column is to be written, but for its key.
pub(crate) fn all_set<M>(row: M) -> <M::Entity as EntityTrait>::ActiveModel
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    let mut row = row.into_active_model().reset_all();
    for key in <M::Entity as EntityTrait>::PrimaryKey::iter() {
        row.not_set(key.into_column());
    }
    row
}

/// Inserts a row, unless another has the same values in these unique columns.
pub(crate) async fn insert_unless<M>(
    tx: &Tx,
    row: M,
    taken: impl IntoIterator<Item = <M::Entity as EntityTrait>::Column>,
) -> Result<bool, StoreError>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    let conflict = OnConflict::columns(taken).do_nothing().to_owned();
    let insert = <M::Entity as EntityTrait>::insert(row.into_active_model()).on_conflict(conflict);
    Ok(insert.exec_without_returning(tx.link()).await? == 1)
}
