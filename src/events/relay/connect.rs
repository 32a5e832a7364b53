//! One connection to the broker, with its channel in confirm mode.
//!
//! lapin runs every connection on a thread of its own, which ends when the socket does. So whoever
//! lets go of a [`Session`] hangs the socket up: a broker that accepts and then says nothing must
//! not cost a thread per attempt. What must never live here: recovery. A broken session is thrown
//! away and a new one is opened, which declares everything again.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{AsyncTcpStream, Channel, Connection, ConnectionProperties};
use tokio_util::sync::CancellationToken;

use super::status::Problem;
use super::topology::Topology;

/// How long a polite good-bye may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Seconds between the heartbeats when the URL does not say: half a minute of silence is too long
/// for noticing that the broker's machine has gone.
const HEARTBEAT_SECONDS: u16 = 10;

pub(super) struct Session {
    pub(super) channel: Channel,
    connection: Connection,
    _line: Line,
}

/// The socket under a connection. Dropping it ends the connection at once, in whatever state.
#[derive(Clone, Default)]
struct LineEnd(Arc<Mutex<Option<TcpStream>>>);

struct Line {
    end: LineEnd,
    abandoned: CancellationToken,
}

impl Session {
    /// Connects, declares the topology and switches confirms on, all within `within`.
    pub(super) async fn open(
        uri: &AMQPUri,
        topology: &Topology,
        within: Duration,
    ) -> Result<Self, Problem> {
        tokio::time::timeout(within, Self::establish(uri.clone(), topology))
            .await
            .unwrap_or_else(|_| {
                let waited = within.as_secs();
                Err(Problem::Unreachable(format!("no answer within {waited} s")))
            })
    }

    async fn establish(mut uri: AMQPUri, topology: &Topology) -> Result<Self, Problem> {
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        let line = Line {
            end: LineEnd::default(),
            abandoned: CancellationToken::new(),
        };
        let connection = connect(uri, &line).await?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        topology.declare(&channel).await?;
        Ok(Self {
            channel,
            connection,
            _line: line,
        })
    }

    pub(super) fn is_alive(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// True while the broker refuses messages for want of memory or disk space.
    pub(super) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Says good-bye if there is still somebody to say it to.
    pub(super) async fn close(self) {
        if self.connection.status().connected() {
            let good_bye = self.connection.close(200, "closing".into());
            if let Ok(Err(error)) = tokio::time::timeout(CLOSE_WITHIN, good_bye).await {
                tracing::debug!(%error, "The connection to the broker did not close in order.");
            }
        }
    }
}

async fn connect(uri: AMQPUri, line: &Line) -> lapin::Result<Connection> {
    let (end, abandoned) = (line.end.clone(), line.abandoned.clone());
    let properties =
        ConnectionProperties::default().with_connection_name("mcpay event relay".into());
    Connection::connector(
        uri,
        lapin::runtime::default_runtime()?,
        async move |uri, runtime| {
            let dial = async {
                let host = uri.authority.host.clone();
                let address = runtime.to_socket_addrs((host, uri.authority.port));
                let stream = AsyncTcpStream::connect(&runtime, address).await?;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    end.hold(plain.get_ref())?;
                }
                match uri.scheme {
                    AMQPScheme::AMQP => Ok(stream),
                    AMQPScheme::AMQPS => {
                        let tls = lapin::tcp::TLSConfig::default();
                        stream.into_tls(&uri.authority.host, tls).await
                    }
                }
            };
            let dialled = tokio::select! {
                biased;
                () = abandoned.cancelled() => Err(io::ErrorKind::ConnectionAborted.into()),
                dialled = dial => dialled,
            };
            // Abandoned just now: the socket may have come too late to be hung up.
            if abandoned.is_cancelled() {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
            }
            dialled.map_err(lapin::Error::from)
        },
        properties,
    )
    .await
}

impl LineEnd {
    /// Keeps a second handle of the socket.
    #[cfg(unix)]
    fn hold(&self, socket: &tokio::net::TcpStream) -> io::Result<()> {
        use std::os::fd::AsFd;

        let handle = socket.as_fd().try_clone_to_owned()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(TcpStream::from(handle));
        Ok(())
    }

    /// Keeps a second handle of the socket.
    #[cfg(windows)]
    fn hold(&self, socket: &tokio::net::TcpStream) -> io::Result<()> {
        use std::os::windows::io::AsSocket;

        let handle = socket.as_socket().try_clone_to_owned()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(TcpStream::from(handle));
        Ok(())
    }

    fn hang_up(&self) {
        let socket = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(socket) = socket {
            // Fails when the other side was faster, which is as good.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.abandoned.cancel();
        self.end.hang_up();
    }
}
