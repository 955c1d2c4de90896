//! TLS to a server outside: whose word is taken for its name. Mozilla's list, and
//! what an operator adds for an intranet.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::destination::Target;
use crate::outside::Stream;

#[derive(Debug, Clone)]
pub struct Roots(RootCertStore);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRoots(String);

impl Roots {
    #[must_use]
    pub fn public() -> Self {
        Self(RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        })
    }

    /// With the certificates of a PEM file.
    ///
    /// # Errors
    ///
    /// It holds none, or one that is none.
    pub fn and(mut self, pem: &[u8]) -> Result<Self, BadRoots> {
        let before = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| BadRoots(format!("{error:?}")))?;
            let added = self.0.add(certificate);
            added.map_err(|error| BadRoots(error.to_string()))?;
        }
        if self.0.len() == before {
            return Err(BadRoots("holds no certificate".to_owned()));
        }
        Ok(self)
    }
}

#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    pub(crate) fn new(roots: Roots) -> Result<Self, BadRoots> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| BadRoots(error.to_string()))?;
        let mut config = config.with_root_certificates(roots.0).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// The other side must show a certificate for the name that was asked for,
    /// whatever address was dialled.
    pub(crate) async fn over(
        &self,
        stream: Box<dyn Stream>,
        target: &Target,
    ) -> io::Result<Box<dyn Stream>> {
        let name = match target {
            Target::Name(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
            Target::Address(address) => ServerName::IpAddress((*address).into()),
        };
        Ok(Box::new(self.0.connect(name, stream).await?))
    }
}
