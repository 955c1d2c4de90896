//! Attacks on what a call may use, in every hook: one row each.

use deskbell_tests::{TestApp, both_engines};
use serde_json::{Value, json};

use super::neighbour::Neighbour;
use super::yard::Yard;
use crate::plugins::desk::{INSTALLATIONS, canned, path_of, upload};
use deskbell_tests::guests::{fixture, zoo, zoo_as};
use deskbell_tests::reducer::{list, text};

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
        // Here every call has the CPU time of one that nobody waits for: the machine is
        // busy.
        "routing" | "filter" => [1_000, 32, 200, 8],
        "events" => [1_000, 128, 20_000, 64],
        _ => [1_000, 64, 2_000, 32],
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
        if (hook, name) == ("events", "huge-output") {
            // As much as a call that nobody waits for may answer, and no note by far.
            yard.noted_nothing(&path).await;
            yard.uninstall(&path).await;
            neighbour.goes_on(name).await;
            continue;
        }
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

    async fn on_hearing_of_events(app) {
        meets(&app, "events").await;
    }

    async fn beside_the_chat(app) {
        meets(&app, "context").await;
    }

    async fn in_its_own_lifecycle(app) {
        let yard = Yard::of(&app).await;
        let mut neighbour = Neighbour::of(&app).await;
        let plugin = yard.admin.uploaded(&zoo("bad-lifecycle")).await;
        let body = |config: Value| json!({
            "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["kv"], "config": config,
        });
        // Whatever it does when it is asked: one finding, and nothing is installed.
        for mode in ["trap", "loop"] {
            let told = yard.admin.install(body(json!({ "validate": mode }))).await;
            told.refused(422, "invalid_input");
            told.names("/config", "plugin_failed");
            assert_eq!(yard.admin.get(INSTALLATIONS).await["items"], json!([]), "{mode}");
            neighbour.goes_on(mode).await;
        }
        let told = yard.admin.install(body(json!({ "validate": "many" }))).await;
        let findings = list(&told.refused(422, "invalid_input")["errors"]).len();
        assert!(findings <= 100, "{findings} findings");
        neighbour.goes_on("many findings").await;
        // Whatever it does when it is told of its upgrade: all is as it was.
        let before = yard.admin.install(body(json!({}))).await.ok(201);
        let path = path_of(&before);
        yard.admin.upload(&zoo_as("bad-lifecycle", "0.2.0", "")).await.ok(201);
        for mode in ["trap", "loop", "says-error", "keep-and-fail"] {
            let mut upgrade = body(json!({ "upgrade": mode }));
            upgrade["plugin_version"] = json!("0.2.0");
            if let Some(fields) = upgrade.as_object_mut() {
                fields.remove("plugin_id");
            }
            let told = yard.admin.agent.http.post(&format!("{path}/upgrade"), upgrade).await;
            told.refused(422, "upgrade_failed");
            let after = yard.admin.get(&path).await;
            for field in ["plugin_version", "digest", "config", "enabled", "hooks"] {
                assert_eq!(after[field], before[field], "{mode}");
            }
            neighbour.goes_on(mode).await;
        }
    }

    async fn with_what_it_may_sign(app) {
        let yard = Yard::of(&app).await;
        let mut neighbour = Neighbour::of(&app).await;
        canned(&yard.admin, "sign", "{{signed.all}}").await;
        let plugin = yard.admin.uploaded(&zoo("signing-variables")).await;
        let body = json!({
            "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["crypto"], "config": {},
        });
        let path = path_of(&yard.admin.install(body).await.ok(201));
        for (steps, says) in [
            (json!([{ "flood": 3_000 }]), "used up its host calls"),
            (json!([{ "digest": 524_289 }]), ""),
            (json!([{ "random": 4_000_000_000_u32 }]), ""),
            (json!([{ "sign": ["nobody", "x"] }]), ""),
            (json!([{ "verify": ["nobody", "x", "00"] }]), ""),
        ] {
            yard.admin.patch(&path, json!({ "config": { "steps": steps } })).await.ok(200);
            let said = yard.used("sign").await;
            // A refusal in words, and neither bytes nor a yes.
            let bytes = said.len() >= 64 && said.chars().all(|c| c.is_ascii_hexdigit());
            assert!(!bytes && said != "true" && said.contains(says), "{steps}: {said}");
            let (call, _) = yard.traces(&path).await;
            assert!(call["host_calls"].as_i64() <= Some(2_001), "{steps}: {call}");
            neighbour.goes_on("signing").await;
        }
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
