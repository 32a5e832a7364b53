//! A wire-tap between us and the provider: forwards everything and remembers what we sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use url::Url;

/// Listens until it is dropped.
pub struct WireTap {
    pub base: Url,
    heard: Arc<Mutex<Vec<u8>>>,
    listening: AbortHandle,
}

impl WireTap {
    /// Forwards to the service at `target`, which has a port.
    pub async fn on(target: &Url) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port for the wire-tap");
        let port = listener.local_addr().unwrap().port();
        let target = format!("127.0.0.1:{}", target.port().expect("a port"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&heard);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone(), Arc::clone(&written)));
            }
        })
        .abort_handle();
        Self {
            base: Url::parse(&format!("http://localhost:{port}")).unwrap(),
            heard,
            listening,
        }
    }

    /// How many requests began with this line, e.g. `POST /path HTTP`.
    pub fn count(&self, request_line: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        let line = request_line.as_bytes();
        heard
            .windows(line.len())
            .filter(|seen| *seen == line)
            .count()
    }
}

impl Drop for WireTap {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn forward(client: TcpStream, target: String, heard: Arc<Mutex<Vec<u8>>>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    // A request of ours fits in one read, so its line is never torn by another connection's.
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        heard.lock().unwrap().extend_from_slice(&buffer[..read]);
        if to_server.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    back.abort();
}
