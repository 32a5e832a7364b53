//! Settings: read once, from the command line or the environment (CONTRACT 7).
//!
//! Secrets are masked in `Debug`, and each error says which setting is meant and what it takes.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;
use url::Url;

/// Payment orchestration for Nordic publishers and shops.
#[derive(Debug, Parser)]
#[command(
    name = "mcpay",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub logs: Logs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything in one process: service, simulated providers and a demo shop.
    #[command(after_help = "Example: mcpay demo --listen 127.0.0.1:8080")]
    Demo(Demo),
    /// The service, for production.
    #[command(
        after_help = "Example: DATABASE_URL=postgres://… AMQP_URL=amqp://… MCPAY_MASTER_KEY=… \
                      mcpay serve --public-url https://pay.example.no"
    )]
    Serve(Serve),
    /// The simulated providers alone.
    #[command(after_help = "Example: mcpay sandbox --listen 127.0.0.1:8090")]
    Sandbox(Sandbox),
    /// Bring the database to this version.
    #[command(after_help = "Example: mcpay migrate --database-url postgres://…")]
    Migrate(Migrate),
    /// Look at the settings, the database, the broker and each provider account, and say what is wrong.
    #[command(after_help = "Example: DATABASE_URL=postgres://… MCPAY_MASTER_KEY=… \
                      mcpay doctor --public-url https://pay.example.no --repair")]
    Doctor(Doctor),
    /// Create or update clients, keys, accounts and coupons from a file.
    #[command(after_help = "Example: mcpay apply clients.toml")]
    Apply(Apply),
}

#[derive(Clone, Debug, Args)]
pub struct Logs {
    /// What is logged, e.g. `info` or `mcpay=debug`.
    #[arg(long = "log", env = "MCPAY_LOG", default_value = "info", global = true)]
    pub filter: String,
    /// `text` or `json`; text on a terminal, else json.
    #[arg(long = "log-format", env = "MCPAY_LOG_FORMAT", global = true)]
    pub format: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// Where the process listens and how it is reached.
#[derive(Clone, Debug, Args)]
pub struct Listening {
    /// Address and port to listen on.
    #[arg(long, env = "MCPAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where browsers and providers reach this service; http://localhost:PORT by default.
    #[arg(long, env = "MCPAY_PUBLIC_URL")]
    pub public_url: Option<Url>,
}

impl Listening {
    /// The public URL, by default this machine's own.
    ///
    /// # Errors
    /// A sentence when the URL cannot be used as a base.
    pub fn public_url(&self, port: u16) -> Result<Url, String> {
        let url = match &self.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://localhost:{port}"))
                .map_err(|error| error.to_string())?,
        };
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            return Err("MCPAY_PUBLIC_URL must be an http or https address without a query".into());
        }
        Ok(url)
    }
}

/// What the service itself needs, however it is started.
#[derive(Clone, Debug, Args)]
pub struct Service {
    /// RabbitMQ; without it events stay in the outbox.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: Option<SecretString>,
    /// The exchange that events are published to.
    #[arg(long, env = "MCPAY_AMQP_EXCHANGE", default_value = "mcpay.events")]
    pub amqp_exchange: String,
    /// The queue declared for the back office.
    #[arg(long, env = "MCPAY_AMQP_QUEUE", default_value = "mcpay.backoffice")]
    pub amqp_queue: String,
    /// Addresses of our own proxies, comma separated; only they are believed about who calls.
    #[arg(long, env = "MCPAY_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpAddr>,
    /// `off` is for load tests: neither who calls us is counted, nor how often we call a provider.
    #[arg(long, env = "MCPAY_RATE_LIMIT", value_enum, default_value = "on")]
    pub rate_limit: Switch,
    /// Connections to the database.
    #[arg(long, env = "MCPAY_DATABASE_POOL", default_value = "16",
          value_parser = clap::value_parser!(u16).range(2..=500))]
    pub database_pool: u16,
}

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    pub listening: Listening,
    #[command(flatten)]
    pub service: Service,
    /// Instead of a fresh SQLite file under the user's data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// Base64 or hexadecimal, 32 bytes; the demo has one of its own.
    #[arg(long, env = "MCPAY_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<SecretString>,
    /// Simulated providers of another process: where `mcpay sandbox` listens.
    #[arg(long)]
    pub sandbox_url: Option<Url>,
    /// Another origin that the demo client may be used from; repeatable.
    #[arg(long = "allow-origin")]
    pub allow_origins: Vec<Url>,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub listening: Listening,
    #[command(flatten)]
    pub service: Service,
    /// `postgres://…`, or `sqlite://PATH` for one small machine.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
    /// Base64 or hexadecimal, 32 bytes: what secrets at rest are encrypted with. Make one with
    /// `openssl rand -base64 32`.
    #[arg(long, env = "MCPAY_MASTER_KEY", hide_env_values = true)]
    pub master_key: SecretString,
}

#[derive(Debug, Args)]
pub struct Sandbox {
    #[command(flatten)]
    pub listening: Listening,
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// `postgres://…` or `sqlite://PATH`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// The file that describes the clients.
    pub file: PathBuf,
    /// `postgres://…` or `sqlite://PATH`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
    /// The key that `mcpay serve` runs with.
    #[arg(long, env = "MCPAY_MASTER_KEY", hide_env_values = true)]
    pub master_key: SecretString,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// `postgres://…` or `sqlite://PATH`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
    /// The key that `mcpay serve` runs with.
    #[arg(long, env = "MCPAY_MASTER_KEY", hide_env_values = true)]
    pub master_key: SecretString,
    /// RabbitMQ, where `mcpay serve` has one.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: Option<SecretString>,
    /// The public URL that `mcpay serve` runs with; without it webhooks are not looked at.
    #[arg(long, env = "MCPAY_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// Register webhooks that are missing.
    #[arg(long)]
    pub repair: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_shows_an_example() {
        CommandLine::command().debug_assert();
        let mut command = CommandLine::command();
        for sub in command.get_subcommands_mut() {
            let help = sub.render_long_help().to_string();
            assert!(help.contains("Example: "), "{help}");
        }
    }

    #[test]
    fn settings_do_not_show_their_secrets() {
        let line = CommandLine::parse_from([
            "mcpay",
            "serve",
            "--database-url",
            "postgres://u:hunter2@db/x",
            "--master-key",
            "hunter2",
            "--amqp-url",
            "amqp://u:hunter2@mq",
        ]);
        assert!(!format!("{line:?}").contains("hunter2"));
    }
}
