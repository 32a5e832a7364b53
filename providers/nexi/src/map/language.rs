//! The languages that Nexi's checkout speaks.

/// The documented list, and after it what only Nexi's own plug-ins name.
const LANGUAGES: [&str; 15] = [
    "en-GB", "da-DK", "sv-SE", "nb-NO", "fi-FI", "de-DE", "pl-PL", "fr-FR", "es-ES", "nl-NL",
    "it-IT", "sk-SK", "lv-LV", "lt-LT", "ee-EE",
];

/// Nexi's tag for a BCP 47 tag, by its primary language: `nn` and `no` get Norwegian bokmål, and
/// Estonian is called by its country's code.
pub fn language(tag: &str) -> &'static str {
    let primary = tag
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let primary = match primary.as_str() {
        "no" | "nn" => "nb",
        "et" => "ee",
        other => other,
    };
    LANGUAGES
        .into_iter()
        .find(|known| known.split('-').next() == Some(primary))
        .unwrap_or("en-GB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_language_decides_and_english_is_the_rest() {
        for (tag, expected) in [
            ("nb-NO", "nb-NO"),
            ("nn-NO", "nb-NO"),
            ("no", "nb-NO"),
            ("sv", "sv-SE"),
            ("DA-dk", "da-DK"),
            ("en-US", "en-GB"),
            ("et-EE", "ee-EE"),
            ("is-IS", "en-GB"),
            ("", "en-GB"),
        ] {
            assert_eq!(language(tag), expected, "{tag}");
        }
    }
}
