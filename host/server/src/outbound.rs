//! The way out: the app's `Outbound` on the egress engine, as the settings have it.

use async_trait::async_trait;
use deskbell_app::Outbound;
use deskbell_app::outside::{
    OutboundFailure, OutboundMethod, OutboundRequest, OutboundResponse, OutboundTerms,
};
use deskbell_domain::reach::HostPattern;
use deskbell_egress::{
    Addition, Egress, EgressConfig, Failure, Method, Paces, Request, Roots, Terms, goes_to,
};

use crate::config::{Config, Wrong};

/// Of a request; a plugin's own limits are lower.
const REQUEST_BYTES: usize = 1024 * 1024;

pub struct WayOut {
    egress: Egress,
    allow_http: bool,
}

/// The engine these settings describe.
pub fn of(config: &Config) -> Result<WayOut, Wrong> {
    let egress = &config.egress;
    let wrong = |setting: &'static str| move |why: String| Wrong::new(setting, why);
    let mut roots = Roots::public();
    if !egress.ca_file.as_os_str().is_empty() {
        let pem = std::fs::read(&egress.ca_file)
            .map_err(|error| error.to_string())
            .map_err(wrong("egress.ca_file"))?;
        roots = roots
            .and(&pem)
            .map_err(|error| error.to_string())
            .map_err(wrong("egress.ca_file"))?;
    }
    let allowed = egress.allow_private.iter().map(|text| text.parse());
    let allowed = allowed.collect::<Result<Vec<_>, deskbell_egress::BadAllowed>>();
    let engine = Egress::new(EgressConfig {
        roots,
        allowed: allowed
            .map_err(|error| error.to_string())
            .map_err(wrong("egress.allow_private"))?,
        allow_http: egress.allow_http,
        paces: Paces {
            at_once: egress.requests_at_once,
            per_minute: egress.requests_per_minute,
        },
        ..EgressConfig::default()
    });
    let engine = engine.map_err(|error| error.to_string());
    Ok(WayOut {
        egress: engine.map_err(wrong("egress"))?,
        allow_http: egress.allow_http,
    })
}

impl WayOut {
    /// Over an engine that is there, and takes plain `http:` URLs.
    #[must_use]
    pub const fn over(egress: Egress) -> Self {
        Self {
            egress,
            allow_http: true,
        }
    }
}

#[async_trait]
impl Outbound for WayOut {
    fn goes_to(&self, url: &str, hosts: &[HostPattern]) -> bool {
        goes_to(url, hosts)
    }

    async fn send(
        &self,
        request: OutboundRequest,
        terms: OutboundTerms,
    ) -> Result<OutboundResponse, OutboundFailure> {
        let additions = terms.secrets.into_iter().map(|secret| Addition {
            name: secret.name,
            hosts: secret.hosts,
            placement: secret.placement,
            value: secret.value,
        });
        let terms = Terms {
            client: terms.client,
            hosts: terms.hosts,
            timeout: request.timeout,
            request_bytes: REQUEST_BYTES,
            response_bytes: request.response_bytes,
            additions: additions.collect(),
        };
        let request = Request {
            method: method(request.method),
            url: request.url,
            headers: request.headers,
            body: request.body,
        };
        let sent = self.egress.send(request, &terms).await;
        let outcome = sent.as_ref().err().map_or("ok", Failure::code);
        metrics::counter!("deskbell_egress_requests_total", "outcome" => outcome).increment(1);
        match sent {
            Ok(response) => Ok(OutboundResponse {
                status: response.status,
                headers: response.headers,
                body: response.body,
            }),
            Err(failure) => Err(refused(&failure)),
        }
    }

    fn allows_http(&self) -> bool {
        self.allow_http
    }
}

pub(crate) const fn method(method: OutboundMethod) -> Method {
    match method {
        OutboundMethod::Get => Method::Get,
        OutboundMethod::Head => Method::Head,
        OutboundMethod::Post => Method::Post,
        OutboundMethod::Put => Method::Put,
        OutboundMethod::Patch => Method::Patch,
        OutboundMethod::Delete => Method::Delete,
    }
}

pub(crate) fn refused(failure: &Failure) -> OutboundFailure {
    let why = failure.to_string();
    match failure {
        Failure::Denied(_) => OutboundFailure::Denied(why),
        Failure::Timeout(_) => OutboundFailure::Timeout(why),
        Failure::TooLarge(_) => OutboundFailure::TooLarge(why),
        Failure::Unreachable(_) => OutboundFailure::Unreachable(why),
        Failure::TooManyRequests(_) => OutboundFailure::TooManyRequests(why),
    }
}
