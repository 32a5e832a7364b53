//! A database of its own for each test, gone when the test ends.

use std::env;

use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub enum Database {
    Sqlite { url: String, _folder: TempDir },
    Postgres { url: String, name: String },
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("mcpay.sqlite");
        let url = format!("sqlite://{}?synchronous=normal", file.display());
        Self::Sqlite {
            url,
            _folder: folder,
        }
    }

    pub async fn postgres() -> Self {
        let name = format!("mcpay_spec_{}", Uuid::new_v4().simple());
        run_on_server(&format!("CREATE DATABASE {name}")).await;
        let mut url = server();
        url.set_path(&name);
        Self::Postgres {
            url: url.into(),
            name,
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite { url, .. } | Self::Postgres { url, .. } => url,
        }
    }

    pub async fn remove(self) {
        if let Self::Postgres { name, .. } = self {
            run_on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

/// The server that `scripts/test` found or started.
fn server() -> Url {
    let url = env::var("TEST_DATABASE_URL")
        .or_else(|_| env::var("DATABASE_URL"))
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    Url::parse(&url).expect("TEST_DATABASE_URL is a URL")
}

async fn run_on_server(sql: &str) {
    let mut connection = AsyncPgConnection::establish(server().as_str())
        .await
        .expect(
            "PostgreSQL must answer: run the tests with scripts/test, or set TEST_DATABASE_URL",
        );
    connection.batch_execute(sql).await.expect(sql);
}
