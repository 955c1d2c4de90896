//! The feed as clients and consumers use it: in order, from a cursor, for 30 days.

use deskbell_domain::{EventBody, Timestamp};
use deskbell_store::StoreError;
use deskbell_store::feed::Cursor;
use deskbell_tests::both_engines;
use futures_util::future::join_all;

use super::desk::{Desk, Keyed, NOW, done, draft, or_fail, sender};
use super::fresh::Fresh;

both_engines! {
    async fn a_reader_delivers_what_is_committed_after_it_began(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let mut reader = store.feed_reader().await.unwrap();
        assert!(reader.position() > 0);
        assert_eq!(reader.poll(10).await.unwrap(), []);
        let sent = join_all((0..20).map(|n| store.submit(desk.send(&caller, &format!("k{n}")))));
        let mut acks: Vec<_> = sent.await.into_iter().map(done).collect();
        acks.sort_by_key(|ack| ack.seq);
        let mut rows = Vec::new();
        while rows.len() < 20 {
            let more = reader.poll(7).await.unwrap();
            assert!(more.len() <= 7 && !more.is_empty());
            rows.extend(more);
        }
        for (row, ack) in rows.iter().zip(&acks) {
            assert_eq!(row.event.tenant_id, desk.tenant);
            assert_eq!(row.event.audience.contact, Some(caller.contact));
            let EventBody::MessageCreated { message } = &row.event.body else {
                panic!("{:?}", row.event);
            };
            assert_eq!(message.ack(), *ack);
        }
        assert_eq!(reader.poll(10).await.unwrap(), []);
        assert_eq!(reader.cursor(), store.cursor_at(rows[19].position));
        // The same again as history, and only this tenant's.
        let (from, to) = (rows[4].position, rows[14].position);
        let range = store.feed_range(desk.tenant, from, to, 100).await.unwrap();
        assert_eq!(range, rows[5..=14]);
        let nobody = deskbell_domain::TenantId(uuid::Uuid::from_u128(8));
        assert_eq!(store.feed_range(nobody, 0, to, 100).await.unwrap(), []);
        fresh.done().await;
    }

    async fn rows_of_another_process_come_in_their_place(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let other = fresh.again().await;
        let mut reader = store.feed_reader().await.unwrap();
        let mut sent = Vec::new();
        let mut told = Vec::new();
        for round in 0..4 {
            // Own, foreign, own; and in every other round nobody looks between.
            for (writer, name) in [(store, "own"), (&other, "foreign"), (store, "again")] {
                let key = format!("{name}-{round}");
                sent.push(done(writer.submit(desk.send(&caller, &key)).await).message_id);
                if round % 2 == 0 {
                    told.extend(reader.poll(2).await.unwrap());
                }
            }
        }
        // Empty once may mean that memory has nothing more.
        for _ in 0..2 {
            loop {
                let more = reader.poll(2).await.unwrap();
                if more.is_empty() {
                    break;
                }
                told.extend(more);
            }
        }
        let ids = told.iter().map(|row| match &row.event.body {
            EventBody::MessageCreated { message } => message.id,
            other => panic!("{other:?}"),
        });
        assert_eq!(ids.collect::<Vec<_>>(), sent);
        let begin = told[0].position - 1;
        assert_eq!(store.feed_rows(begin, i64::MAX, 100).await.unwrap(), told);
        other.close().await;
        fresh.done().await;
    }

    async fn a_refused_unit_tells_nobody(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let caller = desk.caller(store).await;
        let mut reader = store.feed_reader().await.unwrap();
        let unit = desk.unit(caller.conversation, |_| {
            Err::<(), _>(deskbell_domain::Refusal::Closed)
        });
        assert!(store.submit(unit.keyed(caller.visitor, "no")).await.is_err());
        assert_eq!(reader.poll(10).await.unwrap(), []);
        assert!(!reader.is_waiting());
        fresh.done().await;
    }

    async fn old_events_go_and_their_cursors_are_known_as_too_old(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        desk.caller(store).await;
        let later = desk.clone();
        let caller = desk.caller(store).await;
        let rows = store.feed_rows(0, i64::MAX, 100).await.unwrap();
        assert_eq!(rows.len(), 6);
        assert!(store.feed_floor().await.unwrap() <= rows[0].position);
        // A message of the next day stays when the first day goes.
        let next_day = Timestamp(NOW.0 + 86_400_000);
        let unit = desk.unit(caller.conversation, move |case| {
            let cx = deskbell_domain::Context { now: next_day, ..later.cx() };
            let actor = sender(caller.visitor);
            deskbell_domain::conversation::talk::send(case, &cx, &actor, draft("late"))
        });
        done(store.submit(unit).await);
        let trim = |limit| {
            let trimmed = store.system(move |sys| {
                Box::pin(async move { sys.trim_feed(next_day, limit).await })
            });
            async { or_fail(trimmed.await) }
        };
        assert_eq!(trim(4).await, 4);
        assert_eq!(trim(4).await, 2);
        assert_eq!(trim(4).await, 0);
        let left = store.feed_rows(0, i64::MAX, 100).await.unwrap();
        assert_eq!(left.len(), 1);
        // The oldest kept position: whoever has seen the one before misses nothing.
        assert_eq!(store.feed_floor().await.unwrap(), rows[5].position + 1);
        // A reader of an emptied feed goes on where it ended.
        let all = store.system(move |sys| {
            Box::pin(async move { sys.trim_feed(Timestamp(i64::MAX), 100).await })
        });
        assert_eq!(or_fail(all.await), 1);
        let mut reader = store.feed_reader().await.unwrap();
        assert_eq!(reader.position(), left[0].position);
        done(store.submit(desk.send(&caller, "more")).await);
        assert_eq!(reader.poll(10).await.unwrap().len(), 1);
        fresh.done().await;
    }

    async fn a_consumer_keeps_its_place_and_parks_what_it_cannot_digest(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let node = deskbell_domain::NodeId(uuid::Uuid::from_u128(3));
        let cursor = store.cursor_at(17);
        let tenant = desk.tenant;
        let kept = store.system(move |sys| {
            Box::pin(async move {
                sys.save_consumer_cursor("webhooks", None, &store_cursor(cursor, 5)).await?;
                sys.save_consumer_cursor("webhooks", Some(node), &cursor).await?;
                sys.save_consumer_cursor("webhooks", None, &store_cursor(cursor, 9)).await?;
                sys.park_event("webhooks", 4, tenant, "boom", 5, NOW).await?;
                sys.park_event("webhooks", 4, tenant, "again", 6, NOW).await?;
                Ok::<_, StoreError>((
                    sys.consumer_cursor("webhooks", None).await?,
                    sys.consumer_cursor("webhooks", Some(node)).await?,
                    sys.consumer_cursor("search", None).await?,
                    sys.parked_events(10).await?,
                    sys.unpark_event("webhooks", 4).await?,
                    sys.parked_events(10).await?,
                ))
            })
        });
        let (cluster, own, none, parked, gone, left) = or_fail(kept.await);
        assert_eq!(cluster.map(|c| c.position), Some(9));
        assert_eq!(own, Some(cursor));
        assert_eq!(none, None);
        assert_eq!((parked[0].error.as_str(), parked[0].attempts), ("again", 6));
        assert!(gone && left.is_empty());
        assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        fresh.done().await;
    }

    async fn each_database_names_its_positions_differently(engine: Engine) {
        let (one, two) = (Fresh::new(engine).await, Fresh::new(engine).await);
        assert_ne!(one.store.feed_epoch(), two.store.feed_epoch());
        let again = one.again().await;
        assert_eq!(one.store.feed_epoch(), again.feed_epoch());
        again.close().await;
        one.done().await;
        two.done().await;
    }
}

fn store_cursor(cursor: Cursor, position: i64) -> Cursor {
    Cursor { position, ..cursor }
}
