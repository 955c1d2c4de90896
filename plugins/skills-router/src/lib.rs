//! The plugin `skills-router`: chosen people for chosen conversations.
//!
//! The first rule that fits decides: it sets the priority if that differs, and
//! gives the conversation to the one of its agents who has the most room. Rules
//! are read in `rule.rs`; what a conversation carries is only looked at here.

mod rule;
#[cfg(test)]
mod tests;

use deskbell_plugin_api::routing::{Candidate, Decision, Request};
use deskbell_plugin_api::{Call, HookError, Router, export_router};

use rule::Rule;

struct SkillsRouter;

impl Router for SkillsRouter {
    fn route(_: &Call, request: Request) -> Result<Decision, HookError> {
        let rules = rule::all()?;
        let decision = rules
            .iter()
            .find(|rule| rule.when.fits(&request))
            .map_or_else(Decision::no_opinion, |rule| follow(rule, &request));
        Ok(decision)
    }
}

fn follow(rule: &Rule, request: &Request) -> Decision {
    let (name, chats) = (&rule.name, rule.when.chats());
    // The priority comes first, for it lasts if nobody is free. The desk asks
    // again, then it fits. If the desk could not set it, an agent still can.
    if let Some(priority) = rule.priority
        && priority != request.conversation.priority
        && request.retry_of.is_none()
    {
        let word = priority.as_str();
        return Decision::set_priority(priority)
            .because(format!("Rule \"{name}\": {chats} have priority {word}."));
    }
    if rule.agents.is_empty() {
        return Decision::no_opinion();
    }
    let listed = request.candidates.iter().filter(|one| rule.lists(one));
    // Of two equal ones the first, which the team's own strategy prefers.
    match listed.reduce(|best, one| if has_more_room(one, best) { one } else { best }) {
        Some(agent) => Decision::assign(&agent.agent_id)
            .because(format!("Rule \"{name}\": {} takes {chats}.", agent.name)),
        None => Decision::no_opinion().because(format!(
            "Rule \"{name}\": none of its agents can take a chat now."
        )),
    }
}

/// By the share of their capacity that is taken, compared without division.
fn has_more_room(one: &Candidate, other: &Candidate) -> bool {
    let taken = |a: &Candidate, b: &Candidate| u64::from(a.load) * u64::from(b.capacity.max(1));
    taken(one, other) < taken(other, one)
}

export_router!(SkillsRouter);
