//! The languages that PayEx's pages speak.

/// PayEx's list. It answers anything else in English, without an error.
const LANGUAGES: [&str; 13] = [
    "da-DK", "de-DE", "et-EE", "en-US", "es-ES", "fi-FI", "fr-FR", "lt-LT", "lv-LV", "nb-NO",
    "pl-PL", "ru-RU", "sv-SE",
];

/// PayEx's tag for a BCP 47 tag, by its primary language: `nn` and `no` get Norwegian bokmål.
pub fn language(tag: &str) -> &'static str {
    let primary = tag
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let primary = match primary.as_str() {
        "no" | "nn" => "nb",
        other => other,
    };
    LANGUAGES
        .into_iter()
        .find(|known| known.split('-').next() == Some(primary))
        .unwrap_or("en-US")
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
            ("en-GB", "en-US"),
            ("is-IS", "en-US"),
            ("", "en-US"),
        ] {
            assert_eq!(language(tag), expected, "{tag}");
        }
    }
}
