//! A router with a capability: it looks up the agent and the team of its
//! configuration, so many times, and tells what it found.

use deskbell_plugin_api::routing::{Decision, Request};
use deskbell_plugin_api::{Call, HookError, Router, config, directory, export_router};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    agent: Option<String>,
    team: Option<String>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

struct CuriousRouter;

impl Router for CuriousRouter {
    fn route(_: &Call, _: Request) -> Result<Decision, HookError> {
        let config: Config = config::get()?;
        let (mut agent, mut team) = (None, None);
        for _ in 0..config.times {
            if let Some(wanted) = &config.agent {
                agent = directory::find_agent(wanted)?;
            }
            if let Some(wanted) = &config.team {
                team = directory::find_team(wanted)?;
            }
        }
        let team = team.map_or_else(
            || "no team".to_owned(),
            |team| format!("{} {}", team.name, team.id),
        );
        Ok(match agent {
            Some(found) => {
                let reason = format!(
                    "{} <{}> is {} with {} of {} chats in {} teams; {team}.",
                    found.name,
                    found.email,
                    found.availability,
                    found.load,
                    found.capacity,
                    found.team_ids.len(),
                );
                Decision::assign(found.id).because(reason)
            }
            None => Decision::no_opinion().because(format!("no agent; {team}.")),
        })
    }
}

export_router!(CuriousRouter);
