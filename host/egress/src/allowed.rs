//! What the operator lets through beside the public internet: addresses and
//! ranges, each with a port if one is named. The setting `egress.allow_private`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// `127.0.0.1:8099`, `[::1]:8099`, `10.0.0.0/8`, `10.1.2.3`, `fd12::/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    start: IpAddr,
    bits: u32,
    port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no address like 127.0.0.1:8099, [::1]:8099, 10.1.2.3 or 10.0.0.0/8")]
pub struct BadAllowed;

impl Allowed {
    pub(crate) fn covers(&self, address: IpAddr, port: u16) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        match (self.start, address) {
            (IpAddr::V4(start), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                u32::from(start) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(start), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                u128::from(start) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

const fn all_bits(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl FromStr for Allowed {
    type Err = BadAllowed;

    fn from_str(text: &str) -> Result<Self, BadAllowed> {
        if let Ok(one) = text.parse::<SocketAddr>() {
            return Ok(Self {
                start: one.ip(),
                bits: all_bits(one.ip()),
                port: Some(one.port()),
            });
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let start: IpAddr = address.parse().map_err(|_| BadAllowed)?;
        let most = all_bits(start);
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| BadAllowed)?,
            None => most,
        };
        // A range of everything would be a switch that nobody meant to find here.
        if bits == 0 || bits > most {
            return Err(BadAllowed);
        }
        Ok(Self {
            start,
            bits,
            port: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_one_port_or_a_range() {
        let covers = |text: &str, to: &str| {
            let to: SocketAddr = to.parse().unwrap();
            text.parse::<Allowed>().unwrap().covers(to.ip(), to.port())
        };
        assert!(covers("127.0.0.1:8099", "127.0.0.1:8099"));
        assert!(!covers("127.0.0.1:8099", "127.0.0.1:8098"));
        assert!(!covers("127.0.0.1:8099", "127.0.0.2:8099"));
        assert!(covers("127.0.0.1", "127.0.0.1:1"));
        assert!(covers("10.0.0.0/8", "10.255.1.2:443"));
        assert!(!covers("10.0.0.0/8", "11.0.0.0:443"));
        assert!(covers("[::1]:8099", "[::1]:8099"));
        assert!(covers("fd12::/16", "[fd12:1::2]:443"));
        assert!(!covers("127.0.0.1", "[::ffff:127.0.0.1]:1"));
        for bad in [
            "",
            "localhost",
            "10.0.0.0/0",
            "10.0.0.0/33",
            "::/129",
            "10/8",
            "1.2.3.4:x",
        ] {
            assert_eq!(bad.parse::<Allowed>(), Err(BadAllowed), "{bad}");
        }
    }
}
