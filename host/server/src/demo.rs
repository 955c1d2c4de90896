//! The demo data: a small desk to try everything on, made through the app like
//! any other. No code elsewhere knows that it is a demo.
//!
//! Each piece is looked for before it is made, so that a run that was cut off is
//! finished by the next one, and a rerun changes nothing.

use std::time::Duration;

use deskbell_app::admin::agents::NewAgent;
use deskbell_app::admin::canned_responses::NewCannedResponse;
use deskbell_app::admin::inboxes::{InboxPatch, NewInbox};
use deskbell_app::admin::installations::NewInstallation;
use deskbell_app::admin::teams::NewTeam;
use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::{App, Error};
use deskbell_domain::agent::DEFAULT_CAPACITY;
use deskbell_domain::inbox::Look;
use deskbell_domain::plugin::{Hook, Source};
use deskbell_domain::team::Strategy;
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{Actor, Role, TeamId};
use serde_json::{Value, json};

use crate::catalogue::{self, Entry};

pub const TENANT: &str = "demo";
pub const INBOX_KEY: &str = "demo-web";
/// The inbox in which a bot answers first.
pub const BOT_INBOX_KEY: &str = "demo-bot";
pub const PASSWORD: &str = "deskbell-demo";

const BOT: &str = "welcome-bot";

const LEASE: &str = "demo";
/// Longer than seeding takes; a node that died at it is waited for no longer.
const LEASE_MS: Millis = 10 * SECOND;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

const OWNER: (&str, &str) = ("owner@demo.test", "Olivia Owner");
const TEAM: &str = "Support";

/// Address, name, role, whether in the team.
const AGENTS: [(&str, &str, Role, bool); 3] = [
    (
        "supervisor@demo.test",
        "Sam Supervisor",
        Role::Supervisor,
        false,
    ),
    ("ana@demo.test", "Ana", Role::Agent, true),
    ("ben@demo.test", "Ben", Role::Agent, true),
];

/// Shortcut, title, text.
const CANNED: [(&str, &str, &str); 5] = [
    (
        "greeting",
        "Greeting",
        "Hello! I am {{agent.name}}. How can I help you?",
    ),
    (
        "order",
        "About an order",
        "I am looking at your order {{order_id}} now. One moment, please.",
    ),
    (
        "eta",
        "When an order arrives",
        "Your order {{order_id}} is {{order.status}}; it should arrive {{order.eta}}.",
    ),
    (
        "name",
        "By name",
        "Thank you, {{contact.name}}. I will be right back.",
    ),
    (
        "bye",
        "Goodbye",
        "Thank you for writing to us. This was {{agent.name}}; have a good day!",
    ),
];

