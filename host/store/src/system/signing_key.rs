//! The keys that sign tokens. Retired ones stay until their last token is over.

use deskbell_domain::{KeyId, Timestamp};

use crate::error::StoreError;
use crate::rows::get;
use crate::system::SystemTx;

#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    pub id: KeyId,
    pub secret: Vec<u8>,
    pub created_at: Timestamp,
    pub retired_at: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl SystemTx {
    /// The newest first, retired ones too.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        let sql = "SELECT * FROM signing_keys ORDER BY created_at DESC, id DESC";
        let rows = self.link().rows(sql, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                Ok(SigningKey {
                    id: KeyId(get(row, "id")?),
                    secret: get(row, "secret")?,
                    created_at: Timestamp(get(row, "created_at")?),
                    retired_at: get::<Option<i64>>(row, "retired_at")?.map(Timestamp),
                })
            })
            .collect()
    }

    pub async fn insert_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO signing_keys (id, secret, created_at, retired_at) \
                   VALUES ($1, $2, $3, $4)";
        let values = vec![
            key.id.0.into(),
            key.secret.clone().into(),
            key.created_at.0.into(),
            key.retired_at.map(|at| at.0).into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }
}
