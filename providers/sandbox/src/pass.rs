//! What every call of a provider's API goes through: latency, faults and the record of calls.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use crate::calls::Seen;
use crate::controls::Fate;
use crate::stage::Stage;

/// How long an answer that never comes keeps its connection.
const HELD_FOR: Duration = Duration::from_secs(60);

impl Stage {
    /// Takes one API call through the controls. `work` carries it out and `fail` is the provider's
    /// answer to a call that it did not carry out; one of them runs, once. What was `seen` (none
    /// for a call of no payment, several for a call of many) is recorded with the answer's status,
    /// also when the answer is then kept back.
    pub async fn pass(
        &self,
        seen: impl IntoIterator<Item = Seen>,
        fail: impl FnOnce() -> HttpResponse,
        work: impl FnOnce() -> HttpResponse,
    ) -> HttpResponse {
        let controls = self.controls();
        let latency = controls.latency();
        // Half on the way in, half on the way out: a caller that gives up can do so on either side.
        wait(latency / 2).await;
        let at = self.clock.now();
        let fate = controls.fate();
        let answer = match fate {
            Fate::Failed => fail(),
            Fate::Answered | Fate::Unanswered => work(),
        };
        for seen in seen {
            self.calls.record(seen, at, answer.status().as_u16());
        }
        if fate == Fate::Unanswered {
            let _ = tokio::time::timeout(HELD_FOR, self.tasks.stopped()).await;
            return HttpResponse::Ok().body(Cut);
        }
        wait(latency / 2).await;
        answer
    }
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// A body that breaks before its first byte: the connection is closed and nothing was answered,
/// because actix writes the head only together with the body's start.
struct Cut;

impl MessageBody for Cut {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(Some(Err("the sandbox keeps this answer back".into())))
    }
}
