//! How many answers that do not end a client may have open at once, so that its forgotten ones
//! cannot use up the service.
//!
//! The newest wins: a connection that died without a word still looks open, and must not keep its
//! owner from coming back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::clients::ClientCode;

/// Streams of one client at one instance.
const STREAMS_PER_CLIENT: usize = 5;

/// The open streams of every client, oldest first.
pub struct Streams {
    stopping: CancellationToken,
    open: Mutex<HashMap<ClientCode, VecDeque<CancellationToken>>>,
}

impl Streams {
    /// All of them end when `stopping` is cancelled.
    pub fn new(stopping: CancellationToken) -> Self {
        Self {
            stopping,
            open: Mutex::default(),
        }
    }

    /// Takes a place and ends the client's oldest stream when it has too many. The answer ends when
    /// the token is cancelled, and cancels it when it ends.
    pub fn open(&self, client: &ClientCode) -> CancellationToken {
        let ended = self.stopping.child_token();
        let mut clients = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = clients.entry(client.clone()).or_default();
        open.retain(|one| !one.is_cancelled());
        if open.len() >= STREAMS_PER_CLIENT
            && let Some(oldest) = open.pop_front()
        {
            oldest.cancel();
        }
        open.push_back(ended.clone());
        ended
    }
}
