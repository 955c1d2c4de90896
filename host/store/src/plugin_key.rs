//! Values that plugins keep, by key, with what they come to in a row of its own.
//! Keys are bytes here: both engines then compare and sort them alike.

use deskbell_domain::{InstallationId, Timestamp};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::error::StoreError;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub installation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: Vec<u8>,
        pub value: Vec<u8>,
        pub size: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod usage_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plugin_key_usage")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub installation_id: Uuid,
        pub keys: i64,
        pub bytes: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

impl TenantTable for usage_row::Entity {
    const TENANT: usage_row::Column = usage_row::Column::TenantId;
}

/// What an installation keeps: how many keys, and how many bytes of keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage {
    pub keys: i64,
    pub bytes: i64,
}

/// A key without its value.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct KeyFacts {
    pub key: Vec<u8>,
    pub size: i64,
    pub updated_at: i64,
}

impl Tx {
    fn keys_of(&self, id: InstallationId) -> Select<row::Entity> {
        self.find::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
    }

    pub async fn plugin_key(
        &self,
        id: InstallationId,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let select = self.keys_of(id).filter(row::Column::Key.eq(key.to_vec()));
        Ok(select.one(self.link()).await?.map(|row| row.value))
    }

    /// In order, behind `after`, as far as they begin with the prefix.
    pub async fn plugin_keys(
        &self,
        id: InstallationId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: u64,
    ) -> Result<Vec<KeyFacts>, StoreError> {
        let mut select = self
            .keys_of(id)
            .filter(row::Column::Key.gte(prefix.to_vec()));
        if let Some(end) = end_of(prefix) {
            select = select.filter(row::Column::Key.lt(end));
        }
        if let Some(after) = after {
            select = select.filter(row::Column::Key.gt(after.to_vec()));
        }
        let facts = select
            .order_by_asc(row::Column::Key)
            .limit(limit)
            .select_only()
            .columns([row::Column::Key, row::Column::Size, row::Column::UpdatedAt]);
        Ok(facts.into_model::<KeyFacts>().all(self.link()).await?)
    }

    /// Held until this transaction ends: nobody else changes its keys.
    pub async fn hold_plugin_keys(&self, id: InstallationId) -> Result<KeyUsage, StoreError> {
        let none = usage_row::Model {
            tenant_id: self.tenant().0,
            installation_id: id.0,
            keys: 0,
            bytes: 0,
        };
        let taken = [
            usage_row::Column::TenantId,
            usage_row::Column::InstallationId,
        ];
        insert_unless(self, none, taken).await?;
        let held = self
            .find::<usage_row::Entity>()
            .filter(usage_row::Column::InstallationId.eq(id.0))
            .lock_exclusive();
        let row = held.one(self.link()).await?;
        Ok(row.map_or_else(KeyUsage::default, |row| KeyUsage {
            keys: row.keys,
            bytes: row.bytes,
        }))
    }

    pub async fn save_key_usage(
        &self,
        id: InstallationId,
        usage: KeyUsage,
    ) -> Result<(), StoreError> {
        let row = usage_row::Model {
            tenant_id: self.tenant().0,
            installation_id: id.0,
            keys: usage.keys,
            bytes: usage.bytes,
        };
        let update = self
            .update::<usage_row::Entity>()
            .filter(usage_row::Column::InstallationId.eq(id.0))
            .set(all_set(row));
        update.exec(self.link()).await?;
        Ok(())
    }

    /// In place of an earlier value.
    pub async fn put_plugin_key(
        &self,
        id: InstallationId,
        key: &[u8],
        value: &[u8],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            installation_id: id.0,
            key: key.to_vec(),
            value: value.to_vec(),
            size: i64::try_from(value.len()).unwrap_or(i64::MAX),
            updated_at: at.0,
        };
        let taken = [
            row::Column::TenantId,
            row::Column::InstallationId,
            row::Column::Key,
        ];
        if insert_unless(self, row.clone(), taken).await? {
            return Ok(());
        }
        let update = self
            .update::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .filter(row::Column::Key.eq(key.to_vec()))
            .set(all_set(row));
        update.exec(self.link()).await?;
        Ok(())
    }

    pub async fn delete_plugin_key(
        &self,
        id: InstallationId,
        key: &[u8],
    ) -> Result<(), StoreError> {
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0))
            .filter(row::Column::Key.eq(key.to_vec()));
        delete.exec(self.link()).await?;
        Ok(())
    }

    pub(crate) async fn delete_plugin_keys(&self, id: InstallationId) -> Result<(), StoreError> {
        let keys = self
            .delete::<row::Entity>()
            .filter(row::Column::InstallationId.eq(id.0));
        keys.exec(self.link()).await?;
        let usage = self
            .delete::<usage_row::Entity>()
            .filter(usage_row::Column::InstallationId.eq(id.0));
        usage.exec(self.link()).await?;
        Ok(())
    }
}

/// The first key behind all that begin so; none, if there is no such.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::end_of;

    #[test]
    fn the_end_of_a_prefix() {
        assert_eq!(end_of(b"ab").as_deref(), Some(b"ac".as_slice()));
        assert_eq!(end_of(b"a\xff").as_deref(), Some(b"b".as_slice()));
        assert_eq!(end_of(b"\xff"), None);
        assert_eq!(end_of(b""), None);
    }
}
