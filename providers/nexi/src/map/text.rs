//! Texts and URLs in the form that Nexi takes: one bad character refuses the whole order.

use url::Url;

/// Nexi's limit, in the UTF-16 units that its platform counts.
const MAX_NAME_UNITS: usize = 128;

/// The name of an order's line: without what Nexi refuses, cut between characters, and something
/// readable when there is nothing.
pub fn name(text: &str) -> String {
    let allowed: String = text.chars().map(allowed).collect();
    let words: Vec<&str> = allowed.split_whitespace().collect();
    let whole = words.join(" ");
    let mut units = 0;
    let cut: String = whole
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= MAX_NAME_UNITS
        })
        .collect();
    match cut.trim_end() {
        "" => "Payment".to_owned(),
        rest => rest.to_owned(),
    }
}

/// Nexi refuses `<`, `>` and `\` in names, and the quotes and `&` in other texts.
fn allowed(c: char) -> char {
    match c {
        '&' => '+',
        '<' | '>' | '\'' | '"' | '\\' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// A URL of ours for Nexi. A backslash is the only character that it refuses and that a URL may
/// hold unescaped.
pub fn url(url: &Url) -> String {
    url.as_str().replace('\\', "%5C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refused_characters_are_replaced_and_blanks_collapse() {
        for (text, kept) in [
            ("Barn & Bolig", "Barn + Bolig"),
            ("Rock'n \"Roll\" \\ <b>", "Rock n Roll b"),
            ("  Årsabonnement\r\n på papir ", "Årsabonnement på papir"),
            (" \t ", "Payment"),
            ("<>", "Payment"),
        ] {
            assert_eq!(name(text), kept, "{text}");
        }
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(name(&"å".repeat(129)), "å".repeat(128));
        assert_eq!(name(&"😀".repeat(65)), "😀".repeat(64));
        assert_eq!(name(&format!("{}😀", "a".repeat(127))), "a".repeat(127));
    }

    #[test]
    fn a_backslash_in_a_query_is_escaped() {
        let page: Url = "https://shop.example/pay?a=\\b".parse().unwrap();
        assert_eq!(url(&page), "https://shop.example/pay?a=%5Cb");
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_name_that_nexi_takes(text in "\\PC{0,200}|[\\s\\x00<>&]{0,50}") {
            let name = name(&text);
            prop_assert!((1..=128).contains(&name.encode_utf16().count()));
            prop_assert!(!name.contains(['<', '>', '\'', '"', '&', '\\']));
            prop_assert!(!name.chars().any(char::is_control));
        }

        #[test]
        fn any_url_becomes_one_that_nexi_takes(text in "https://a\\.example/\\PC{0,40}") {
            if let Ok(page) = Url::parse(&text) {
                prop_assert!(!url(&page).contains(['<', '>', '\\', '“', '”', '‘', '’']));
            }
        }
    }
}
