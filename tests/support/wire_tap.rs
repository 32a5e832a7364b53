//! A wire-tap between us and the provider: forwards everything and remembers what we sent. Links in
//! the answers are made to lead through the tap too, as if the provider lived there.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
        let target = target.port().expect("a port");
        assert_eq!(
            (port / 10_000 > 0, target / 10_000 > 0),
            (true, true),
            "ports of one length keep an answer's length"
        );
        let heard = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&heard);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, [target, port], Arc::clone(&written)));
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

async fn forward(client: TcpStream, [target, own]: [u16; 2], heard: Arc<Mutex<Vec<u8>>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move {
        let (there, here) = (format!("localhost:{target}"), format!("localhost:{own}"));
        let mut buffer = vec![0; 256 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            replace(&mut buffer[..read], there.as_bytes(), here.as_bytes());
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    });
    // A request of ours fits in one read, so its line is never torn by another connection's.
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        heard.lock().unwrap().extend_from_slice(&buffer[..read]);
        if to_server.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    back.abort();
}

/// Both texts have the same length.
fn replace(bytes: &mut [u8], there: &[u8], here: &[u8]) {
    let last = bytes.len().saturating_sub(there.len());
    for start in 0..=last {
        if let Some(window) = bytes.get_mut(start..start + there.len())
            && window == there
        {
            window.copy_from_slice(here);
        }
    }
}
