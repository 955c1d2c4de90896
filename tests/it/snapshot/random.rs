//! Long random sequences: three agents, two visitors, all commands, time that
//! passes, and every observer's picture held against a fresh snapshot again and
//! again. A failure names its seed; `DESKBELL_TEST_SEED` repeats it.

use deskbell_app::Plane;
use deskbell_domain::availability::Availability;
use deskbell_domain::bot::Answer;
use deskbell_domain::command::{CannedRef, StartConversation, TransferTo, UseCannedResponse};
use deskbell_domain::conversation::talk::Details;
use deskbell_domain::message::Draft;
use deskbell_domain::{Actor, AgentId, Command, ConversationId, Kind, MessageId, Priority, TeamId};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Chance, both_engines, environment};
use serde_json::{Map, json};

use super::NAMES;
use super::cases::{heard, plugin};
use super::watch::Watch;

const STEPS: usize = 300;
/// Between two comparisons at most.
const STRETCH: usize = 8;

struct Desk {
    chance: Chance,
    agents: Vec<(AgentId, Actor)>,
    visitors: Vec<Actor>,
    teams: Vec<TeamId>,
    conversations: Vec<ConversationId>,
    keys: usize,
}

both_engines! {
    async fn random_commands(app) {
        let seed = environment::seed().unwrap_or(20_260_105);
        let owner = app.agent("owner").await;
        let team = json!({ "name": "Second line", "strategy": "round_robin" });
        let team = owner.http.post("/api/v1/teams", team).await.ok(201);
        let more = json!({ "team_ids": [team["id"]], "capacity": 2 });
        let cleo = app.new_agent(&owner, "cleo", more).await;
        let (ana, ben) = (app.agent("ana").await, app.agent("ben").await);
        let sam = app.agent("supervisor").await;
        let visitors = [app.visitor().await, app.visitor().await];

        let mut watch = Watch::new();
        for (name, agent) in [("ana", &ana), ("ben", &ben), ("cleo", &cleo), ("sam", &sam)] {
            watch.agent(name, agent).await;
        }
        watch.visitor("the first visitor", &visitors[0]).await;
        watch.visitor("the second visitor", &visitors[1]).await;
        watch.begin(&app).await;

        let mut desk = Desk {
            chance: Chance::new(seed),
            agents: Vec::new(),
            visitors: Vec::new(),
            teams: Vec::new(),
            conversations: Vec::new(),
            keys: 0,
        };
        for agent in [&ana, &ben, &cleo, &sam] {
            let id = agent.id.parse().expect("an agent's id");
            desk.agents.push((id, app.actor(&agent.token, Plane::Agent).await));
        }
        for visitor in &visitors {
            desk.visitors.push(app.actor(&visitor.token, Plane::Widget).await);
        }
        for team in list(&owner.snapshot().await["teams"]) {
            desk.teams.push(text(&team, "id").parse().expect("a team's id"));
        }

        let (mut told, mut done) = (Vec::new(), 0);
        for step in 0..STEPS {
            // In all less than a token lives.
            if desk.chance.one_in(10) {
                let millis = 1 + desk.chance.below(25_000);
                app.advance(i64::try_from(millis).expect("a short time"));
                told.push(format!("{millis} ms pass"));
            }
            let (who, actor, command) = desk.command();
            let outcome = app.app().execute(&actor, command.clone()).await;
            told.push(format!("{who}: {command:?}: {}", match &outcome {
                Ok(_) => "done".to_owned(),
                Err(error) => error.code().to_owned(),
            }));
            match outcome {
                Ok(deskbell_app::Outcome::Started { conversation, .. }) => {
                    if !desk.conversations.contains(&conversation.id) {
                        desk.conversations.push(conversation.id);
                    }
                    done += 1;
                }
                Ok(_) => done += 1,
                Err(error) => assert!(error.kind() != Kind::Internal, "{error}: {told:#?}"),
            }
            if desk.chance.one_in(STRETCH) || step + 1 == STEPS {
                let since = told.split_off(0).join("\n");
                watch.compare(&app, &format!("seed {seed}, step {step}, after\n{since}\n")).await;
            }
        }
        assert!(done > STEPS / 4, "only {done} commands did anything: the mix is no good");
        assert!(desk.conversations.len() > 4, "too few conversations: the mix is no good");
        watch.leave().await;
    }
}

impl Desk {
    fn key(&mut self) -> String {
        self.keys += 1;
        format!("k{}", self.keys)
    }

