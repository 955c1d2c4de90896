//! Servers and names that mean harm. Where a check can be switched off by a
//! fault, the same attack is seen to succeed then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::double::{Names, PUBLIC, Wire, config, egress, get, heard, terms};
use crate::{Egress, EgressConfig, Failure, Faults, Paces, Response, Terms};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

async fn asked(wire: &Arc<Wire>, faults: Faults) -> Result<Response, Failure> {
    let egress = egress(&Names::at(&[PUBLIC]), wire, faults);
    egress
        .send(get("http://a.test/"), &terms(&["a.test"]))
        .await
}

#[tokio::test]
async fn an_honest_server_is_heard() {
    let wire = Wire::saying(
        "HTTP/1.1 404 Not Found\r\nX-Kind: odd\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
    let said = asked(&wire, Faults::default()).await.unwrap();
    assert_eq!((said.status, &said.body[..]), (404, &b"hi"[..]));
    assert!(
        said.headers
            .contains(&("x-kind".to_owned(), "odd".to_owned()))
    );
    assert_eq!(wire.dialled(), ["1.1.1.1:80"]);
}

#[tokio::test]
async fn only_hosts_on_the_list_are_asked() {
    for (url, why) in [
        ("http://b.test/", "b.test is not among the hosts"),
        ("http://a.test:81/", "a.test:81 is not among the hosts"),
        ("http://a.test.b.test/", "not among the hosts"),
        ("http://user:word@a.test/", "user name or a password"),
        ("http://user@a.test/", "user name or a password"),
        ("http://a.test./", "ends in a dot"),
        ("ftp://a.test/", "only https"),
        ("file:///etc/passwd", "only https"),
        ("//a.test/", "no URL"),
        ("http://a.test:0/", "no port 0"),
        ("http://", "no URL"),
    ] {
        let wire = Wire::saying(OK);
        let names = Names::at(&[PUBLIC]);
        let egress = egress(&names, &wire, Faults::default());
        let refused = egress.send(get(url), &terms(&["a.test"])).await;
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Failure::Denied(_)), "{url}: {refused}");
        assert!(refused.to_string().contains(why), "{url}: {refused}");
        assert_eq!(names.asked.load(Ordering::SeqCst), 0, "{url}");
        assert!(wire.dialled().is_empty(), "{url}");
    }
    let wire = Wire::saying(OK);
    let faults = Faults {
        any_host: true,
        ..Faults::default()
    };
    let egress = egress(&Names::at(&[PUBLIC]), &wire, faults);
    let asked = egress
        .send(get("http://b.test/"), &terms(&["a.test"]))
        .await;
    assert!(asked.is_ok(), "without the list");
}

