//! When an endpoint is left alone, and what holds meanwhile.

use super::*;

#[tokio::test]
async fn a_token_outlives_an_endpoint_that_gives_no_other() {
    let world = Arc::new(World::default());
    let outgoing = plain(&world, Faults::default());
    assert_eq!(status(&outgoing).await, 200);
    world.pass(MINUTE);
    // One path does not take it, and the endpoint is down.
    world.seen().revoked = 1;
    world.seen().refusal = Some((503, String::new()));
    let failed = outgoing.send(get(API)).await.unwrap_err();
    assert!(
        matches!(failed, OutboundFailure::Unreachable(_)),
        "{failed:?}"
    );
    // Others take it, and nobody asks the endpoint.
    world.seen().revoked = 0;
    assert_eq!(status(&outgoing).await, 200);
    assert_eq!(world.seen().tokens.len(), 2);
}

#[tokio::test]
async fn a_token_that_was_just_got_is_not_got_anew() {
    for (no_rest, tokens, requests) in [(false, 1, 1), (true, 2, 2)] {
        let world = Arc::new(World::default());
        let faults = Faults {
            no_rest,
            ..Faults::default()
        };
        let outgoing = plain(&world, faults);
        world.seen().revoked = usize::MAX;
        assert_eq!(status(&outgoing).await, 401);
        let seen = world.seen();
        assert_eq!((seen.tokens.len(), seen.api.len()), (tokens, requests));
    }
}

#[tokio::test]
async fn an_endpoint_that_wants_rest_has_it() {
    for (no_rest, asked) in [(false, 1), (true, 2)] {
        let world = Arc::new(World::default());
        let faults = Faults {
            no_rest,
            ..Faults::default()
        };
        let outgoing = plain(&world, faults);
        world.seen().refusal = Some((429, String::new()));
        for _ in 0..2 {
            let failed = outgoing.send(get(API)).await.unwrap_err();
            assert!(
                matches!(failed, OutboundFailure::TooManyRequests(_)),
                "{failed:?}"
            );
        }
        assert_eq!(world.seen().tokens.len(), asked);
    }
}
