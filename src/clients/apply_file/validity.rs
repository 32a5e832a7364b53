//! `valid_from` and `valid_until` of a coupon.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::section::Section;

/// The two ends of a time, each of which may be open.
type Validity = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

const MESSAGE: &str = "must be a date such as \"2026-12-31\", or a time such as \
                       \"2026-12-31T12:00:00+01:00\", in quotation marks";

/// From when on, and until when. A date is a day in UTC, and the last day still counts. `None` when
/// something was wrong and has been noted.
pub(super) fn read_validity(section: &mut Section<'_>) -> Option<Validity> {
    let is_given = (section.has("valid_from"), section.has("valid_until"));
    let from = section.parsed("valid_from", MESSAGE, |text| read(text, 0));
    let until = section.parsed("valid_until", MESSAGE, |text| read(text, 1));
    if is_given != (from.is_some(), until.is_some()) {
        return None;
    }
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        section.problem("valid_until", "must be after valid_from");
        return None;
    }
    Some((from, until))
}

fn read(text: &str, days_more: u64) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let day: NaiveDate = text.parse().ok()?;
    let day = day.checked_add_days(Days::new(days_more))?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}
