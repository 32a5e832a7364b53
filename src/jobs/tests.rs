//! How jobs go on, and how they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(5);
const DEADLINE: Duration = Duration::from_secs(20);

/// Starts a job that counts its ticks and does what `outcome` says for each.
fn counting(
    jobs: &Jobs,
    interval: Duration,
    wakeup: Option<&Wakeup>,
    outcome: fn(usize) -> Result<Tick, JobError>,
) -> watch::Receiver<usize> {
    let counter = watch::Sender::new(0);
    let seen = counter.subscribe();
    jobs.every("counting", interval, wakeup, move || {
        let counter = counter.clone();
        async move {
            counter.send_modify(|count| *count += 1);
            let count = *counter.borrow();
            outcome(count)
        }
    });
    seen
}

async fn reaches(seen: &mut watch::Receiver<usize>, count: usize) {
    tokio::time::timeout(DEADLINE, seen.wait_for(|ticks| *ticks >= count))
        .await
        .unwrap_or_else(|_| panic!("the job did not come to tick {count}"))
        .unwrap();
}

#[tokio::test]
async fn a_tick_that_panics_or_fails_is_followed_by_another() {
    let jobs = Jobs::new();
    let mut seen = counting(&jobs, SOON, None, |count| match count {
        1 => panic!("the first tick panics, as this test wants it to"),
        2 => Err(JobError::Failed("the second fails".to_owned())),
        _ => Ok(Tick::Idle),
    });
    reaches(&mut seen, 4).await;
    jobs.stop(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_tick_that_hangs_is_thrown_away_and_followed_by_another() {
    let mut jobs = Jobs::new();
    jobs.tick_limit = SOON;
    let (started, mut starts) = mpsc::unbounded_channel();
    jobs.every("hanging", SOON, None, move || {
        started.send(()).unwrap();
        std::future::pending()
    });
    for _ in 0..3 {
        tokio::time::timeout(DEADLINE, starts.recv())
            .await
            .unwrap()
            .unwrap();
    }
    jobs.stop(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn an_idle_job_runs_again_at_once_when_it_is_woken() {
    let jobs = Jobs::new();
    let wakeup = Wakeup::new();
    let mut seen = counting(&jobs, HOUR, Some(&wakeup), |_| Ok(Tick::Idle));
    reaches(&mut seen, 1).await;
    wakeup.wake();
    reaches(&mut seen, 2).await;
    wakeup.wake();
    reaches(&mut seen, 3).await;
    jobs.stop(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_job_with_more_to_do_does_not_wait_for_its_interval() {
    let jobs = Jobs::new();
    let mut seen = counting(&jobs, HOUR, None, |count| {
        Ok(if count < 100 { Tick::More } else { Tick::Idle })
    });
    reaches(&mut seen, 100).await;
    jobs.stop(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_job_that_asked_for_time_is_not_woken_before() {
    let jobs = Jobs::new();
    let wakeup = Wakeup::new();
    let mut held_up = counting(&jobs, SOON, Some(&wakeup), |_| Ok(Tick::After(HOUR)));
    let mut other = counting(&jobs, HOUR, Some(&wakeup), |_| Ok(Tick::Idle));
    reaches(&mut held_up, 1).await;
    reaches(&mut other, 1).await;
    for count in 2..20 {
        wakeup.wake();
        reaches(&mut other, count).await;
    }
    assert_eq!(*held_up.borrow(), 1);
    jobs.stop(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn stopping_lets_the_running_tick_finish_before_anything_is_closed() {
    let jobs = Jobs::new();
    let finished = Arc::new(AtomicBool::new(false));
    let (started, mut starts) = mpsc::unbounded_channel();
    let (stopping, done) = (jobs.stopping(), Arc::clone(&finished));
    jobs.every("slow", HOUR, None, move || {
        let (stopping, done) = (stopping.clone(), Arc::clone(&done));
        started.send(()).unwrap();
        async move {
            stopping.cancelled().await;
            tokio::task::yield_now().await;
            done.store(true, Ordering::SeqCst);
            Ok(Tick::More)
        }
    });
    let (closed, mut closings) = mpsc::unbounded_channel();
    jobs.on_stop("slow", async move {
        closed.send(finished.load(Ordering::SeqCst)).unwrap();
    });
    starts.recv().await.unwrap();
    jobs.stop(DEADLINE).await.unwrap();
    assert_eq!(
        closings.recv().await,
        Some(true),
        "closed before the tick had ended"
    );
    assert!(starts.try_recv().is_err(), "a tick began after the stop");
}

#[tokio::test]
async fn a_tick_that_will_not_end_is_torn_down_and_the_rest_is_closed_all_the_same() {
    let jobs = Jobs::new();
    let (started, mut starts) = mpsc::unbounded_channel();
    jobs.every("stuck", HOUR, None, move || {
        started.send(()).unwrap();
        std::future::pending()
    });
    let closed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&closed);
    jobs.on_stop("broken", async {
        panic!("closing panics, as this test wants it to")
    });
    jobs.on_stop("sound", async move {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    starts.recv().await.unwrap();
    assert_eq!(jobs.stop(SOON).await, Err(TornDown(SOON)));
    assert_eq!(closed.load(Ordering::SeqCst), 1);
    assert!(
        starts.recv().await.is_none(),
        "the loop still holds its tick"
    );
}
