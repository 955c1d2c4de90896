//! One sender's messages keep their order, however long a filter takes for each.

use deskbell_tests::reducer::list;
use deskbell_tests::{Setup, both_engines};
use serde_json::{Value, json};

use super::desk::Talk;

const SENDS: usize = 200;

both_engines! {
    async fn two_hundred_sends_over_one_socket_stay_in_order(engine: Engine) {
        let app = Setup::new(engine).start().await;
        let talk = Talk::with(&app, json!({ "mode": "slow-now-and-then" })).await;
        let mut widget = talk.chat.visitor.connect().await;
        let mut ids = Vec::new();
        for n in 0..SENDS {
            let said = json!({
                "conversation_id": talk.chat.id, "client_msg_id": format!("o{n}"),
                "text": format!("{n}"),
            });
            ids.push(widget.start_command("send_message", said).await);
        }
        let mut seqs = Vec::new();
        for id in ids {
            let ack = widget.answer(&id).await.expect("an ack");
            seqs.push(ack["seq"].as_i64().unwrap_or_default());
        }
        let first = seqs[0];
        let expected: Vec<i64> = (first..).take(SENDS).collect();
        assert_eq!(seqs, expected, "in the order they were sent");
        // And it is the words that stand there, not only the numbers.
        let path = format!(
            "/api/v1/conversations/{}/messages?after_seq={}&limit={SENDS}",
            talk.chat.id,
            first - 1,
        );
        let messages = talk.chat.ana.http.get(&path).await.ok(200);
        let words = list(&messages["items"]).into_iter().map(|it| it["text"].clone());
        let words: Vec<Value> = words.collect();
        let expected: Vec<Value> = (0..SENDS).map(|n| json!(n.to_string())).collect();
        assert_eq!(words, expected);
        widget.close().await;
        app.finish().await;
    }
}
