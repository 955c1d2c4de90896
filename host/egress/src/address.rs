//! Which addresses are on the public internet, and which are not.
//!
//! The lists are the IANA special-purpose registries, read the strict way: for
//! IPv6 only what is given out as global unicast passes, without the ranges in it
//! that hold an IPv4 address or belong to no site. An address that is not public
//! is dialled only if the operator named it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why this address must not be dialled; none if it may.
#[must_use]
pub fn unfit(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => unfit_v4(address),
        IpAddr::V6(address) => unfit_v6(address),
    }
}

struct Range4(Ipv4Addr, u32, &'static str);

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u32, what: &'static str) -> Range4 {
    Range4(Ipv4Addr::new(a, b, c, d), bits, what)
}

const NOT_PUBLIC_4: [Range4; 19] = [
    v4(0, 0, 0, 0, 8, "no address of another machine"),
    v4(10, 0, 0, 0, 8, "private"),
    v4(100, 64, 0, 0, 10, "inside a provider's network"),
    v4(127, 0, 0, 0, 8, "this very machine"),
    v4(169, 254, 169, 254, 32, "a cloud's metadata service"),
    v4(169, 254, 0, 0, 16, "link-local"),
    v4(172, 16, 0, 0, 12, "private"),
    v4(192, 0, 0, 0, 24, "reserved for protocols"),
    v4(192, 0, 2, 0, 24, "for documentation"),
    v4(192, 31, 196, 0, 24, "reserved for protocols"),
    v4(192, 52, 193, 0, 24, "reserved for protocols"),
    v4(192, 88, 99, 0, 24, "a relay to IPv6"),
    v4(192, 168, 0, 0, 16, "private"),
    v4(192, 175, 48, 0, 24, "reserved for protocols"),
    v4(198, 18, 0, 0, 15, "for benchmarks"),
    v4(198, 51, 100, 0, 24, "for documentation"),
    v4(203, 0, 113, 0, 24, "for documentation"),
    v4(224, 0, 0, 0, 4, "multicast"),
    v4(240, 0, 0, 0, 4, "reserved"),
];

/// Public by its number, but answered by the machine's own cloud.
const CLOUD_HOST: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

fn unfit_v4(address: Ipv4Addr) -> Option<&'static str> {
    if address == CLOUD_HOST {
        return Some("a cloud's metadata service");
    }
    NOT_PUBLIC_4
        .iter()
        .find(|Range4(start, bits, _)| {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(*start) & mask
        })
        .map(|Range4(_, _, what)| *what)
}

struct Range6(u128, u32, &'static str);

const fn v6(head: [u16; 4], bits: u32, what: &'static str) -> Range6 {
    let start = (head[0] as u128) << 112
        | (head[1] as u128) << 96
        | (head[2] as u128) << 80
        | (head[3] as u128) << 64;
    Range6(start, bits, what)
}

/// The first that fits says what it is.
const NOT_PUBLIC_6: [Range6; 16] = [
    v6([0xfd00, 0xec2, 0, 0], 64, "a cloud's metadata service"),
    v6([0xfc00, 0, 0, 0], 7, "private"),
    v6([0xfe80, 0, 0, 0], 10, "link-local"),
    v6([0xfec0, 0, 0, 0], 10, "private"),
    v6([0xff00, 0, 0, 0], 8, "multicast"),
    v6(
        [0x64, 0xff9b, 0, 0],
        96,
        "an IPv4 address behind a translator",
    ),
    v6(
        [0x64, 0xff9b, 1, 0],
        48,
        "an IPv4 address behind a translator",
    ),
    v6([0x100, 0, 0, 0], 64, "nowhere"),
    v6([0x2001, 0, 0, 0], 32, "an IPv4 address behind a tunnel"),
    v6([0x2001, 2, 0, 0], 48, "for benchmarks"),
    v6([0x2001, 0xdb8, 0, 0], 32, "for documentation"),
    v6([0x2001, 0, 0, 0], 23, "reserved for protocols"),
    v6([0x2002, 0, 0, 0], 16, "an IPv4 address behind a tunnel"),
    v6([0x2620, 0x4f, 0x8000, 0], 48, "reserved for protocols"),
    v6([0x3fff, 0, 0, 0], 20, "for documentation"),
    v6([0x5f00, 0, 0, 0], 16, "reserved for protocols"),
];

fn unfit_v6(address: Ipv6Addr) -> Option<&'static str> {
    let number = u128::from(address);
    let within = |start: u128, bits: u32| {
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        number & mask == start & mask
    };
    if address.is_loopback() {
        return Some("this very machine");
    }
    if address.is_unspecified() {
        return Some("no address of another machine");
    }
    if within(0xffff << 32, 96) || within(0xffff << 48, 96) || within(0, 96) {
        return Some("an IPv4 address written as IPv6");
    }
    if let Some(Range6(_, _, what)) = NOT_PUBLIC_6
        .iter()
        .find(|Range6(start, bits, _)| within(*start, *bits))
    {
        return Some(what);
    }
    // The tunnel that hides an IPv4 address in the lower half, under any prefix.
    let segments = address.segments();
    if segments[4] & 0xfdff == 0 && segments[5] == 0x5efe {
        return Some("an IPv4 address behind a tunnel");
    }
    if !within(0x2000 << 112, 3) {
        return Some("not given out to anybody");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        unfit(text.parse().unwrap())
    }

    #[test]
    fn the_edges_of_each_range() {
        for (last_before, first, last, first_after) in [
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            (
                "100.63.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "100.128.0.0",
            ),
            (
                "126.255.255.255",
                "127.0.0.0",
                "127.255.255.255",
                "128.0.0.0",
            ),
            (
                "169.253.255.255",
                "169.254.0.0",
                "169.254.255.255",
                "169.255.0.0",
            ),
            (
                "172.15.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "172.32.0.0",
            ),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            (
                "192.167.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "192.169.0.0",
            ),
            (
                "198.17.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.20.0.0",
            ),
            (
                "203.0.112.255",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.114.0",
            ),
            (
                "2001:1ff:ffff::",
                "2001:db8::",
                "2001:db8:ffff::",
                "2001:db9::",
            ),
            ("2001:db7::", "2002::", "2002:ffff::", "2003::"),
            ("3ffe:ffff::", "3fff::", "3fff:fff::", "3fff:1000::"),
        ] {
            let inside = [of(first), of(last)];
            assert!(inside.iter().all(Option::is_some), "{first} to {last}");
            assert_eq!(of(first_after), None, "{first_after}");
            if last_before != "2001:1ff:ffff::" {
                assert_eq!(of(last_before), None, "{last_before}");
            }
        }
        assert_eq!(of("1.0.0.0"), None);
        assert_eq!(of("223.255.255.255"), None);
        assert_eq!(of("168.63.129.16"), Some("a cloud's metadata service"));
        assert_eq!(of("168.63.129.17"), None);
        assert_eq!(of("169.254.169.254"), Some("a cloud's metadata service"));
        assert_eq!(of("fd00:ec2::254"), Some("a cloud's metadata service"));
        assert_eq!(of("2606:4700::1111"), None);
        assert_eq!(of("2a00::1"), None);
    }
}
