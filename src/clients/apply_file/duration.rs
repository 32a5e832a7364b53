//! Durations as the file writes them: `24h`, `30m`, `90s`, `7d`.

use std::time::Duration;

const MAX_SECONDS: u64 = 366 * 86_400;

pub(super) const MESSAGE: &str =
    "must be a duration such as \"24h\", \"30m\", \"90s\" or \"7d\", at most 366 days";

pub(super) fn read_duration(text: &str) -> Option<Duration> {
    let (number, seconds_each) = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds_each)?;
    (1..=MAX_SECONDS)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}
