//! The texts of a payment: its reference and its description.

use super::reader::{Claim, Reader};

const MAX_REFERENCE_CHARACTERS: usize = 100;
const MAX_DESCRIPTION_CHARACTERS: usize = 500;

pub(super) fn read_client_code(reader: &mut Reader<'_>, outer: &str) {
    let claim = reader.text("clientCode");
    let message = "is required in the token, the same as in the request.";
    reader.require(&claim, "clientCode", message);
    reader.check(claim, "clientCode", |inner| {
        if inner == outer {
            Ok(())
        } else {
            Err(("conflict", "must be the same as in the request.".to_owned()))
        }
    });
}

/// Kept exactly as it is, so that a client finds it again; therefore whitespace at its ends, which
/// nobody sees, is refused and not trimmed.
pub(super) fn read_external_reference(reader: &mut Reader<'_>) -> Option<String> {
    const FIELD: &str = "externalReference";
    let claim = reader.text(FIELD);
    let message = "is required: 1 to 100 characters of your own, used once.";
    reader.require(&claim, FIELD, message);
    let reference = reader.check(claim, FIELD, |text| {
        if text.is_empty() {
            return Err(("required", message.to_owned()));
        }
        if text.chars().count() > MAX_REFERENCE_CHARACTERS {
            return Err(("too_long", "must have at most 100 characters.".to_owned()));
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            let message = "must have no whitespace at its ends and no control characters.";
            return Err(("invalid", message.to_owned()));
        }
        Ok(text)
    });
    reference.given()
}

/// What the payer reads in the provider's window.
pub(super) fn read_description(reader: &mut Reader<'_>) -> Option<String> {
    let claim: Claim<String> = reader.text("description");
    let description = reader.check(claim, "description", |text| {
        if text.chars().count() > MAX_DESCRIPTION_CHARACTERS {
            return Err(("too_long", "must have at most 500 characters.".to_owned()));
        }
        let shown: String = text.chars().filter(|c| !is_hidden(*c)).collect();
        Ok(shown.trim().to_owned())
    });
    description.given().filter(|text| !text.is_empty())
}

/// Control characters, line separators, and the marks that turn the direction of a text, with
/// which it could be made to read as something else.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
