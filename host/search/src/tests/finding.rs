//! What is found, in which order, and how it is shown.

use deskbell_domain::{Kind, Refusal, Status};

use super::desk::{Office, TENANT, agent, request, visitor};
use crate::SearchError;

async fn said(texts: &[&str]) -> Office {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    for text in texts {
        office.desk.say(TENANT, id, visitor("Vera"), text);
    }
    office.settle().await;
    office
}

#[tokio::test]
async fn all_words_must_be_there() {
    let office = said(&["my order is late", "the order came", "late again"]).await;
    assert_eq!(office.find("LATE order").await, ["my [order] is [late]"]);
    assert_eq!(office.find("order parcel").await, [""; 0]);
    assert_eq!(office.find("?!").await, [""; 0]);
}

#[tokio::test]
async fn exact_comes_before_beginnings_before_misspellings_and_new_before_old() {
    let office = said(&[
        "delivery",
        "delivery twice",
        "deliveryman",
        "delivrey",
        "deliver",
    ])
    .await;
    assert_eq!(
        office.find("delivery").await,
        [
            "[delivery] twice",
            "[delivery]",
            "[deliveryman]",
            "[deliver]",
            "[delivrey]"
        ]
    );
}

#[tokio::test]
async fn one_slip_in_short_words_two_in_long_none_in_tiny_words_and_numbers() {
    let office = said(&["refund", "international", "cat", "A-1001", "A-1002"]).await;
    assert_eq!(office.find("refnud").await, ["[refund]"]);
    assert_eq!(office.find("rfnd").await, [""; 0]);
    assert_eq!(office.find("internatoinl").await, ["[international]"]);
    assert_eq!(office.find("cot").await, [""; 0]);
    assert_eq!(office.find("1001").await, ["A-[1001]"]);
    assert_eq!(office.find("a-1002").await, ["[A]-[1002]"]);
}

#[tokio::test]
async fn accents_do_not_matter_either_way() {
    let office = said(&["une crème brûlée", "creme ordinaire"]).await;
    assert_eq!(office.find("creme brulee").await, ["une [crème] [brûlée]"]);
    assert_eq!(office.find("CRÈME").await.len(), 2);
}

#[tokio::test]
async fn phrases_are_exact_and_in_order() {
    let office = said(&["late order", "order late", "late, order!", "later order"]).await;
    assert_eq!(
        office.find("\"late order\"").await,
        ["[late], [order]!", "[late] [order]"]
    );
    assert_eq!(office.find("\"late\"").await.len(), 3);
}

#[tokio::test]
async fn arabic_and_chinese_are_found() {
    let office = said(&[
        "أحتاج إلى المُساعدة من فضلك",
        "我想申请退款，谢谢",
        "谢谢",
        "환불해 주세요",
    ])
    .await;
    assert_eq!(office.find("مساعده").await.len(), 1);
    assert_eq!(office.find("احتاج").await.len(), 1);
    assert_eq!(office.find("退款").await, ["我想申请[退款]，谢谢"]);
    assert_eq!(office.find("款退").await, [""; 0]);
    assert_eq!(office.find("谢").await.len(), 2);
    assert_eq!(office.find("환불해").await, ["[환불해] 주세요"]);
}

#[tokio::test]
async fn filters_by_sender_and_status() {
    let office = Office::new().await;
    let open = office.desk.start(TENANT, "Vera", None);
    let done = office.desk.start(TENANT, "Otto", None);
    office
        .desk
        .say(TENANT, open, visitor("Véra Maria Lopez"), "refund one");
    office.desk.say(TENANT, open, agent("Ana"), "refund two");
    office
        .desk
        .say(TENANT, done, visitor("Ana Visitor"), "refund three");
    office
        .desk
        .change(TENANT, done, |c| c.status = Status::Resolved);
    office.settle().await;

    assert_eq!(office.find("from:agent refund").await, ["[refund] two"]);
    assert_eq!(office.find("from:visitor").await.len(), 2);
    assert_eq!(office.find("from:ana").await.len(), 2);
    assert_eq!(office.find("from:vera").await, ["refund one"]);
    assert_eq!(office.find("from:\"maria lopez\"").await, ["refund one"]);
    assert_eq!(office.find("from:\"lopez maria\"").await, [""; 0]);
    assert_eq!(office.find("from:\"visitor\"").await, ["refund three"]);
    assert_eq!(
        office.find("status:resolved refund").await,
        ["[refund] three"]
    );
    assert_eq!(
        office.find("status:queued from:agent").await,
        ["refund two"]
    );
    assert_eq!(office.find("status:queued status:resolved").await.len(), 3);
    assert_eq!(office.find("status:missed").await, [""; 0]);
}

#[tokio::test]
async fn subject_and_contact_stand_for_the_conversation() {
    let office = Office::new().await;
    let id = office
        .desk
        .start(TENANT, "Wilhelmina", Some("Broken kettle"));
    for text in ["hello", "it leaks", "how odd"] {
        office.desk.say(TENANT, id, visitor("W"), text);
    }
    office.settle().await;
    assert_eq!(office.find("kettle").await, ["hello"]);
    assert_eq!(office.find("wilhelmina").await, ["hello"]);
    assert_eq!(office.find("kettle leaks").await, ["it [leaks]"]);
    assert_eq!(office.find("\"kettle wilhelmina\"").await, [""; 0]);
}

#[tokio::test]
async fn notes_are_found_and_marked() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    office
        .desk
        .message(TENANT, id, agent("Ana"), "careful, fraud", true);
    office.settle().await;
    let results = office.ask(request(TENANT, "fraud")).await.unwrap();
    assert!(results.hits[0].private);
    assert_eq!(results.hits[0].conversation_id, id);
    assert_eq!(results.hits[0].seq, 1);
}

#[tokio::test]
async fn pages_cover_everything_once() {
    let texts: Vec<_> = (0..25).map(|n| format!("ticket {n}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let office = said(&texts).await;
    let mut seen = Vec::new();
    let mut page = request(TENANT, "ticket");
    page.limit = 10;
    loop {
        let results = office.ask(page.clone()).await.unwrap();
        assert_eq!(results.total, 25);
        seen.extend(results.hits.iter().map(|hit| hit.seq));
        page.cursor = results.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_asked_names_the_parameter() {
    let office = said(&["x"]).await;
    let mut garbled = request(TENANT, "x");
    garbled.cursor = Some("s1-99999999999999999999".to_owned());
    let mut too_many = request(TENANT, "x");
    too_many.limit = 201;
    let cases = [
        (request(TENANT, "team:x"), "/q"),
        (garbled, "/cursor"),
        (too_many, "/limit"),
    ];
    for (asked, pointer) in cases {
        let error = office.ask(asked).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        match error {
            SearchError::Refused(Refusal::Invalid(errors)) => {
                assert_eq!(errors[0].pointer, pointer);
            }
            other => panic!("{other}"),
        }
    }
}
