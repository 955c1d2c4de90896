//! Attacks on what a call may use, in every hook: one row each.

use deskbell_tests::{TestApp, both_engines};
use serde_json::json;

use super::neighbour::Neighbour;
use super::yard::Yard;
use crate::plugins::desk::upload;
use deskbell_tests::guests::{fixture, zoo};
use deskbell_tests::reducer::text;

struct Attack {
    name: &'static str,
    /// What it comes to: with a machine that is busy, one or the other limit is first.
    comes_to: &'static [&'static str],
    /// A line that its author reads.
    says: &'static str,
}

const ATTACKS: [Attack; 8] = [
    Attack {
        name: "infinite-loop",
        comes_to: &["cpu_exceeded"],
        says: "round and round",
    },
    Attack {
        name: "host-call-loop",
        comes_to: &["limit_exceeded", "cpu_exceeded"],
        says: "asking and asking",
    },
    Attack {
        name: "memory-growth",
        comes_to: &["memory_exceeded", "cpu_exceeded"],
        says: "more and more",
    },
    Attack {
        name: "deep-recursion",
        comes_to: &["trapped"],
        says: "deeper and deeper",
    },
    Attack {
        name: "huge-string",
        comes_to: &["limit_exceeded", "cpu_exceeded"],
        says: "a word",
    },
    Attack {
        name: "log-flood",
        comes_to: &["ok", "cpu_exceeded"],
        says: "[cut]",
    },
    Attack {
        name: "huge-output",
        comes_to: &["output_too_large", "cpu_exceeded"],
        says: "a few words",
    },
    Attack {
        name: "panic-everywhere",
        comes_to: &["trapped"],
        says: "on purpose",
    },
];

/// What a call may use of CPU time, in milliseconds, of memory in MiB, of host calls
/// and of log lines in KiB.
fn budget(hook: &str) -> [i64; 4] {
    match hook {
        "routing" | "filter" => [20, 32, 200, 8],
        _ => [250, 64, 2_000, 32],
    }
}

/// Each attack at this hook, and somebody else's work after each.
async fn meets(app: &TestApp, hook: &str) {
    let mut yard = Yard::of(app).await;
    let mut neighbour = Neighbour::of(app).await;
    let [cpu, memory, host_calls, log] = budget(hook);
    for attack in &ATTACKS {
        let name = attack.name;
        let path = yard.install(name, hook, &[]).await;
        let code = yard.meet(name, hook, &path).await;
        assert!(attack.comes_to.contains(&code.as_str()), "{name}: {code}");
        let (call, lines) = yard.traces(&path).await;
        assert_eq!(call["outcome"], code, "{name}: {call}");
        let used = |field: &str| call[field].as_i64().expect("a number");
        // A stop comes with the next tick, which may be late on a busy machine.
        assert!(used("cpu_us") < (2 * cpu + 100) * 1_000, "{name}: {call}");
        assert!(used("peak_memory") <= memory << 20, "{name}: {call}");
        assert!(used("host_calls") <= host_calls + 1, "{name}: {call}");
        let bytes: usize = lines.iter().map(String::len).sum();
        assert!(bytes as i64 <= (log << 10) + 100, "{name}: {bytes}");
        let said = lines.iter().any(|line| line.contains(attack.says));
        assert!(said, "{name}: {lines:?}");
        yard.uninstall(&path).await;
        neighbour.goes_on(name).await;
    }
}

both_engines! {
    async fn in_the_way_of_routing(app) {
        meets(&app, "routing").await;
    }

    async fn in_a_saved_reply(app) {
        meets(&app, "variables").await;
    }

    async fn in_front_of_every_message(app) {
        meets(&app, "filter").await;
    }

    async fn as_a_bot(app) {
        meets(&app, "bot").await;
    }

    async fn a_table_is_no_way_around_memory(app) {
        let mut yard = Yard::of(&app).await;
        let path = yard.install("table-growth", "routing", &[]).await;
        assert_eq!(yard.meet("table-growth", "routing", &path).await, "memory_exceeded");
        let (call, _) = yard.traces(&path).await;
        assert!(call["peak_memory"].as_i64() < Some(2 << 20), "{call}");
    }

    async fn what_cannot_start_or_wants_too_much_is_not_taken(app) {
        let yard = Yard::of(&app).await;
        let mut neighbour = Neighbour::of(&app).await;
        for (name, file) in [
            ("trap-in-start", zoo("trap-in-start")),
            ("handle-leak", zoo("handle-leak")),
            ("wrong-signature", zoo("wrong-signature")),
            ("unknown-import", fixture("unknown-import")),
        ] {
            let refused = upload(&yard.admin.agent, &file, &[]).await;
            let problem = refused.refused(422, "plugin_refused");
            assert!(!text(&problem["errors"][0], "detail").is_empty(), "{name}: {problem}");
            neighbour.goes_on(name).await;
        }
        let plugins = yard.admin.get("/api/v1/plugins").await;
        assert_eq!(plugins["items"], json!([]), "nothing of it is kept");
        // What it was not granted keeps it from being installed.
        let plugin = yard.admin.uploaded(&zoo("ungranted-imports")).await;
        let body = json!({ "plugin_id": plugin, "hooks": ["routing"], "capabilities": ["kv"] });
        let told = yard.admin.install(body).await.refused(422, "grant_missing");
        assert!(told.to_string().contains("directory"), "{told}");
    }
}
