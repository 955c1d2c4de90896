//! No query, however spelt, finds another tenant's words or an unseen team's.
//!
//! Every message carries a canary that names who may find it. The same check is
//! run with the tenant filter left out, and has to fail then.

use std::sync::atomic::Ordering;

use deskbell_domain::{AgentId, TenantId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::desk::{Office, agent_ref, request, team, visitor};
use crate::{SearchError, Viewer};

/// The second differs from the first in one letter of the mark of its words, the
/// third has the very same mark.
const TENANTS: [TenantId; 3] = [
    TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00aa)),
    TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00ab)),
    TenantId(Uuid::from_u128(0x0191_1111_0000_7000_8000_0000_0000_00aa)),
];

/// Teams 1 and 2, nobody's (0), and team 2's but assigned to agent 7 (3).
const PLACES: u128 = 4;

async fn twins() -> Office {
    let office = Office::new().await;
    for (t, tenant) in TENANTS.into_iter().enumerate() {
        for place in 0..PLACES {
            let name = format!("Vera tenant{t}place{place}");
            let id = office.desk.start(tenant, &name, Some("Refund subject"));
            office.desk.change(tenant, id, |c| match place {
                0 => {}
                3 => {
                    c.team_id = Some(team(2));
                    c.assignee = Some(agent_ref(7));
                }
                n => c.team_id = Some(team(n)),
            });
            let text = format!("refund order late 退款 tenant{t}place{place}");
            office.desk.say(tenant, id, visitor(&name), &text);
            office.desk.say(
                tenant,
                id,
                visitor(&name),
                &format!("order tenant{t}place{place}"),
            );
        }
    }
    office.settle().await;
    office
}

fn queries() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("refund".to_owned()),
        Just("refnud".to_owned()),
        Just("ord".to_owned()),
        Just("退款".to_owned()),
        Just("from:visitor".to_owned()),
        Just("from:vera".to_owned()),
        Just("status:queued".to_owned()),
        Just("\"order late".to_owned()),
        (0..3, 0..4).prop_map(|(t, p)| format!("tenant{t}place{p}")),
        (0..3, 0..4).prop_map(|(t, p)| format!("from:tenant{t}place{p}")),
        prop::sample::select(HOSTILE).prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.join(" "))
}

const HOSTILE: &[&str] = &[
    "*",
    "*:*",
    "tenant:*",
    "tenant:[* TO *]",
    "OR",
    "AND NOT refund",
    "refund) OR (order",
    "+refund -order",
    "/.*/",
    "refund~2",
    "ref*",
    "order^9",
    "IN [refund order]",
    "\"refund\"~5",
    "text:order",
    "kept:order",
    "0000000000aarefund",
    "8000000000abrefund",
    "\\\" OR *",
    "\u{0}",
    "{\"match_all\":{}}",
    "' OR 1=1 --",
    "status:queued*",
    "from:*",
    "team:none",
];

/// Runs generated queries as each tenant and viewer against the canaries.
fn wall_holds(office: &Office, runtime: &Runtime) -> Result<(), TestError<(String, usize, bool)>> {
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    runner.run(&(queries(), 0..3_usize, any::<bool>()), |(q, t, agent)| {
        let mut asked = request(TENANTS[t], &q);
        asked.limit = 200;
        if agent {
            asked.viewer = Viewer::Agent {
                id: AgentId(Uuid::from_u128(7)),
                teams: vec![team(1)],
            };
        }
        let answered = match runtime.block_on(office.ask(asked)) {
            Ok(answered) => answered,
            Err(SearchError::Refused(_)) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        prop_assert_eq!(answered.total, answered.hits.len());
        for hit in answered.hits {
            let text: String = hit.highlight.into_iter().map(|s| s.text).collect();
            prop_assert!(text.contains(&format!("tenant{t}place")), "{}", text);
            prop_assert!(!agent || !text.contains("place2"), "{}", text);
        }
        Ok(())
    })
}

#[test]
fn no_query_finds_another_tenants_or_an_unseen_teams_messages() {
    let runtime = Runtime::new().unwrap();
    let office = runtime.block_on(twins());
    wall_holds(&office, &runtime).unwrap();
}

#[test]
fn a_forgotten_tenant_filter_is_found() {
    let runtime = Runtime::new().unwrap();
    let office = runtime.block_on(twins());
    office
        .index
        .inner
        .forget_tenant
        .store(true, Ordering::Relaxed);
    assert!(matches!(
        wall_holds(&office, &runtime),
        Err(TestError::Fail(..))
    ));
}

#[tokio::test]
async fn the_check_is_worth_something() {
    let office = twins().await;
    for (t, tenant) in TENANTS.into_iter().enumerate() {
        let mut asked = request(tenant, "order");
        assert_eq!(office.ask(asked.clone()).await.unwrap().total, 8, "{t}");
        asked.viewer = Viewer::Agent {
            id: AgentId(Uuid::from_u128(7)),
            teams: vec![team(1)],
        };
        assert_eq!(office.ask(asked.clone()).await.unwrap().total, 6, "{t}");
        asked.viewer = Viewer::Agent {
            id: AgentId(Uuid::from_u128(8)),
            teams: vec![],
        };
        assert_eq!(office.ask(asked).await.unwrap().total, 2, "{t}");
    }
}