#[tokio::test]
async fn plain_http_needs_the_operators_leave() {
    let wire = Wire::saying(OK);
    let config = EgressConfig {
        allow_http: false,
        ..config(&Names::at(&[PUBLIC]), &wire, Faults::default())
    };
    let egress = Egress::new(config).unwrap();
    let refused = egress
        .send(get("http://a.test/"), &terms(&["a.test"]))
        .await;
    assert!(matches!(refused, Err(Failure::Denied(why)) if why.contains("use https")));
    assert!(wire.dialled().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_its_mind_changes_nothing() {
    for (faults, dialled) in [
        (Faults::default(), "1.1.1.1:80"),
        (
            Faults {
                look_up_again: true,
                ..Faults::default()
            },
            "127.0.0.1:80",
        ),
    ] {
        let (names, wire) = (Names::at(&[PUBLIC, "127.0.0.1"]), Wire::saying(OK));
        let egress = egress(&names, &wire, faults);
        let terms = terms(&["a.test"]);
        assert!(egress.send(get("http://a.test/"), &terms).await.is_ok());
        assert_eq!(wire.dialled(), [dialled]);
        if faults == Faults::default() {
            // By now it says the other thing, and is refused.
            let refused = egress.send(get("http://a.test/"), &terms).await;
            assert!(matches!(refused, Err(Failure::Denied(_))), "{refused:?}");
            assert_eq!(wire.dialled(), [dialled]);
        }
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere_by_itself() {
    let moved =
        "HTTP/1.1 302 Found\r\nlocation: http://a.test:80@127.0.0.1/\r\ncontent-length: 0\r\n\r\n";
    let wire = Wire::saying(moved);
    let names = Names::at(&[PUBLIC, "169.254.169.254"]);
    let egress = egress(&names, &wire, Faults::default());
    let terms = terms(&["a.test", "127.0.0.1"]);
    let said = egress.send(get("http://a.test/"), &terms).await.unwrap();
    assert_eq!(said.status, 302);
    // The guest follows: each way is checked anew.
    for next in [
        "http://a.test:80@127.0.0.1/",
        "http://127.0.0.1/",
        "http://a.test/latest/meta-data",
    ] {
        let refused = egress.send(get(next), &terms).await;
        assert!(
            matches!(refused, Err(Failure::Denied(_))),
            "{next}: {refused:?}"
        );
    }
    assert_eq!(wire.dialled(), ["1.1.1.1:80"]);
}

/// Ten gigabytes, of which it counts what was taken.
fn endless(head: &'static str, piece: Vec<u8>, total: usize) -> (Arc<Wire>, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let wire = Wire::to(move |mut stream| {
        let (counted, piece) = (counted.clone(), piece.clone());
        async move {
            let _request = heard(&mut stream).await;
            let _gone = stream.write_all(head.as_bytes()).await;
            while counted.load(Ordering::SeqCst) < total {
                if stream.write_all(&piece).await.is_err() {
                    return;
                }
                counted.fetch_add(piece.len(), Ordering::SeqCst);
            }
            let _gone = stream.write_all(b"0\r\n\r\n").await;
        }
    });
    (wire, sent)
}

const TEN_GB: usize = 10_000_000_000;

fn chunk(of: usize) -> Vec<u8> {
    let mut chunk = format!("{of:x}\r\n").into_bytes();
    chunk.resize(chunk.len() + of, b'x');
    chunk.extend(b"\r\n");
    chunk
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (wire, sent) = endless(chunked, chunk(1000), TEN_GB);
    let refused = asked(&wire, Faults::default()).await;
    assert!(matches!(refused, Err(Failure::TooLarge(_))), "{refused:?}");
    assert!(sent.load(Ordering::SeqCst) < 1 << 20);

    let (wire, sent) = endless(
        "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n",
        vec![b'x'; 1000],
        TEN_GB,
    );
    let refused = asked(&wire, Faults::default()).await;
    assert!(matches!(refused, Err(Failure::TooLarge(_))), "{refused:?}");
    assert!(sent.load(Ordering::SeqCst) < 1 << 20);

    let faults = Faults {
        no_body_limit: true,
        ..Faults::default()
    };
    let (wire, sent) = endless(chunked, chunk(1000), 4 << 20);
    let taken = asked(&wire, faults).await.unwrap();
    assert!(taken.body.len() > 3 << 20, "without the limit");
    assert!(sent.load(Ordering::SeqCst) >= 4 << 20);
}

#[tokio::test]
async fn a_flood_of_headers_is_cut_off() {
    let many = "x-a: b\r\n".repeat(1_000);
    let long = format!("x-a: {}\r\n", "b".repeat(100_000));
    for flood in [many, long] {
        let answer = format!("HTTP/1.1 200 OK\r\n{flood}content-length: 2\r\n\r\nhi");
        let wire = Wire::saying(answer.clone());
        let refused = asked(&wire, Faults::default()).await;
        assert!(matches!(refused, Err(Failure::TooLarge(_))), "{refused:?}");
        let faults = Faults {
            no_header_limit: true,
            ..Faults::default()
        };
        let taken = asked(&Wire::saying(answer), faults).await;
        assert!(taken.is_ok(), "without the limit: {taken:?}");
    }
}

/// A byte every few milliseconds, for so many bytes.
fn dripping(bytes: usize) -> Arc<Wire> {
    Wire::to(move |mut stream| async move {
        let _request = heard(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
        let _gone = stream.write_all(head.as_bytes()).await;
        let mut drops = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..bytes {
            drops.tick().await;
            if stream.write_all(b"x").await.is_err() {
                return;
            }
        }
    })
}

#[tokio::test]
async fn a_slow_drip_ends_with_the_time() {
    let hasty = Terms {
        timeout: Duration::from_millis(100),
        ..terms(&["a.test"])
    };
    let egress_with = |faults| egress(&Names::at(&[PUBLIC]), &dripping(60), faults);
    let late = egress_with(Faults::default())
        .send(get("http://a.test/"), &hasty)
        .await;
    assert_eq!(late, Err(Failure::Timeout(100)));
    let faults = Faults {
        no_time_limit: true,
        ..Faults::default()
    };
    let patient = egress_with(faults)
        .send(get("http://a.test/"), &hasty)
        .await;
    assert_eq!(patient.unwrap().body.len(), 60, "without the limit");

    // One that says nothing at all.
    let silent = Wire::to(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    });
    let egress = egress(&Names::at(&[PUBLIC]), &silent, Faults::default());
    let late = egress.send(get("http://a.test/"), &hasty).await;
    assert_eq!(late, Err(Failure::Timeout(100)));
}

#[tokio::test]
async fn what_is_packed_is_not_unpacked() {
    let wire =
        Wire::saying("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi");
    let refused = asked(&wire, Faults::default()).await;
    assert!(
        matches!(&refused, Err(Failure::Denied(why)) if why.contains("gzip")),
        "{refused:?}"
    );
    let plain = Wire::saying(
        "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\nhi",
    );
    assert!(asked(&plain, Faults::default()).await.is_ok());
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    for nonsense in [
        "",
        "SSH-2.0-x\r\n",
        "HTTP/1.1 999999 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
    ] {
        let said = asked(&Wire::saying(nonsense), Faults::default()).await;
        assert!(
            matches!(said, Err(Failure::Unreachable(_))),
            "{nonsense}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_client_has_a_pace() {
    let wire = Wire::saying(OK);
    let paces = Paces {
        at_once: 8,
        per_minute: 2,
    };
    for (no_pace, expected) in [(false, 2), (true, 3)] {
        let faults = Faults {
            no_pace,
            ..Faults::default()
        };
        let egress = Egress::new(EgressConfig {
            paces,
            ..config(&Names::at(&[PUBLIC]), &wire, faults)
        });
        let (egress, terms) = (egress.unwrap(), terms(&["a.test"]));
        let mut fine = 0;
        for _ in 0..3 {
            match egress.send(get("http://a.test/"), &terms).await {
                Ok(_) => fine += 1,
                Err(refused) => assert!(matches!(refused, Failure::TooManyRequests(_))),
            }
        }
        assert_eq!(fine, expected);
    }
}
