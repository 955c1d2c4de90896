//! Secrets go where they belong and nowhere else, and a certificate is for the
//! name that was asked for.

use std::sync::{Arc, Mutex};

use deskbell_domain::reach::Placement;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::double::{Names, PUBLIC, Wire, config, egress, get, heard, terms};
use crate::{Addition, Egress, EgressConfig, Failure, Faults, Roots, Terms};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn addition(host: &str, placement: Placement) -> Addition {
    Addition {
        name: "api_key".to_owned(),
        hosts: vec![host.parse().unwrap()],
        placement,
        value: "s3cr3t".to_owned(),
    }
}

fn bearer() -> Placement {
    Placement::Header {
        name: "Authorization".to_owned(),
        prefix: "Bearer ".to_owned(),
    }
}

/// A wire that keeps what it heard.
fn recording() -> (Arc<Wire>, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = heads.clone();
    let wire = Wire::to(move |mut stream| {
        let kept = kept.clone();
        async move {
            let head = heard(&mut stream).await;
            kept.lock().unwrap().push(head);
            let _gone = stream.write_all(OK).await;
        }
    });
    (wire, heads)
}

fn with(addition: Addition) -> Terms {
    Terms {
        additions: vec![addition],
        ..terms(&["a.test", "b.test"])
    }
}

#[tokio::test]
async fn a_secret_goes_to_its_own_hosts_only() {
    for (faults, leaks) in [
        (Faults::default(), false),
        (
            Faults {
                secrets_everywhere: true,
                ..Faults::default()
            },
            true,
        ),
    ] {
        let (wire, heads) = recording();
        let egress = egress(&Names::at(&[PUBLIC]), &wire, faults);
        let terms = with(addition("a.test", bearer()));
        let mut asked = get("http://a.test/x");
        asked.headers = vec![("authorization".to_owned(), "mine".to_owned())];
        egress.send(asked, &terms).await.unwrap();
        egress.send(get("http://b.test/x"), &terms).await.unwrap();
        let heads = heads.lock().unwrap();
        assert!(
            heads[0].contains("authorization: Bearer s3cr3t\r\n"),
            "{}",
            heads[0]
        );
        assert!(!heads[0].contains("mine"), "in place of the guest's own");
        assert!(heads[0].contains("host: a.test\r\n"));
        assert!(heads[0].contains("accept-encoding: identity\r\n"));
        assert_eq!(heads[1].contains("s3cr3t"), leaks, "{}", heads[1]);
    }
}

#[tokio::test]
async fn a_secret_in_the_query_is_one_there_and_in_no_message() {
    let (wire, heads) = recording();
    let engine = egress(&Names::at(&[PUBLIC]), &wire, Faults::default());
    let key = Placement::Query {
        name: "key".to_owned(),
    };
    let terms = with(addition("a.test", key));
    engine
        .send(get("http://a.test/x?a=b"), &terms)
        .await
        .unwrap();
    assert!(heads.lock().unwrap()[0].starts_with("GET /x?a=b&key=s3cr3t HTTP/1.1\r\n"));

    let deaf = Wire::to(|_| async {});
    let engine = egress(&Names::at(&[PUBLIC]), &deaf, Faults::default());
    let failed = engine.send(get("http://a.test/x?a=b"), &terms).await;
    let failed = format!("{failed:?}");
    assert!(
        failed.contains("Unreachable") && !failed.contains("s3cr3t"),
        "{failed}"
    );
    assert!(!format!("{terms:?}").contains("s3cr3t"));
    let unfit = with(Addition {
        value: "a\nb".to_owned(),
        ..addition("a.test", bearer())
    });
    let failed = engine
        .send(get("http://a.test/"), &unfit)
        .await
        .unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the secret api_key cannot stand in a request"
    );
}

#[tokio::test]
async fn what_says_how_bytes_travel_is_not_the_guests() {
    let (wire, _) = recording();
    let egress = egress(&Names::at(&[PUBLIC]), &wire, Faults::default());
    for name in [
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Proxy-Foo",
        "a b",
    ] {
        let mut asked = get("http://a.test/");
        asked.headers = vec![(name.to_owned(), "1".to_owned())];
        let refused = egress.send(asked, &terms(&["a.test"])).await;
        assert!(matches!(refused, Err(Failure::Denied(_))), "{name}");
    }
    assert!(wire.dialled().is_empty());
}

fn over_tls() -> Arc<Wire> {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("server.pem"));
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    Wire::to(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let _request = heard(&mut stream).await;
            let _gone = stream.write_all(OK).await;
            let _gone = stream.shutdown().await;
        }
    })
}

#[tokio::test]
async fn a_certificate_is_for_the_name_that_was_asked_for() {
    let ours = Roots::public().and(include_bytes!("root.pem")).unwrap();
    for (roots, url, fine) in [
        (ours.clone(), "https://api.example.com/", true),
        (ours, "https://other.example.com/", false),
        (Roots::public(), "https://api.example.com/", false),
    ] {
        let wire = over_tls();
        let config = EgressConfig {
            roots,
            allow_http: false,
            ..config(&Names::at(&[PUBLIC]), &wire, Faults::default())
        };
        let egress = Egress::new(config).unwrap();
        let said = egress.send(get(url), &terms(&["*.example.com"])).await;
        match fine {
            true => assert_eq!(said.unwrap().body, "hi"),
            false => assert!(matches!(said, Err(Failure::Unreachable(_))), "{said:?}"),
        }
        assert_eq!(wire.dialled(), ["1.1.1.1:443"]);
    }
}
