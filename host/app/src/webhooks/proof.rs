//! Whether a request is from whom the manifest says: by a signature over the body and
//! the time, or by a token. Compared without telling by the time how much was right.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbell_domain::Timestamp;
use deskbell_domain::webhook::{Encoding, Recipe, Scheme};

use crate::webhooks::Posted;

/// The error says what is wrong, for the plugin's author.
pub(super) fn check(
    recipe: &Recipe,
    secret: &[u8],
    posted: &Posted,
    now: Timestamp,
) -> Result<(), String> {
    let shown = posted.header(&recipe.header);
    let shown = shown.ok_or_else(|| format!("it has no header {}", recipe.header))?;
    let shown = shown.strip_prefix(&recipe.prefix);
    let shown = shown.ok_or_else(|| format!("{} does not begin as it should", recipe.header))?;
    match recipe.scheme {
        Scheme::Token => same(shown.as_bytes(), secret)
            .then_some(())
            .ok_or_else(|| "its token is another".to_owned()),
        Scheme::HmacSha256 => {
            let signature = decoded(recipe.encoding, shown);
            let signature = signature
                .ok_or_else(|| format!("its signature is no {}", recipe.encoding.as_str()))?;
            let signed = signed(recipe, posted)?;
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::verify(&key, &signed, &signature)
                .map_err(|_| "its signature does not fit".to_owned())?;
            fresh(recipe, posted, now)
        }
    }
}

/// Of equal length whatever is compared.
fn same(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (digest(&SHA256, one), digest(&SHA256, other));
    verify_slices_are_equal(one.as_ref(), other.as_ref()).is_ok()
}

fn signed(recipe: &Recipe, posted: &Posted) -> Result<Vec<u8>, String> {
    let Some(header) = &recipe.timestamp_header else {
        return Ok(posted.body.to_vec());
    };
    let at = posted.header(header);
    let at = at.ok_or_else(|| format!("it has no header {header}"))?;
    Ok([at.as_bytes(), b".", &posted.body].concat())
}

/// A signature that is good for ever could be sent again by whoever saw it.
fn fresh(recipe: &Recipe, posted: &Posted, now: Timestamp) -> Result<(), String> {
    let Some(header) = &recipe.timestamp_header else {
        return Ok(());
    };
    let at = posted.header(header).and_then(|at| at.parse::<i64>().ok());
    let at = at.ok_or_else(|| format!("{header} is no number of seconds"))?;
    let apart = (now.0 / 1_000).abs_diff(at);
    match apart <= u64::from(recipe.tolerance_s) {
        true => Ok(()),
        false => Err(format!("its time is {apart} seconds from ours")),
    }
}

fn decoded(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex => {
            let pairs = text.as_bytes().chunks(2);
            let bytes = pairs.map(|pair| {
                let digits = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
                let pair = std::str::from_utf8(pair).ok().filter(|_| digits)?;
                u8::from_str_radix(pair, 16).ok()
            });
            bytes.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn recipe(scheme: Scheme) -> Recipe {
        Recipe {
            scheme,
            header: "x-proof".to_owned(),
            secret: "key".to_owned(),
            prefix: "v1=".to_owned(),
            encoding: Encoding::Hex,
            timestamp_header: Some("x-time".to_owned()),
            tolerance_s: 300,
        }
    }

    fn posted(headers: &[(&str, &str)], body: &'static [u8]) -> Posted {
        let headers = headers.iter();
        Posted {
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.into(),
        }
    }

    fn hex(key: &[u8], of: &[u8]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), of);
        let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
        format!("v1={}", digits.collect::<String>())
    }

    /// RFC 4231, test case 2.
    #[test]
    fn a_known_signature_fits_and_no_other() {
        let mut recipe = recipe(Scheme::HmacSha256);
        recipe.timestamp_header = None;
        let known = "v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body: &[u8] = b"what do ya want for nothing?";
        let ok =
            |shown: &str, body| check(&recipe, b"Jefe", &posted(&[("x-proof", shown)], body), NOW);
        assert_eq!(ok(known, body), Ok(()));
        assert_eq!(ok(&known.to_uppercase().replace("V1", "v1"), body), Ok(()));
        let other = known.replace("43", "44");
        for (shown, body) in [
            (other.as_str(), body),
            (known, b"what do ya want for nothing!" as &[u8]),
            (&known[3..], body),
            (&known[..known.len() - 2], body),
            ("v1=", body),
            ("v1=zz", body),
            ("v1=+1", body),
        ] {
            assert!(ok(shown, body).is_err(), "{shown}");
        }
        let twice = posted(&[("x-proof", known), ("x-proof", known)], body);
        assert!(check(&recipe, b"Jefe", &twice, NOW).is_err());
        recipe.encoding = Encoding::Base64;
        let known = "v1=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        let sent = posted(&[("x-proof", known)], body);
        assert_eq!(check(&recipe, b"Jefe", &sent, NOW), Ok(()));
    }

    #[test]
    fn a_signature_is_good_for_its_time() {
        let recipe = recipe(Scheme::HmacSha256);
        let at = |seconds: i64, signed: i64| {
            let (said, of) = (seconds.to_string(), format!("{signed}.body"));
            let proof = hex(b"key", of.as_bytes());
            let sent = posted(&[("x-proof", &proof), ("x-time", &said)], b"body");
            check(&recipe, b"key", &sent, NOW)
        };
        let now = NOW.0 / 1_000;
        for near in [now, now - 300, now + 300] {
            assert_eq!(at(near, near), Ok(()));
        }
        for far in [now - 301, now + 301, 0, i64::MIN] {
            assert!(at(far, far).is_err(), "{far}");
        }
        assert!(
            at(now, now - 400).is_err(),
            "a new time, and the signature of an old one"
        );
        let proof = hex(b"key", b"body");
        let without = posted(&[("x-proof", &proof)], b"body");
        assert!(check(&recipe, b"key", &without, NOW).is_err());
    }

    #[test]
    fn a_token_is_the_secret_and_nothing_else() {
        let recipe = recipe(Scheme::Token);
        let ok = |shown| check(&recipe, b"s3cr3t", &posted(&[("x-proof", shown)], b""), NOW);
        assert_eq!(ok("v1=s3cr3t"), Ok(()));
        for wrong in ["s3cr3t", "v1=", "v1=s3cr3", "v1=s3cr3t ", "v1=S3cr3t"] {
            assert!(ok(wrong).is_err(), "{wrong}");
        }
    }
}
