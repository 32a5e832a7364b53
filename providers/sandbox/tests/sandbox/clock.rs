//! The clock that a test moves instead of waiting.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;

use super::world::world;

const A_DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn the_clock_shows_the_real_time_and_the_offset_that_was_set() {
    let world = world(Duration::ZERO);
    let clock = &world.state.stage.clock;
    for offset in [0, A_DAY, -A_DAY] {
        world
            .set("/_clock", &json!({ "offsetSeconds": offset }))
            .await;
        let before = Utc::now() + TimeDelta::seconds(offset);
        let now = clock.now();
        assert!(before <= now && now <= Utc::now() + TimeDelta::seconds(offset));
        let (_, shown) = world.send(Method::GET, "/_clock", "").await;
        assert_eq!(shown, json!({ "offsetSeconds": offset }));
    }
}

#[tokio::test]
async fn who_sleeps_until_a_time_wakes_when_the_clock_is_moved_past_it_and_not_before() {
    let world = world(Duration::ZERO);
    let clock = world.state.stage.clock.clone();
    let at = clock.now() + TimeDelta::seconds(2 * A_DAY);
    let sleeper = tokio::spawn(async move {
        clock.sleep_until(at).await;
        clock.now()
    });
    world
        .set("/_clock", &json!({ "offsetSeconds": A_DAY }))
        .await;
    assert!(!sleeper.is_finished());
    world
        .set("/_clock", &json!({ "offsetSeconds": 2 * A_DAY }))
        .await;
    assert!(sleeper.await.unwrap() >= at);
}

#[tokio::test]
async fn a_time_that_has_come_is_not_waited_for() {
    let world = world(Duration::ZERO);
    let clock = &world.state.stage.clock;
    clock.sleep_until(clock.now()).await;
    clock.sleep_until(clock.now() - TimeDelta::days(1)).await;
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_is_refused_and_moves_nothing() {
    let world = world(Duration::ZERO);
    for body in [
        "",
        "{}",
        r#"{ "offsetSeconds": 0.5 }"#,
        r#"{ "offsetSeconds": "1" }"#,
        r#"{ "offsetSeconds": 1, "zone": "CET" }"#,
        r#"{ "offsetSeconds": 9223372036854775807 }"#,
        r#"{ "offsetSeconds": -9223372036854775808 }"#,
    ] {
        let (status, problem) = world.send(Method::PUT, "/_clock", body).await;
        assert_eq!(status, 400, "{body}: {problem:#}");
    }
    let (_, shown) = world.send(Method::GET, "/_clock", "").await;
    assert_eq!(shown, json!({ "offsetSeconds": 0 }));
}
