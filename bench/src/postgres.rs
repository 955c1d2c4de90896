//! Databases on the PostgreSQL that `make bench` starts: made, dropped, and the
//! server's own settings for the report.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::Outcome;

/// A database for one repetition.
pub struct Database {
    admin: String,
    name: String,
    pub url: String,
    /// The server's first process: its children are the sessions.
    pub postmaster: u32,
}

impl Database {
    /// Makes it, empty or as a copy.
    pub async fn create(admin: &str, name: &str, template: Option<&Database>) -> Outcome<Self> {
        let mut connection = connect(admin).await?;
        let postmaster = postmaster(&mut connection).await?;
        if let Some(template) = template {
            // A copy needs the original to itself.
            sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            )
            .bind(&template.name)
            .execute(&mut connection)
            .await?;
        }
        let of =
            template.map(|template| format!(" TEMPLATE \"{}\" STRATEGY file_copy", template.name));
        run(
            &mut connection,
            format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
        )
        .await?;
        run(
            &mut connection,
            format!("CREATE DATABASE \"{name}\"{}", of.unwrap_or_default()),
        )
        .await?;
        connection.close().await?;
        let (front, _) = admin.rsplit_once('/').ok_or("no database in the address")?;
        Ok(Self {
            admin: admin.to_owned(),
            name: name.to_owned(),
            url: format!("{front}/{name}"),
            postmaster,
        })
    }

    pub async fn drop(self) -> Outcome<()> {
        let mut connection = connect(&self.admin).await?;
        run(
            &mut connection,
            format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name),
        )
        .await?;
        connection.close().await?;
        Ok(())
    }
}

/// What durability rests on, and the version.
pub async fn settings(admin: &str) -> Outcome<String> {
    let mut connection = connect(admin).await?;
    let mut told = Vec::new();
    for name in [
        "server_version",
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "wal_sync_method",
        "shared_buffers",
        "max_connections",
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        told.push(format!("{name} {value}"));
    }
    connection.close().await?;
    if !told.iter().any(|setting| setting == "fsync on") {
        return Err("this PostgreSQL runs with fsync off: it would measure nothing".into());
    }
    Ok(told.join(", "))
}

pub async fn connect(url: &str) -> Outcome<PgConnection> {
    let options: PgConnectOptions = url.parse()?;
    Ok(options.disable_statement_logging().connect().await?)
}

async fn postmaster(connection: &mut PgConnection) -> Outcome<u32> {
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await?;
    let status = std::fs::read_to_string(format!("/proc/{backend}/status"))?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    Ok(parent.ok_or("no parent")?.trim().parse()?)
}

async fn run(connection: &mut PgConnection, sql: String) -> Outcome<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
