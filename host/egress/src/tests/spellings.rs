//! Addresses that are nobody's business, in every spelling we know of: none is
//! looked up as a name, and none is dialled.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::Ordering;

use super::double::{Names, PUBLIC, Wire, config, egress, get, terms};
use crate::{Egress, EgressConfig, Failure, Faults};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// One of each kind, as IPv4.
const PRIVATE: [[u8; 4]; 14] = [
    [127, 0, 0, 1],
    [127, 255, 1, 2],
    [10, 1, 2, 3],
    [172, 16, 5, 6],
    [192, 168, 1, 1],
    [169, 254, 169, 254],
    [169, 254, 1, 1],
    [100, 64, 0, 1],
    [0, 0, 0, 0],
    [192, 0, 2, 5],
    [198, 18, 0, 1],
    [224, 0, 0, 1],
    [255, 255, 255, 255],
    [168, 63, 129, 16],
];

/// As IPv6.
const PRIVATE_6: [&str; 27] = [
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::0.0.0.1",
    "fc00::1",
    "fd00:ec2::254",
    "fd00:0ec2:0:0:0:0:0:0254",
    "FD00:EC2::254",
    "fdff:ffff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff05::1:3",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "5f00::1",
    "4000::1",
    "64:ff9b::1",
    "64:ff9b:1::1",
    "2002::1",
    "2620:4f:8000::1",
];

/// All ways to write one IPv4 address as a URL's host.
fn ways(address: [u8; 4]) -> Vec<String> {
    let [a, b, c, d] = address;
    let number = u32::from_be_bytes(address);
    let (low_two, low_three) = (number & 0xffff, number & 0xff_ffff);
    let dotted = Ipv4Addr::from(address).to_string();
    let wide: String = dotted
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(0xff10 + digit).unwrap(),
            None => '\u{3002}',
        })
        .collect();
    let percent: String = dotted.bytes().map(|b| format!("%{b:02x}")).collect();
    let [high, low] = [number >> 16, number & 0xffff];
    vec![
        dotted.clone(),
        format!("{dotted}."),
        format!("{dotted}:80"),
        number.to_string(),
        format!("{number:#x}"),
        format!("0X{number:08X}"),
        format!("0{number:o}"),
        format!("{a}.{low_three}"),
        format!("{a}.{b}.{low_two}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("0{a:03o}.{b}.{c:#04x}.{d}"),
        format!("{a:#x}.{low_three}"),
        wide,
        percent,
        format!("[::ffff:{dotted}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0:0:0:0:0:ffff:{high:04x}:{low:04x}]"),
        format!("[::{dotted}]"),
        format!("[::ffff:0:{dotted}]"),
        format!("[64:ff9b::{dotted}]"),
        format!("[64:ff9b:1::{dotted}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        // Teredo writes the client's address inverted.
        format!("[2001::{:x}:{:x}]", high ^ 0xffff, low ^ 0xffff),
        format!("[2a00:1450::5efe:{dotted}]"),
    ]
}

fn table() -> Vec<String> {
    let mut table: Vec<String> = PRIVATE.into_iter().flat_map(ways).collect();
    table.extend(PRIVATE_6.map(|address| format!("[{address}]")));
    // What is no address at all, though some programs read one.
    table.extend(
        [
            "127.0.0.256",
            "1.2.3.4.5",
            "0x100000000",
            "4294967296",
            "[::1%25lo]",
            "[fe80::1%eth0]",
            "08.0.0.1",
        ]
        .map(str::to_owned),
    );
    table
}

#[tokio::test]
async fn no_spelling_is_dialled() {
    let table = table();
    assert!(table.len() > 350, "{}", table.len());
    let (names, wire) = (Names::at(&[PUBLIC]), Wire::saying(OK));
    // Even with every host on the list.
    let faults = Faults {
        any_host: true,
        no_pace: true,
        ..Faults::default()
    };
    let egress_ = egress(&names, &wire, faults);
    for host in &table {
        for url in [format!("http://{host}/"), format!("https://{host}/")] {
            let refused = egress_.send(get(&url), &terms(&[])).await;
            assert!(
                matches!(refused, Err(Failure::Denied(_))),
                "{url}: {refused:?}"
            );
        }
    }
    assert!(wire.dialled().is_empty());
    assert_eq!(
        names.asked.load(Ordering::SeqCst),
        0,
        "one was taken for a name"
    );

    // Without the check each that is an address would be dialled.
    let faults = Faults {
        any_address: true,
        ..faults
    };
    let open = egress(&names, &wire, faults);
    for host in &table {
        let _said = open
            .send(get(&format!("http://{host}/")), &terms(&[]))
            .await;
    }
    assert_eq!(wire.dialled().len(), table.len() - 7);
}

#[tokio::test]
async fn no_name_leads_to_one() {
    let spelt = PRIVATE.map(|address| Ipv4Addr::from(address).to_string());
    let mapped = PRIVATE.map(|address| Ipv4Addr::from(address).to_ipv6_mapped().to_string());
    let six = PRIVATE_6.map(|address| address.parse::<Ipv6Addr>().unwrap().to_string());
    for address in spelt.into_iter().chain(mapped).chain(six) {
        let (names, wire) = (Names::at(&[&address]), Wire::saying(OK));
        let egress = egress(&names, &wire, Faults::default());
        let refused = egress
            .send(get("http://a.test/"), &terms(&["a.test"]))
            .await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, Failure::Denied(_)),
            "{address}: {refused}"
        );
        assert!(
            !refused.to_string().contains(&address),
            "inner addresses are not told"
        );
        assert!(wire.dialled().is_empty(), "{address}");
    }
}

#[tokio::test]
async fn what_the_operator_named_is_dialled_and_nothing_beside_it() {
    let (names, wire) = (Names::at(&["10.1.2.3"]), Wire::saying(OK));
    let config = EgressConfig {
        allowed: ["127.0.0.1:8099", "10.0.0.0/8"]
            .map(|one| one.parse().unwrap())
            .into(),
        ..config(&names, &wire, Faults::default())
    };
    let egress = Egress::new(config).unwrap();
    let terms = terms(&[
        "127.0.0.1:8099",
        "127.0.0.1:8098",
        "shop.intern",
        "192.168.0.1",
        "[::ffff:127.0.0.1]:8099",
    ]);
    for (url, fine) in [
        ("http://127.0.0.1:8099/", true),
        ("http://shop.intern/", true),
        ("http://127.0.0.1:8098/", false),
        ("http://192.168.0.1/", false),
        ("http://[::ffff:127.0.0.1]:8099/", false),
    ] {
        let said = egress.send(get(url), &terms).await;
        assert_eq!(said.is_ok(), fine, "{url}: {said:?}");
    }
    assert_eq!(wire.dialled(), ["127.0.0.1:8099", "10.1.2.3:80"]);
}
