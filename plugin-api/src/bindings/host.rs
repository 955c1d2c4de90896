//! What a plugin may ask of the host.

use crate::directory::{Agent, Failure, Team};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-host;
        world host {
            import deskbell:host/log@0.1.0;
            import deskbell:host/config@0.1.0;
            import deskbell:host/directory@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/host"],
    generate_all,
});

use deskbell::host::directory;

pub(crate) fn find_agent(id_or_email: &str) -> Result<Option<Agent>, Failure> {
    let found = directory::find_agent(id_or_email).map_err(failure)?;
    Ok(found.map(|agent| Agent {
        id: agent.id,
        name: agent.name,
        email: agent.email,
        availability: agent.availability,
        load: agent.load,
        capacity: agent.capacity,
        team_ids: agent.team_ids,
    }))
}

pub(crate) fn find_team(id_or_name: &str) -> Result<Option<Team>, Failure> {
    let found = directory::find_team(id_or_name).map_err(failure)?;
    Ok(found.map(|team| Team {
        id: team.id,
        name: team.name,
    }))
}

fn failure(failure: directory::Failure) -> Failure {
    match failure {
        directory::Failure::Unavailable => Failure::Unavailable,
        directory::Failure::TooManyCalls => Failure::TooManyCalls,
    }
}
