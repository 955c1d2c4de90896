//! Tenants: made by the operator, each with its first owner and first team.

use deskbell_domain::agent::DEFAULT_CAPACITY;
use deskbell_domain::tenant::{Tenant, TenantSettings, TenantState};
use deskbell_domain::text::{Check, NAME_MAX_CHARS};
use deskbell_domain::{Actor, AgentId, Refusal, Role, TenantId};

use crate::admin::agents::NewAgent;
use crate::app::{App, stored};
use crate::error::Error;

#[derive(Debug, Clone)]
pub struct NewTenant {
    pub slug: String,
    pub name: String,
    pub owner_email: String,
    pub owner_name: String,
    pub owner_password: String,
}

impl App {
    /// A tenant with its owner, who can then make everything else.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<(Tenant, AgentId), Error> {
        let mut check = Check::new();
        check.required("/name", &new.name, NAME_MAX_CHARS, false);
        let slug_fits = (1..=32).contains(&new.slug.len())
            && new
                .slug
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !slug_fits {
            check.refuse(
                "/slug",
                "bad_name",
                "1 to 32 lower-case letters, digits or dashes.",
            );
        }
        check.done()?;
        let owner = NewAgent {
            email: new.owner_email,
            name: new.owner_name,
            role: Role::Owner,
            password: new.owner_password,
            capacity: DEFAULT_CAPACITY,
            team_ids: vec![],
        };
        owner.check()?;
        let tenant = Tenant {
            id: TenantId(self.ids.uuid()),
            slug: new.slug,
            name: new.name,
            state: TenantState::Active,
            settings: TenantSettings::default(),
            created_at: self.now(),
        };
        let row = tenant.clone();
        let inserted = self.store.system(move |sys| {
            let row = row.clone();
            Box::pin(async move { sys.insert_tenant(&row).await })
        });
        if !stored(inserted.await)? {
            return Err(Refusal::Taken("The tenant's short name").into());
        }
        let owner = self.create_agent(&Actor::system(tenant.id), owner).await?;
        Ok((tenant, owner.id))
    }

    /// The tenant of a short name, for the operator's commands.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, Error> {
        Ok(self
            .store
            .system_snapshot()
            .await?
            .tenant_by_slug(slug)
            .await?)
    }
}
