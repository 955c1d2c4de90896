//! What is written is what is read: every entity, on both engines.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::canned::CannedResponse;
use deskbell_domain::conversation::talk::{self, Details};
use deskbell_domain::session::Session;
use deskbell_domain::*;
use deskbell_store::StoreError;
use deskbell_store::conversation::ConversationFilter;
use deskbell_store::idempotency::{Answer, IdempotencyKey, Remembered};
use deskbell_store::message::MessageRange;
use deskbell_store::node::Connection;
use deskbell_store::session::RefreshToken;
use deskbell_store::system::SigningKey;
use deskbell_tests::both_engines;
use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, NOW, done, draft, or_fail, sender};
use super::fresh::Fresh;

fn later(ms: i64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

both_engines! {
    async fn a_conversation_with_everything_in_it(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let by = desk.clone();
        let fill = desk.unit(caller.conversation, move |case| {
            let mut attributes = serde_json::Map::new();
            attributes.insert("order_id".to_owned(), json!("A-1001 ❤ \"quoted\""));
            attributes.insert("total".to_owned(), json!(12.5));
            attributes.insert("gift".to_owned(), json!(true));
            let details = Details {
                subject: Some(Some("Where is it?".to_owned())),
                category: Some(Some("Late delivery".to_owned())),
                priority: Some(Priority::Urgent),
                attributes,
                if_version: None,
            };
            talk::update(case, &by.cx(), &ActorRef::system(), details)?;
            let seat = conversation::flow::Seat { agent: by.agents[0], over_capacity: false };
            conversation::flow::assign(case, &by.cx(), &ActorRef::system(), seat, None)?;
            let agent = case.agent(by.agents[0])?.to_ref();
            let agent = ActorRef {
                kind: ActorKind::Agent,
                id: Some(agent.id.to_string()),
                name: Some(agent.name),
            };
            talk::send(case, &by.cx(), &agent, draft("reply"))?;
            let note = message::Draft { private: true, ..draft("note") };
            talk::send(case, &by.cx(), &agent, note)?;
            conversation::flow::resolve(case, &by.cx(), &agent, Some("solved".to_owned()))?;
            let visitor = sender(caller.visitor);
            talk::rate(case, &by.cx(), &visitor, 4, Some("quick".to_owned()))?;
            Ok((case.conversation.clone(), case.effects.messages.clone()))
        });
        let fill = deskbell_store::merged::Unit { agents: vec![desk.agents[0]], ..fill };
        let (written, messages) = done(store.submit(fill).await);
        assert_eq!(desk.conversation(store, caller.conversation).await, written);
        let tx = store.snapshot(desk.tenant).await.unwrap();
        let range = |with_private| MessageRange { limit: 10, with_private, ..Default::default() };
        let all = tx.messages(caller.conversation, range(true)).await.unwrap();
        assert_eq!(all[1..], messages);
        let public = tx.messages(caller.conversation, range(false)).await.unwrap();
        assert_eq!(public.len(), 2);
        assert_eq!(tx.message(messages[1].id).await.unwrap().as_ref(), Some(&messages[1]));
        let by_agent = tx.sent_before(ActorKind::Agent, desk.agents[0].0, "reply").await.unwrap();
        assert_eq!(by_agent, Some(messages[0].ack()));
        assert_eq!(tx.active_seats().await.unwrap(), []);
        drop(tx);
        fresh.done().await;
    }

    async fn pages_of_messages(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        for n in 2..=9 {
            done(store.submit(desk.send(&caller, &format!("k{n}"))).await);
        }
        let seqs = |range| async move {
            let tx = store.snapshot(desk.tenant).await.unwrap();
            let page = tx.messages(caller.conversation, range).await.unwrap();
            page.into_iter().map(|m| m.seq).collect::<Vec<_>>()
        };
        let base = MessageRange { limit: 4, ..Default::default() };
        assert_eq!(seqs(base).await, [6, 7, 8, 9]);
        assert_eq!(seqs(MessageRange { before_seq: Some(4), ..base }).await, [1, 2, 3]);
        assert_eq!(seqs(MessageRange { after_seq: Some(7), ..base }).await, [8, 9]);
        assert_eq!(seqs(MessageRange { around_seq: Some(5), ..base }).await, [3, 4, 5, 6]);
        assert_eq!(seqs(MessageRange { around_seq: Some(1), ..base }).await, [1, 2, 3, 4]);
        fresh.done().await;
    }

    async fn lists_and_the_queue(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let mut callers = Vec::new();
        for _ in 0..5 {
            callers.push(desk.caller(store).await);
        }
        let by = desk.clone();
        let urgent = desk.unit(callers[3].conversation, move |case| {
            let details = Details { priority: Some(Priority::Urgent), ..Details::default() };
            talk::update(case, &by.cx(), &ActorRef::system(), details)
        });
        done(store.submit(urgent).await);
        let tx = store.snapshot(desk.tenant).await.unwrap();
        let queue = tx.queued(None, 10).await.unwrap();
        let order: Vec<_> = [3, 0, 1, 2, 4].map(|n| callers[n].conversation).into();
        assert_eq!(queue.iter().map(|c| c.id).collect::<Vec<_>>(), order);
        for (place, id) in (1..).zip(&order) {
            assert_eq!(tx.queue_place(*id).await.unwrap(), Some(place));
        }
        assert_eq!(tx.queued(Some(vec![]), 10).await.unwrap().len(), 0);
        assert_eq!(tx.queued(Some(vec![desk.team]), 10).await.unwrap().len(), 5);
        // All of one instant: the ids break the tie, newest first.
        let mut filter = ConversationFilter::default();
        let first = tx.conversations(&filter, None, 2).await.unwrap();
        let last = &first[1];
        let rest = tx.conversations(&filter, Some((last.created_at, last.id)), 9).await.unwrap();
        let ids: Vec<_> = first.iter().chain(&rest).map(|c| c.id).collect();
        let expected: Vec<_> = callers.iter().rev().map(|c| c.conversation).collect();
        assert_eq!(ids, expected);
        filter.viewer = Some((desk.agents[0], vec![]));
        assert_eq!(tx.conversations(&filter, None, 9).await.unwrap().len(), 0);
        filter.viewer = Some((desk.agents[0], vec![desk.team]));
        filter.contact_id = Some(callers[2].contact);
        filter.status = Some(Status::Queued);
        assert_eq!(tx.conversations(&filter, None, 9).await.unwrap().len(), 1);
        let open = tx.open_conversation(desk.inbox, callers[1].contact).await.unwrap();
        assert_eq!(open, Some(callers[1].conversation));
        let latest = tx.latest_conversation(desk.inbox, callers[1].contact).await.unwrap();
        assert_eq!(latest, open);
        let theirs = tx.contact_conversations(callers[1].contact, 5).await.unwrap();
        assert_eq!(theirs.len(), 1);
        let after = tx.conversations_after(Some(callers[1].conversation), 2).await.unwrap();
        let expected = [callers[2].conversation, callers[3].conversation];
        assert_eq!(after.iter().map(|c| c.id).collect::<Vec<_>>(), expected);
        drop(tx);
        fresh.done().await;
    }

    async fn agents_and_teams(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let by = desk.clone();
        let written = fresh.store.write(desk.tenant, move |tx| {
            let desk = by.clone();
            Box::pin(async move {
                let mut agent = tx.hold_agent(desk.agents[0]).await?.expect("known");
                assert_eq!(agent, desk.agent_entity(0));
                let twin = Agent { id: AgentId(desk.ids.uuid()), ..agent.clone() };
                assert!(!tx.insert_agent(&twin, "hash").await?, "the address is taken");
                agent.team_ids = vec![];
                agent.presence.disconnected_at = Some(later(5));
                agent.presence.connected = false;
                agent.availability = Availability::Offline;
                agent.version += 1;
                tx.save_agent(&agent).await?;
                assert_eq!(tx.agent(agent.id).await?, Some(agent.clone()));
                tx.set_password(agent.id, "other").await?;
                let login = tx.agent_login(&agent.email).await?;
                assert_eq!(login, Some((agent.id, "other".to_owned())));
                let mut team = tx.team(desk.team).await?.expect("known");
                assert_eq!(team.agent_ids, [desk.agents[1]]);
                team.agent_ids = desk.agents.to_vec();
                team.strategy = team::Strategy::RoundRobin;
                tx.save_team(&team).await?;
                assert_eq!(tx.teams().await?, [team.clone()]);
                assert_eq!(tx.agents().await?.len(), 2);
                assert!(tx.team_in_use(team.id).await?);
                let spare = team::Team { id: TeamId(desk.ids.uuid()), ..team };
                tx.insert_team(&spare).await?;
                assert!(!tx.team_in_use(spare.id).await?);
                tx.delete_team(spare.id).await?;
                assert_eq!(tx.team(spare.id).await?, None);
                Ok(())
            })
        });
        or_fail(written.await);
        fresh.done().await;
    }

    async fn sessions_and_refresh_tokens(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let by = desk.clone();
        let written = fresh.store.write(desk.tenant, move |tx| {
            let desk = by.clone();
            Box::pin(async move {
                let session = Session {
                    id: SessionId(desk.ids.uuid()),
                    agent_id: Some(desk.agents[0]),
                    visitor_id: None,
                    user_agent: Some("browser".to_owned()),
                    address: None,
                    created_at: NOW,
                    last_used_at: NOW,
                    expires_at: later(100),
                    revoked_at: None,
                };
                tx.insert_session(&session).await?;
                assert_eq!(tx.session(session.id).await?, Some(session.clone()));
                tx.touch_session(session.id, later(1), later(200)).await?;
                let token = RefreshToken {
                    id: TokenId(desk.ids.uuid()),
                    session_id: session.id,
                    hash: vec![7; 32],
                    issued_at: NOW,
                    expires_at: later(200),
                    used_at: None,
                };
                tx.insert_refresh_token(&token).await?;
                assert!(tx.use_refresh_token(token.id, later(2)).await?);
                assert!(!tx.use_refresh_token(token.id, later(3)).await?, "it works once");
                assert!(!tx.revoke_session(session.id, later(200)).await?, "it is over");
                assert!(tx.revoke_session(session.id, later(4)).await?);
                assert!(!tx.revoke_session(session.id, later(5)).await?);
                let own = tx.agent_sessions(desk.agents[0]).await?;
                assert_eq!(own[0].revoked_at, Some(later(4)));
                assert_eq!(own[0].expires_at, later(200));
                Ok(token)
            })
        });
        let token = or_fail(written.await);
        let tx = fresh.store.system_snapshot().await.unwrap();
        let (tenant, found) = tx.refresh_token(&[7; 32]).await.unwrap().unwrap();
        assert_eq!(tenant, desk.tenant);
        assert_eq!(found, RefreshToken { used_at: Some(later(2)), ..token });
        assert!(tx.refresh_token(&[8; 32]).await.unwrap().is_none());
        drop(tx);
        fresh.done().await;
    }

    async fn the_rest_of_a_tenant(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let by = desk.clone();
        let written = fresh.store.write(desk.tenant, move |tx| {
            let desk = by.clone();
            Box::pin(async move {
                let mut canned = CannedResponse {
                    id: CannedResponseId(desk.ids.uuid()),
                    shortcut: "hi".to_owned(),
                    title: "Greeting".to_owned(),
                    text: "Hello {{contact.name}}".to_owned(),
                    enabled: true,
                    used_count: 0,
                    last_used_at: None,
                    created_at: NOW,
                    version: 1,
                };
                assert!(tx.insert_canned_response(&canned).await?);
                let twin = CannedResponse { id: CannedResponseId(desk.ids.uuid()), ..canned.clone() };
                assert!(!tx.insert_canned_response(&twin).await?);
                let other = CannedResponse { shortcut: "bye".to_owned(), ..twin };
                assert!(tx.insert_canned_response(&other).await?);
                let stolen = CannedResponse { shortcut: "hi".to_owned(), ..other.clone() };
                assert!(!tx.save_canned_response(&stolen).await?);
                tx.count_use(canned.id, later(9)).await?;
                canned.used_count = 1;
                canned.last_used_at = Some(later(9));
                canned.version += 1;
                assert_eq!(tx.canned_response(canned.id).await?.as_ref(), Some(&canned));
                canned.enabled = false;
                assert!(tx.save_canned_response(&canned).await?);
                assert_eq!(tx.canned_by_shortcut("hi").await?, Some(canned));
                assert_eq!(tx.canned_responses().await?.len(), 2);
                assert!(tx.delete_canned_response(other.id).await?);
                assert!(!tx.delete_canned_response(other.id).await?);

                let mut inbox = tx.inbox(desk.inbox).await?.expect("known");
                assert!(!tx.insert_inbox(&inbox::Inbox {
                    id: InboxId(desk.ids.uuid()),
                    ..inbox.clone()
                }).await?);
                inbox.name = "Renamed".to_owned();
                tx.save_inbox(&inbox).await?;
                assert_eq!(tx.inboxes().await?, [inbox]);

                let (mut contact, visitor) = desk.person(tx).await?;
                contact.vip = true;
                contact.attributes.insert("plan".to_owned(), json!("gold"));
                tx.save_contact(&contact).await?;
                assert_eq!(tx.contact(contact.id).await?, Some(contact.clone()));
                assert_eq!(tx.contacts(None, 10).await?, [contact]);
                tx.touch_visitor(visitor, later(3)).await?;
                let known = tx.visitor_by_secret(visitor.0.as_bytes()).await?.expect("known");
                assert_eq!((known.id, known.last_seen_at), (visitor, later(3)));

                let key = IdempotencyKey {
                    actor: desk.agents[0].0,
                    route: "POST /teams".to_owned(),
                    key: "k".to_owned(),
                };
                let answer = Answer { status: 201, body: "{}".to_owned() };
                assert_eq!(tx.remembered(&key).await?, None);
                assert!(tx.take_key(&key, &[1, 2], NOW).await?);
                assert!(!tx.take_key(&key, &[1, 2], NOW).await?);
                let taken = Remembered { body_hash: vec![1, 2], answer: None };
                assert_eq!(tx.remembered(&key).await?, Some(taken.clone()));
                tx.answer_key(&key, &answer).await?;
                let answered = Remembered { answer: Some(answer), ..taken };
                assert_eq!(tx.remembered(&key).await?, Some(answered));
                let other = IdempotencyKey { key: "other".to_owned(), ..key };
                assert!(tx.take_key(&other, &[1], NOW).await?);
                tx.free_key(&other).await?;
                assert_eq!(tx.remembered(&other).await?, None);
                Ok(())
            })
        });
        or_fail(written.await);
        let forgotten = fresh.store.system(|sys| {
            Box::pin(async move {
                assert_eq!(sys.forget_answers(NOW, 10).await?, 0);
                sys.forget_answers(later(1), 10).await
            })
        });
        assert_eq!(or_fail(forgotten.await), 1);
        fresh.done().await;
    }

    async fn nodes_and_their_sockets(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let (here, there) = (NodeId(desk.ids.uuid()), NodeId(desk.ids.uuid()));
        let beaten = fresh.store.system(move |sys| {
            Box::pin(async move {
                sys.beat_node(here).await?;
                sys.beat_node(there).await?;
                assert_eq!(sys.dead_nodes(60_000).await?, []);
                // By a clock that is ahead, both have been silent.
                assert_eq!(sys.dead_nodes(-1_000).await?.len(), 2);
                Ok(())
            })
        });
        or_fail(beaten.await);
        let by = desk.clone();
        let (agent, contact) = or_fail(fresh.store.write(desk.tenant, move |tx| {
            let desk = by.clone();
            Box::pin(async move {
                let (contact, visitor) = desk.person(tx).await?;
                let agent = desk.agents[0];
                for (node, agent_id, visitor_id) in
                    [(here, None, Some(visitor)), (there, Some(agent), None)]
                {
                    let session = Session {
                        id: SessionId(desk.ids.uuid()),
                        agent_id,
                        visitor_id,
                        user_agent: None,
                        address: None,
                        created_at: NOW,
                        last_used_at: NOW,
                        expires_at: later(1),
                        revoked_at: None,
                    };
                    tx.insert_session(&session).await?;
                    tx.insert_connection(&Connection {
                        id: ConnectionId(desk.ids.uuid()),
                        node,
                        session_id: session.id,
                        agent_id,
                        visitor_id,
                        connected_at: NOW,
                    }).await?;
                }
                assert!(tx.agent_connected(agent).await?);
                assert!(tx.contact_connected(contact.id).await?);
                assert!(!tx.delete_connection(ConnectionId(Uuid::nil())).await?);
                Ok((agent, contact.id))
            })
        }).await);
        let gone = or_fail(fresh.store.system(move |sys| {
            Box::pin(async move { sys.remove_node(there).await })
        }).await);
        assert_eq!(gone.len(), 1);
        assert_eq!((gone[0].0, gone[0].1.agent_id), (desk.tenant, Some(agent)));
        let tx = fresh.store.snapshot(desk.tenant).await.unwrap();
        assert!(!tx.agent_connected(agent).await.unwrap());
        assert!(tx.contact_connected(contact).await.unwrap());
        drop(tx);
        fresh.done().await;
    }

    async fn tenants_and_signing_keys(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let id = desk.tenant;
        let keys = [1, 2].map(|n| SigningKey {
            id: KeyId(desk.ids.uuid()),
            secret: vec![n; 32],
            created_at: later(n.into()),
            retired_at: None,
        });
        let read = fresh.store.system(move |sys| {
            let keys = keys.clone();
            Box::pin(async move {
                let tenant = sys.tenant_by_slug("demo").await?.expect("known");
                assert_eq!(sys.tenant(id).await?.as_ref(), Some(&tenant));
                assert_eq!(sys.tenants().await?, std::slice::from_ref(&tenant));
                let twin = tenant::Tenant { id: TenantId(Uuid::from_u128(4)), ..tenant };
                assert!(!sys.insert_tenant(&twin).await?);
                let (whose, inbox) = sys.inbox_by_key("demo").await?.expect("known");
                assert_eq!((whose, inbox.key.as_str()), (id, "demo"));
                assert!(sys.inbox_by_key("other").await?.is_none());
                for key in &keys {
                    sys.insert_signing_key(key).await?;
                }
                let newest_first = [keys[1].clone(), keys[0].clone()];
                assert_eq!(sys.signing_keys().await?, newest_first);
                Ok::<_, StoreError>(())
            })
        });
        or_fail(read.await);
        fresh.done().await;
    }
}