    fn words(&mut self) -> Draft {
        let private = self.chance.one_in(5);
        Draft {
            client_msg_id: self.key(),
            text: format!("words {}", self.keys),
            private,
            attributes: Map::new(),
        }
    }

    fn command(&mut self) -> (&'static str, Actor, Command) {
        // Without a conversation nothing else makes sense.
        let name = if self.conversations.is_empty() {
            "start_conversation"
        } else {
            *self.chance.pick(NAMES)
        };
        let by_visitor = match name {
            "start_conversation" | "end_conversation" | "rate_conversation" => true,
            "send_message" | "mark_delivered" | "mark_read" => self.chance.one_in(2),
            _ => false,
        };
        let actor = if by_visitor {
            self.chance.pick(&self.visitors).clone()
        } else {
            self.chance.pick(&self.agents).1.clone()
        };
        let who = if by_visitor { "a visitor" } else { "an agent" };
        if name == "apply_effects" {
            return ("a plugin", plugin(actor), self.of_name(name));
        }
        (who, actor, self.of_name(name))
    }

    fn of_name(&mut self, name: &str) -> Command {
        let recent = self.conversations.len().saturating_sub(4);
        let recent = self.conversations[recent..].to_vec();
        let conversation = match recent.as_slice() {
            [] => ConversationId(uuid::Uuid::nil()),
            some => *self.chance.pick(some),
        };
        let (agent, _) = self.chance.pick(&self.agents).clone();
        let team = *self.chance.pick(&self.teams);
        let seq = i64::try_from(self.chance.below(8)).unwrap_or_default();
        let over_capacity = self.chance.one_in(4);
        let reason = self.chance.one_in(2).then(|| "because".to_owned());
        match name {
            "start_conversation" => {
                let message = (!self.chance.one_in(4)).then(|| Draft {
                    private: false,
                    ..self.words()
                });
                let name = self.chance.one_in(3).then(|| format!("Mia {}", self.keys));
                let team_id = self.chance.one_in(3).then_some(team);
                Command::StartConversation(StartConversation {
                    message,
                    team_id,
                    name,
                    ..StartConversation::default()
                })
            }
            "send_message" => Command::SendMessage {
                conversation,
                draft: self.words(),
            },
            "answer_question" => Command::AnswerQuestion {
                conversation,
                client_msg_id: self.key(),
                answer: Answer {
                    message_id: MessageId(uuid::Uuid::nil()),
                    values: Map::new(),
                },
                attributes: Map::new(),
            },
            "request_agent" => Command::RequestAgent { conversation },
            "mark_delivered" => Command::MarkDelivered { conversation, seq },
            "mark_read" => Command::MarkRead { conversation, seq },
            "end_conversation" => Command::EndConversation { conversation },
            "rate_conversation" => Command::RateConversation {
                conversation,
                score: 1 + seq % 5,
                comment: reason,
            },
            "update_conversation" => Command::UpdateConversation {
                conversation,
                details: Details {
                    subject: self.chance.one_in(2).then_some(reason),
                    priority: Some(*self.chance.pick(&Priority::ALL)),
                    ..Details::default()
                },
            },
            "assign" => {
                let agent = self.chance.one_in(2).then_some(agent);
                Command::Assign {
                    conversation,
                    agent,
                    over_capacity,
                    reason,
                }
            }
            "unassign" => Command::Unassign {
                conversation,
                reason,
            },
            "transfer" => {
                let to = match self.chance.one_in(2) {
                    true => TransferTo::Agent(agent),
                    false => TransferTo::Team(team),
                };
                Command::Transfer {
                    conversation,
                    to,
                    over_capacity,
                    reason,
                }
            }
            "resolve" => Command::Resolve {
                conversation,
                reason,
            },
            "close" => Command::Close {
                conversation,
                reason,
            },
            "reopen" => Command::Reopen {
                conversation,
                reason,
            },
            "use_canned_response" => Command::UseCannedResponse(UseCannedResponse {
                conversation,
                which: CannedRef::Shortcut("greeting".to_owned()),
                client_msg_id: self.key(),
                preview: false,
            }),
            "apply_effects" => heard(conversation),
            "set_availability" => Command::SetAvailability {
                agent: self.chance.one_in(2).then_some(agent),
                availability: *self.chance.pick(&Availability::ALL),
            },
            other => panic!("the random desk does not know {other}"),
        }
    }
}
