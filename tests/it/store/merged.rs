//! Units that share their statements stay each other's strangers.

use deskbell_domain::conversation::flow::{self, Seat};
use deskbell_domain::timer::{TimerKey, TimerKind};
use deskbell_domain::{ActorRef, Refusal, Status, Timestamp};
use deskbell_store::Engine;
use deskbell_store::merged::{SubmitError, Submitted};
use deskbell_tests::both_engines;
use futures_util::future::join_all;

use super::desk::{Desk, NOW, done, or_fail};
use super::fresh::Fresh;

both_engines! {
    async fn a_refused_unit_touches_no_neighbour(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let other = desk.caller(store).await;
        let sends = (0..20).map(|n| {
            let mut unit = desk.send(&caller, &format!("k{n}"));
            if n % 3 == 0 {
                // It changes its case, and then says no.
                let decide = unit.decide.clone();
                unit.decide = std::sync::Arc::new(move |case| {
                    decide(case)?;
                    Err(Refusal::Forbidden)
                });
            }
            store.submit(unit)
        });
        let (answers, beside) =
            tokio::join!(join_all(sends), store.submit(desk.send(&other, "beside")));
        assert_eq!(done(beside).seq, 2);
        let refused = answers.iter().filter(|answer| {
            matches!(answer, Err(SubmitError::Refused(Refusal::Forbidden)))
        });
        assert_eq!(refused.count(), 7);
        assert_eq!(desk.texts(store, caller.conversation).await.len(), 1 + 13);
        let conversation = desk.conversation(store, caller.conversation).await;
        assert_eq!((conversation.last_seq, conversation.unread_count), (14, 14));
        fresh.done().await;
    }

    async fn a_repeat_gets_the_first_answer(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        // All at once, so that some meet in a batch and some in the database.
        let answers = join_all((0..30).map(|_| store.submit(desk.send(&caller, "same")))).await;
        let mut acks = Vec::new();
        let mut new = 0;
        for answer in answers {
            match answer.unwrap() {
                Submitted::Done(ack) => {
                    new += 1;
                    acks.push(ack);
                }
                Submitted::Duplicate(ack) => acks.push(ack),
                Submitted::TimerGone => panic!("there was no timer"),
            }
        }
        acks.dedup();
        assert_eq!((new, acks.len()), (1, 1));
        assert_eq!(desk.texts(store, caller.conversation).await, ["text first", "text same"]);
        // The opening message counts too.
        let again = store.submit(desk.send(&caller, "first")).await.unwrap();
        assert!(matches!(again, Submitted::Duplicate(ack) if ack.seq == 1));
        fresh.done().await;
    }

    async fn racing_assignments_never_exceed_capacity(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let second = fresh.again().await;
        let mut callers = Vec::new();
        for _ in 0..12 {
            callers.push(desk.caller(store).await);
        }
        let agent = desk.agents[0];
        let races = callers.iter().enumerate().map(|(n, caller)| {
            let by = desk.clone();
            let mut unit = desk.unit(caller.conversation, move |case| {
                let seat = Seat { agent, over_capacity: false };
                flow::assign(case, &by.cx(), &ActorRef::system(), seat, None)
            });
            unit.agents = vec![agent];
            unit.with_assignee = true;
            // SQLite has one writer; PostgreSQL is raced from two nodes.
            let node = if n % 2 == 0 || engine == Engine::Sqlite { store } else { &second };
            node.submit(unit)
        });
        let answers = join_all(races).await;
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 5);
        for answer in answers {
            assert!(matches!(
                answer,
                Ok(Submitted::Done(())) | Err(SubmitError::Refused(Refusal::AtCapacity))
            ));
        }
        assert_eq!(desk.agent(store, agent).await.load, 5);
        second.close().await;
        fresh.done().await;
    }

    async fn the_open_slot_moves_within_a_batch(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let old = desk.caller(store).await;
        let resolve = |id| {
            let by = desk.clone();
            desk.unit(id, move |case| {
                flow::resolve(case, &by.cx(), &ActorRef::system(), Some("done".to_owned()))
            })
        };
        let reopen = |id| {
            let by = desk.clone();
            desk.unit(id, move |case| {
                flow::reopen(case, &by.cx(), &ActorRef::system(), None)
            })
        };
        done(store.submit(resolve(old.conversation)).await);
        // The same contact rings again, while the old one is resolved.
        let by = desk.clone();
        let new = store.write(desk.tenant, move |tx| {
            let by = by.clone();
            Box::pin(async move {
                let contact = tx.contact(old.contact).await?.expect("known");
                let case = by.case(&contact, old.visitor, "second");
                assert!(tx.start_case(&case).await?);
                let third = by.case(&contact, old.visitor, "third");
                assert!(!tx.start_case(&third).await?, "the slot is taken");
                Ok::<_, deskbell_store::StoreError>(case.conversation.id)
            })
        });
        let new = new.await.unwrap();
        let refused = store.submit(reopen(old.conversation)).await;
        assert!(
            matches!(&refused, Err(SubmitError::Refused(Refusal::OtherOpen(id))) if *id == new),
            "{refused:?}"
        );
        let (closed, reopened) = tokio::join!(
            store.submit(resolve(new)),
            store.submit(reopen(old.conversation)),
        );
        done(closed);
        // On PostgreSQL they may run in two lanes, the second of them first.
        if !matches!(reopened, Err(SubmitError::Refused(Refusal::OtherOpen(_)))) {
            done(reopened);
            assert_eq!(desk.conversation(store, old.conversation).await.status, Status::Queued);
        }
        assert_eq!(desk.conversation(store, new).await.status, Status::Resolved);
        fresh.done().await;
    }

    async fn units_under_a_timer_or_a_lease_run_once_or_not_at_all(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let key = TimerKey::conversation(TimerKind::VisitorGone, caller.conversation);
        let due = Timestamp(NOW.0 + desk.settings.missed_after_ms);
        let early = Timestamp(due.0 - 1);
        let timed = |due_at| {
            let mut unit = desk.unit(caller.conversation, |_| Ok(()));
            unit.timer = Some((key, due_at));
            store.submit(unit)
        };
        assert_eq!(timed(early).await.unwrap(), Submitted::TimerGone);
        let answers = join_all((0..10).map(|_| timed(due))).await;
        let fired = answers.into_iter().filter(|a| matches!(a, Ok(Submitted::Done(()))));
        assert_eq!(fired.count(), 1);

        let holder = uuid::Uuid::from_u128(1);
        let epoch = store.system(move |sys| {
            Box::pin(async move { sys.acquire_lease("router", holder, 60_000).await })
        });
        let epoch = or_fail(epoch.await).expect("free");
        let leased = |epoch| {
            let mut unit = desk.unit(caller.conversation, |_| Ok(()));
            unit.lease = Some(("router", epoch));
            store.submit(unit)
        };
        let (held, stale) = tokio::join!(leased(epoch), leased(epoch - 1));
        done(held);
        assert!(matches!(stale, Err(SubmitError::Refused(Refusal::LeaseLost))));
        let nowhere = deskbell_domain::ConversationId(uuid::Uuid::from_u128(5));
        let missing = store.submit(desk.unit(nowhere, |_| Ok(()))).await;
        assert!(matches!(missing, Err(SubmitError::NotFound)));
        fresh.done().await;
    }

    async fn a_unit_that_the_engine_refuses_falls_alone(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let good = desk.caller(store).await;
        let nobodys = deskbell_domain::TeamId(uuid::Uuid::from_u128(9));
        let by = desk.clone();
        // A team that does not exist: the foreign key says no to the statement.
        let bad = desk.unit(caller.conversation, move |case| {
            let target = flow::Target::Team(nobodys);
            flow::transfer(case, &by.cx(), &ActorRef::system(), target, None)
        });
        let sends = join_all((0..8).map(|n| store.submit(desk.send(&good, &format!("g{n}")))));
        let (bad, sent) = tokio::join!(store.submit(bad), sends);
        assert!(matches!(bad, Err(SubmitError::Store(_))), "{bad:?}");
        sent.into_iter().for_each(|answer| {
            done(answer);
        });
        assert_eq!(desk.texts(store, good.conversation).await.len(), 9);
        assert_eq!(desk.conversation(store, caller.conversation).await.team_id, Some(desk.team));
        fresh.done().await;
    }
}
