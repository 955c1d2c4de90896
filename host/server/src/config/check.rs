//! What is wrong with the settings, each time in one line that names the one.

use std::net::ToSocketAddrs as _;

use axum::http::Uri;
use tracing_subscriber::EnvFilter;

use super::Config;

/// Each has a stack, and a place in the pool of instances.
const MOST_AUDIT_DAYS: u32 = 36_500;
const MOST_GUEST_THREADS: usize = 64;

/// A setting we cannot start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct Wrong {
    pub setting: String,
    pub reason: String,
}

impl Wrong {
    pub(crate) fn new(setting: &str, reason: String) -> Self {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            setting: setting.to_owned(),
            reason,
        }
    }

    /// The first complaint of the merged sources.
    pub(super) fn in_sources(error: figment::Error, file: &str) -> Self {
        let path = error.path.join(".");
        let kind = error.kind.to_string();
        // An unknown key is the path's own end.
        let setting = match &error.kind {
            figment::error::Kind::UnknownField(name, _) if path.is_empty() => name.clone(),
            _ if path.is_empty() => file.to_owned(),
            _ => path,
        };
        if matches!(error.kind, figment::error::Kind::UnknownField(..)) {
            return Self::new(&setting, format!("there is no such setting (in {file})"));
        }
        Self::new(&setting, kind)
    }
}

/// The values that have a form of their own.
pub(super) fn values(config: &Config) -> Result<(), Wrong> {
    listen(&config.listen)?;
    public_address(config)?;
    redis(config)?;
    EnvFilter::try_new(&config.log.level)
        .map_err(|error| Wrong::new("log.level", error.to_string()))?;
    if config.plugins.guest_threads > MOST_GUEST_THREADS {
        let reason = format!("must be at most {MOST_GUEST_THREADS}");
        return Err(Wrong::new("plugins.guest_threads", reason));
    }
    if !(1..=MOST_AUDIT_DAYS).contains(&config.audit.keep_days) {
        let reason = format!("must be from 1 to {MOST_AUDIT_DAYS}");
        return Err(Wrong::new("audit.keep_days", reason));
    }
    for allowed in &config.egress.allow_private {
        allowed
            .parse::<deskbell_egress::Allowed>()
            .map_err(|wrong| Wrong::new("egress.allow_private", format!("{allowed:?} {wrong}")))?;
    }
    let least = [
        (
            "egress.requests_at_once",
            config.egress.requests_at_once as usize,
        ),
        (
            "egress.requests_per_minute",
            config.egress.requests_per_minute as usize,
        ),
        ("database.readers", config.database.readers as usize),
        ("database.writers", config.database.writers as usize),
        ("database.batch", config.database.batch),
        ("limits.connections", config.limits.connections),
        (
            "limits.connections_per_address",
            config.limits.connections_per_address,
        ),
        ("limits.body_bytes", config.limits.body_bytes),
        (
            "limits.requests_per_second",
            config.limits.requests_per_second as usize,
        ),
        ("limits.request_burst", config.limits.request_burst as usize),
        (
            "limits.logins_per_minute",
            config.limits.logins_per_minute as usize,
        ),
        (
            "limits.webhooks_per_minute",
            config.limits.webhooks_per_minute as usize,
        ),
        (
            "limits.visitor_frames_per_second",
            config.limits.visitor_frames_per_second as usize,
        ),
        (
            "limits.visitor_frame_burst",
            config.limits.visitor_frame_burst as usize,
        ),
        (
            "limits.agent_frames_per_second",
            config.limits.agent_frames_per_second as usize,
        ),
        (
            "limits.agent_frame_burst",
            config.limits.agent_frame_burst as usize,
        ),
        (
            "limits.socket_queue_frames",
            config.limits.socket_queue_frames,
        ),
        (
            "limits.socket_queue_bytes",
            config.limits.socket_queue_bytes,
        ),
    ];
    match least.iter().find(|(_, value)| *value == 0) {
        Some((setting, _)) => Err(Wrong::new(setting, "must be at least 1".to_owned())),
        None => Ok(()),
    }
}

fn listen(listen: &str) -> Result<(), Wrong> {
    let found = listen.to_socket_addrs().map(|mut all| all.next());
    match found {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Wrong::new("listen", format!("{listen:?} has no address"))),
        Err(error) => Err(Wrong::new(
            "listen",
            format!("{listen:?} is no address and port like 127.0.0.1:8080 ({error})"),
        )),
    }
}

fn public_address(config: &Config) -> Result<(), Wrong> {
    let Some(address) = config.public_address() else {
        return Ok(());
    };
    let fits = address.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri
                .authority()
                .is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.path() == "/"
            && uri.query().is_none()
    });
    if fits {
        return Ok(());
    }
    let reason = format!("{address:?} is no address like https://chat.example.com");
    Err(Wrong::new("public_address", reason))
}

/// The reason must not repeat the address: it holds a password.
fn redis(config: &Config) -> Result<(), Wrong> {
    let Some(url) = config.redis_url() else {
        return Ok(());
    };
    match redis::Client::open(url) {
        Ok(_) => Ok(()),
        Err(_) => {
            let reason = "is no address like redis://:password@host:6379/0".to_owned();
            Err(Wrong::new("redis_url", reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_fine_and_each_mistake_is_named() {
        assert_eq!(values(&Config::default()), Ok(()));
        type Change = fn(&mut Config);
        let rows: [(&str, Change); 10] = [
            ("audit.keep_days", |c| c.audit.keep_days = 0),
            ("audit.keep_days", |c| c.audit.keep_days = 36_501),
            ("egress.allow_private", |c| {
                c.egress.allow_private = vec!["localhost".to_owned()];
            }),
            ("egress.requests_at_once", |c| c.egress.requests_at_once = 0),
            ("listen", |c| c.listen = "8080".to_owned()),
            ("public_address", |c| {
                c.public_address = "chat.test".to_owned()
            }),
            ("public_address", |c| {
                c.public_address = "https://chat.test/x".to_owned()
            }),
            ("redis_url", |c| c.redis_url = "http://secret@x".to_owned()),
            ("log.level", |c| c.log.level = "a=b=c".to_owned()),
            ("database.readers", |c| c.database.readers = 0),
        ];
        for (setting, change) in rows {
            let mut config = Config::default();
            change(&mut config);
            let wrong = values(&config).unwrap_err();
            assert_eq!(wrong.setting, setting, "{wrong}");
            assert!(!wrong.reason.contains("secret"), "{wrong}");
        }
    }
}