/// A plugin's key, the hook it is for, and its configuration.
fn plugins() -> [(&'static str, Hook, Value); 3] {
    let order = |id: &str, status: &str, eta: &str| json!({ "order_id": id, "status": status, "eta": eta, "carrier": "Northpost" });
    let rules = json!([
        { "name": "Refunds are Ana's", "when": { "category": "Refund" }, "agents": ["ana@demo.test"] },
        { "name": "VIPs do not wait", "when": { "vip": true }, "priority": "urgent" },
    ]);
    let orders = json!([
        order("A-1001", "on its way", "on Friday"),
        order("A-1002", "being packed", "next Tuesday"),
    ]);
    let faq = json!([
        { "words": ["opening hours", "open"], "answer": "We answer from Monday to Friday, nine to five." },
        { "words": ["return", "send back"], "answer": "You can send everything back within 30 days. The label is in the parcel." },
    ]);
    [
        ("skills-router", Hook::Routing, json!({ "rules": rules })),
        (
            "order-variables",
            Hook::Variables,
            json!({ "orders": orders }),
        ),
        (BOT, Hook::Bot, json!({ "faq": faq })),
    ]
}

/// The log-ins, for whoever starts the demo.
pub fn log_ins() -> impl Iterator<Item = (&'static str, &'static str)> {
    let others = AGENTS
        .iter()
        .map(|(email, _, role, _)| (*email, role.as_str()));
    std::iter::once((OWNER.0, "owner")).chain(others)
}

/// Nodes that start together seed one after the other.
pub async fn seed(app: &App) -> Result<(), Error> {
    seed_with(app, true).await
}

/// The desk alone, for whoever runs no plugins.
pub async fn seed_desk(app: &App) -> Result<(), Error> {
    seed_with(app, false).await
}

async fn seed_with(app: &App, plugins: bool) -> Result<(), Error> {
    while !hold(app).await? {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let seeded = pieces(app, plugins).await;
    let holder = app.node.0;
    let released = app
        .store
        .system(move |sys| Box::pin(async move { sys.release_lease(LEASE, holder).await }));
    seeded.and(released.await.map_err(Error::Store))
}

async fn hold(app: &App) -> Result<bool, Error> {
    let holder = app.node.0;
    let held = app.store.system(move |sys| {
        Box::pin(async move { sys.acquire_lease(LEASE, holder, LEASE_MS).await })
    });
    Ok(held.await.map_err(Error::Store)?.is_some())
}

async fn pieces(app: &App, plugins: bool) -> Result<(), Error> {
    let tenant = match app.tenant_by_slug(TENANT).await? {
        Some(tenant) => tenant.id,
        None => {
            let new = NewTenant {
                slug: TENANT.to_owned(),
                name: "Demo shop".to_owned(),
                owner_email: OWNER.0.to_owned(),
                owner_name: OWNER.1.to_owned(),
                owner_password: PASSWORD.to_owned(),
            };
            app.create_tenant(new).await?.0.id
        }
    };
    let actor = Actor::system(tenant);
    let team = team(app, &actor).await?;
    agents(app, &actor, team).await?;
    inbox(app, &actor, team).await?;
    canned_responses(app, &actor).await?;
    if plugins {
        installations(app, &actor).await?;
        bot_inbox(app, &actor, team).await?;
    }
    Ok(())
}

/// Those that were built in. One that is refused leaves a desk that works.
async fn installations(app: &App, actor: &Actor) -> Result<(), Error> {
    let there = app.list_installations(actor).await?;
    for (key, hook, config) in plugins() {
        let Some(entry) = catalogue::find(key) else {
            continue;
        };
        if there.iter().any(|one| one.plugin_key == key) {
            continue;
        }
        if let Err(error) = install(app, actor, entry, hook, config).await {
            tracing::error!(key, %error, "the demo goes without this plugin");
        }
    }
    Ok(())
}

async fn install(
    app: &App,
    actor: &Actor,
    entry: &Entry,
    hook: Hook,
    config: Value,
) -> Result<(), Error> {
    let file = entry.file.clone();
    let uploaded = app.upload_plugin(actor, file, Source::Catalogue).await?;
    let new = NewInstallation {
        plugin_id: uploaded.plugin.id,
        plugin_version: Some(uploaded.plugin_version.plugin_version),
        hooks: vec![hook],
        capabilities: entry.capabilities.clone(),
        config: config.as_object().cloned().unwrap_or_default(),
        enabled: true,
    };
    app.install_plugin(actor, new).await.map(|_| ())
}

async fn team(app: &App, actor: &Actor) -> Result<TeamId, Error> {
    let teams = app.list_teams(actor).await?;
    if let Some(team) = teams.iter().find(|team| team.name == TEAM) {
        return Ok(team.id);
    }
    let new = NewTeam {
        name: TEAM.to_owned(),
        strategy: Strategy::LeastLoaded,
    };
    Ok(app.create_team(actor, new).await?.id)
}

async fn agents(app: &App, actor: &Actor, team: TeamId) -> Result<(), Error> {
    let there = app.list_agents(actor).await?;
    let owner = (OWNER.0, OWNER.1, Role::Owner, false);
    for (email, name, role, answers) in std::iter::once(owner).chain(AGENTS) {
        if there.iter().any(|agent| agent.email == email) {
            continue;
        }
        let new = NewAgent {
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            capacity: DEFAULT_CAPACITY,
            team_ids: if answers { vec![team] } else { vec![] },
        };
        app.create_agent(actor, new).await?;
    }
    Ok(())
}

async fn inbox(app: &App, actor: &Actor, team: TeamId) -> Result<(), Error> {
    let there = app.list_inboxes(actor).await?;
    if there.iter().any(|inbox| inbox.key == INBOX_KEY) {
        return Ok(());
    }
    let new = NewInbox {
        key: INBOX_KEY.to_owned(),
        name: "Demo shop".to_owned(),
        default_team_id: team,
        allowed_origins: vec![],
        look: Look {
            brand_color: None,
            position: None,
            welcome_title: Some("Hello!".to_owned()),
            welcome_text: Some("Ask us anything about your order.".to_owned()),
        },
    };
    app.create_inbox(actor, new).await.map(|_| ())
}

/// The same shop, with the bot in front; without one it is left out.
async fn bot_inbox(app: &App, actor: &Actor, team: TeamId) -> Result<(), Error> {
    let installed = app.list_installations(actor).await?;
    let Some(bot) = installed.iter().find(|one| one.plugin_key == BOT) else {
        return Ok(());
    };
    let there = app.list_inboxes(actor).await?;
    if there.iter().any(|inbox| inbox.key == BOT_INBOX_KEY) {
        return Ok(());
    }
    let new = NewInbox {
        key: BOT_INBOX_KEY.to_owned(),
        name: "Demo shop with a bot".to_owned(),
        default_team_id: team,
        allowed_origins: vec![],
        look: Look::default(),
    };
    let inbox = app.create_inbox(actor, new).await?;
    let patch = InboxPatch {
        bot: Some(Some(bot.id)),
        ..InboxPatch::default()
    };
    app.update_inbox(actor, inbox.id, patch).await.map(|_| ())
}

async fn canned_responses(app: &App, actor: &Actor) -> Result<(), Error> {
    let there = app.list_canned_responses(actor).await?;
    for (shortcut, title, text) in CANNED {
        if there.iter().any(|canned| canned.shortcut == shortcut) {
            continue;
        }
        let new = NewCannedResponse {
            shortcut: shortcut.to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
        };
        app.create_canned_response(actor, new).await?;
    }
    Ok(())
}
