//! Chance, digests and signatures with secrets that no plugin sees.

use deskbell_tests::both_engines;
use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::text;
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned, path_of};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// RFC 4231, case 2.
const JEFE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const WORDS: &str = "what do ya want for nothing?";

async fn signing(admin: &Admin) -> String {
    let plugin = admin.uploaded(&zoo("signing-variables")).await;
    let body = json!({
        "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["crypto"], "config": {},
    });
    canned(admin, "signed", "{{signed.all}}").await;
    path_of(&admin.install(body).await.ok(201))
}

/// What came of these steps, line by line.
async fn told(admin: &Admin, chat: &Chat, path: &str, steps: Value) -> Vec<String> {
    let config = json!({ "config": { "steps": steps } });
    admin.patch(path, config).await.ok(200);
    let shown = chat.use_canned("signed", "c1", true).await.ok(200);
    text(&shown, "text").lines().map(str::to_owned).collect()
}

both_engines! {
    async fn what_is_signed_is_signed_with_the_entered_secret(app) {
        let admin = Admin::of(&app).await;
        let path = signing(&admin).await;
        let chat = Chat::begin(&app).await;
        let steps = json!([
            { "sign": ["key", WORDS] }, { "sign": ["api_key", WORDS] }, { "sign": ["other", WORDS] },
            { "verify": ["key", WORDS, JEFE] }, { "sha256": "" },
        ]);
        let said = told(&admin, &chat, &path, steps.clone()).await;
        let (none, unknown) = ("the secret was not entered, or cannot be opened", "the manifest names no such secret for signing");
        assert_eq!(said, [none, unknown, unknown, none, EMPTY]);
        let secrets = admin.get(&format!("{path}/secrets")).await;
        assert_eq!((&secrets["items"][1]["name"], &secrets["items"][1]["hosts"]), (&json!("key"), &json!([])));
        for name in ["key", "api_key"] {
            let put = json!({ "value": "Jefe" });
            admin.agent.http.put(&format!("{path}/secrets/{name}"), put).await.ok(204);
        }
        let said = told(&admin, &chat, &path, steps).await;
        // One that is sent somewhere is not for signing.
        assert_eq!(said, [JEFE, unknown, unknown, "true", EMPTY]);
        let (other, short) = (JEFE.replacen('5', "6", 1), &JEFE[..32]);
        let said = told(&admin, &chat, &path, json!([
            { "verify": ["key", WORDS, other] }, { "verify": ["key", "else", JEFE] },
            { "verify": ["key", WORDS, short] }, { "verify": ["key", WORDS, ""] },
        ])).await;
        assert_eq!(said, ["false"; 4]);
        admin.agent.http.delete(&format!("{path}/secrets/key")).await.ok(204);
        assert_eq!(told(&admin, &chat, &path, json!([{ "sign": ["key", WORDS] }])).await, [none]);
    }

    async fn what_it_may_hand_over_and_how_often_is_bounded(app) {
        let admin = Admin::of(&app).await;
        let path = signing(&admin).await;
        let chat = Chat::begin(&app).await;
        let said = told(&admin, &chat, &path, json!([
            { "random": 40 }, { "random": 40 }, { "random": 0 }, { "random": 1024 }, { "random": 1025 },
            { "digest": 524_288 }, { "digest": 524_289 },
        ])).await;
        assert_eq!((said[0].len(), said[2].as_str(), said[3].len()), (80, "", 2_048));
        assert_ne!(said[0], said[1]);
        let large = "this is more than may be handed over";
        assert_eq!((said[4].as_str(), said[5].len(), said[6].as_str()), (large, 64, large));
        let said = told(&admin, &chat, &path, json!([{ "flood": 3_000 }])).await;
        // The configuration was read first.
        assert_eq!(said, ["this call has used up its host calls at 1999"]);
    }

    async fn without_the_grant_it_is_not_installed(app) {
        let admin = Admin::of(&app).await;
        let plugin = admin.uploaded(&zoo("signing-variables")).await;
        let body = json!({ "plugin_id": plugin, "hooks": ["variables"], "capabilities": [] });
        let told = admin.install(body).await;
        let problem = told.refused(422, "grant_missing");
        assert!(text(&problem, "detail").contains("`crypto`"), "{problem}");
    }
}
