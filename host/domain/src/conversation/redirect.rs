//! What a routing plugin may do to a conversation that waits: another team's
//! queue, another priority. Nobody has it yet, so nobody's seat changes.

use crate::case::{Case, Context};
use crate::conversation::flow::{expect, record};
use crate::conversation::{Priority, Status};
use crate::event::EventBody;
use crate::id::TeamId;
use crate::refusal::Refusal;
use crate::routing::{Advice, RoutingDecision};

/// Where a plugin wants it; none leaves the team, or the priority, as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirect {
    pub team: Option<TeamId>,
    pub priority: Option<Priority>,
}

/// Moves it, with the record of why. It keeps the time it has waited since: that
/// it came to the wrong queue first is not the visitor's doing.
pub fn redirect(
    case: &mut Case,
    cx: &Context<'_>,
    to: Redirect,
    decision: RoutingDecision,
    advice: &Advice,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued])?;
    if case.conversation.team_id != Some(decision.team_id) {
        return Err(Refusal::Stale);
    }
    let now = &case.conversation;
    let team = to.team.filter(|team| now.team_id != Some(*team));
    let priority = to.priority.filter(|priority| now.priority != *priority);
    if team.is_none() && priority.is_none() {
        return Err(Refusal::Stale);
    }
    let (actor, reason) = (advice.actor(), advice.reason());
    let told = Some(reason.clone());
    case.change(
        cx,
        &actor,
        |c| {
            c.team_id = team.or(c.team_id);
            c.priority = priority.unwrap_or(c.priority);
            c.reason = Some(reason);
        },
        |c| {
            let conversation = c.clone();
            match team {
                Some(_) => EventBody::ConversationQueued {
                    conversation,
                    reason: told,
                },
                None => EventBody::ConversationUpdated { conversation },
            }
        },
    );
    record(case, cx, &actor, decision);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActorKind;
    use crate::conversation::tests::{TEAM, World};
    use crate::id::{DecisionId, InstallationId};
    use crate::team::Strategy;
    use uuid::Uuid;

    const OTHER: TeamId = TeamId(Uuid::from_u128(77));

    fn advice() -> Advice {
        Advice {
            installation_id: InstallationId(Uuid::from_u128(5)),
            plugin_name: "Skills router".to_owned(),
            reason: Some("a VIP".to_owned()),
        }
    }

    fn try_it(case: &mut Case, world: &World, from: TeamId, to: Redirect) -> Result<(), Refusal> {
        let decision = RoutingDecision {
            id: DecisionId(Uuid::from_u128(4)),
            conversation_id: case.conversation.id,
            team_id: from,
            strategy: Strategy::LeastLoaded,
            candidates: vec![],
            winner_id: None,
            decided_at: world.now,
            duration_us: 0,
            consulted: vec![],
        };
        redirect(case, &world.cx(), to, decision, &advice())
    }

    #[test]
    fn it_keeps_its_time_and_tells_in_one_event() {
        let mut world = World::new();
        let mut case = world.queued();
        let since = case.conversation.queued_at;
        world.now = world.now.plus(60_000);
        case.effects.events.clear();
        case.effects.timers.clear();
        let to = Redirect {
            team: Some(OTHER),
            priority: Some(Priority::Urgent),
        };
        assert_eq!(try_it(&mut case, &world, TEAM, to), Ok(()));
        let c = &case.conversation;
        assert_eq!((c.team_id, c.priority), (Some(OTHER), Priority::Urgent));
        assert_eq!((c.queued_at, c.status), (since, Status::Queued));
        assert_eq!(c.reason.as_deref(), Some("a VIP"));
        let names: Vec<_> = case.effects.events.iter().map(|e| e.body.name()).collect();
        assert_eq!(names, ["conversation.queued", "routing.decided"]);
        let told = &case.effects.events[0];
        assert_eq!(told.actor.kind, ActorKind::Plugin);
        assert_eq!(told.audience.teams, [TEAM, OTHER], "both queues hear of it");
        // Nobody learns by it that the visitor is still there.
        assert!(case.effects.timers.is_empty());
        assert_eq!(case.effects.decisions.len(), 1);
    }

    #[test]
    fn a_priority_alone_is_an_update() {
        let world = World::new();
        let mut case = world.queued();
        case.effects.events.clear();
        let to = Redirect {
            team: Some(TEAM),
            priority: Some(Priority::High),
        };
        assert_eq!(try_it(&mut case, &world, TEAM, to), Ok(()));
        assert_eq!(case.effects.events[0].body.name(), "conversation.updated");
    }

    #[test]
    fn what_is_not_as_it_was_is_left_alone() {
        let world = World::new();
        let to = Redirect {
            team: Some(OTHER),
            priority: None,
        };
        let mut case = world.at(Status::Active);
        let refused = Refusal::WrongStatus(Status::Active);
        assert_eq!(try_it(&mut case, &world, TEAM, to), Err(refused));
        let mut case = world.queued();
        assert_eq!(try_it(&mut case, &world, OTHER, to), Err(Refusal::Stale));
        let nothing = Redirect {
            team: Some(TEAM),
            priority: None,
        };
        assert_eq!(
            try_it(&mut case, &world, TEAM, nothing),
            Err(Refusal::Stale)
        );
    }
}
