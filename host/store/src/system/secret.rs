//! Secrets of the installation by name: made once, the same on every node.

use crate::error::StoreError;
use crate::rows::get;
use crate::system::SystemTx;

impl SystemTx {
    /// The secret of this name; `fresh` becomes it if there was none.
    pub async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let put = "INSERT INTO installation_secrets (name, secret) VALUES ($1, $2) \
                   ON CONFLICT (name) DO NOTHING";
        let values = vec![name.into(), fresh.to_vec().into()];
        self.link().run(put, values).await?;
        let read = "SELECT secret FROM installation_secrets WHERE name = $1";
        let row = self.link().row(read, vec![name.into()]).await?;
        let secret: Option<Vec<u8>> = row.map(|row| get(&row, "secret")).transpose()?;
        secret
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| StoreError::Corrupt(format!("the secret {name}")))
    }
}
