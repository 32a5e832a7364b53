//! A TCP proxy that breaks connections on demand: between us and a broker, database or provider.
//!
//! Nothing in it waits for a time. What must never live here: knowledge of a protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

#[derive(Clone, Copy)]
struct Mode {
    open: bool,
    /// Counts the cuts; a connection ends when it changes.
    cuts: u64,
}

/// Runs until it is dropped; then its connections are cut and its port is free.
pub struct Proxy {
    /// Where to connect instead of the target.
    pub addr: SocketAddr,
    mode: watch::Sender<Mode>,
    accepted: Arc<AtomicUsize>,
    listening: AbortHandle,
}

impl Proxy {
    /// Forwards connections to `target`, a `host:port`.
    pub async fn start(target: impl Into<String>) -> Self {
        let target = target.into();
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port for the proxy");
        let addr = listener.local_addr().expect("the proxy's address");
        let mode = watch::Sender::new(Mode {
            open: true,
            cuts: 0,
        });
        let accepted = Arc::new(AtomicUsize::new(0));
        let (seen, counter) = (mode.subscribe(), Arc::clone(&accepted));
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut seen = seen.clone();
                let born = *seen.borrow_and_update();
                if born.open {
                    counter.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(forward(client, target.clone(), seen, born.cuts));
                }
            }
        })
        .abort_handle();
        Self {
            addr,
            mode,
            accepted,
            listening,
        }
    }

    /// Breaks every open connection; new ones are forwarded.
    pub fn cut(&self) {
        self.mode.send_modify(|mode| mode.cuts += 1);
    }

    /// Breaks every open connection and drops new ones until [`Self::restore`].
    pub fn refuse(&self) {
        self.mode.send_modify(|mode| {
            mode.open = false;
            mode.cuts += 1;
        });
    }

    /// Forwards new connections again.
    pub fn restore(&self) {
        self.mode.send_modify(|mode| mode.open = true);
    }

    /// How many connections were forwarded so far.
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.refuse();
    }
}

async fn forward(
    mut client: TcpStream,
    target: String,
    mut mode: watch::Receiver<Mode>,
    born: u64,
) {
    let copying = async {
        if let Ok(mut server) = TcpStream::connect(target).await {
            // Either side going away ends the connection, which is what the test sees too.
            let _ = copy_bidirectional(&mut client, &mut server).await;
        }
    };
    tokio::select! {
        biased;
        _ = mode.wait_for(|mode| mode.cuts != born) => {}
        () = copying => {}
    }
}
