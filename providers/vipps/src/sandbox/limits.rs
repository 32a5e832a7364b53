//! How often the same thing may be asked in a minute of the sandbox's clock.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};

use super::state::locked;

const MINUTE_SECONDS: i64 = 60;
/// Old windows are cleared away beyond this many.
const WINDOWS_KEPT: usize = 50_000;

/// What is counted, and how often it may come in a minute.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) what: &'static str,
    pub(crate) of: String,
    pub(crate) per_minute: u32,
}

#[derive(Default)]
pub(crate) struct Limits(Mutex<HashMap<(String, &'static str, String), Window>>);

struct Window {
    began_at: DateTime<Utc>,
    count: u32,
}

impl Limits {
    /// Counts one call of a sales unit.
    ///
    /// # Errors
    /// The seconds until the next minute, when there were too many in this one.
    pub(crate) fn take(&self, unit: &str, limit: &Limit, now: DateTime<Utc>) -> Result<(), i64> {
        let mut windows = locked(&self.0);
        if windows.len() > WINDOWS_KEPT {
            windows.retain(|_, window| left(window, now).is_some());
        }
        let key = (unit.to_owned(), limit.what, limit.of.clone());
        let window = windows.entry(key).or_insert(Window {
            began_at: now,
            count: 0,
        });
        match left(window, now) {
            Some(left) if window.count >= limit.per_minute => return Err(left),
            Some(_) => window.count += 1,
            None => {
                *window = Window {
                    began_at: now,
                    count: 1,
                };
            }
        }
        Ok(())
    }
}

/// The seconds that a window is still open; none when it is over, or the clock was moved back.
fn left(window: &Window, now: DateTime<Utc>) -> Option<i64> {
    let age = now.signed_duration_since(window.began_at).num_seconds();
    (0..MINUTE_SECONDS)
        .contains(&age)
        .then_some(MINUTE_SECONDS - age)
}
