//! Contacts: the people behind the visitors.

use deskbell_domain::{Contact, ContactId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::error::StoreError;
use crate::rows::{attributes, json};
use crate::tx::{TenantTable, Tx, all_set};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contacts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: Option<String>,
        pub email: Option<String>,
        pub verified: bool,
        pub vip: bool,
        pub attributes: String,
        pub created_at: i64,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: ContactId(row.id),
        name: row.name,
        email: row.email,
        verified: row.verified,
        vip: row.vip,
        attributes: json(&row.attributes)?,
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}

impl Tx {
    fn contact_row(&self, contact: &Contact) -> Result<row::Model, StoreError> {
        Ok(row::Model {
            tenant_id: self.tenant().0,
            id: contact.id.0,
            name: contact.name.clone(),
            email: contact.email.clone(),
            verified: contact.verified,
            vip: contact.vip,
            attributes: attributes(&contact.attributes)?,
            created_at: contact.created_at.0,
            version: contact.version,
        })
    }

    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        select.one(self.link()).await?.map(entity).transpose()
    }

    /// In the order of their ids.
    pub async fn contacts(
        &self,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<Contact>, StoreError> {
        let mut select = self
            .find::<row::Entity>()
            .order_by_asc(row::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            select = select.filter(row::Column::Id.gt(after.0));
        }
        select
            .all(self.link())
            .await?
            .into_iter()
            .map(entity)
            .collect()
    }

    pub async fn insert_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let row = self.contact_row(contact)?;
        row::Entity::insert(row.into_active_model())
            .exec_without_returning(self.link())
            .await?;
        Ok(())
    }

    pub async fn save_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let row = all_set(self.contact_row(contact)?);
        let update = self.update::<row::Entity>().set(row);
        update
            .filter(row::Column::Id.eq(contact.id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}
