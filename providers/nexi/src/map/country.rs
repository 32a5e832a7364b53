//! Countries in Nexi's form, ISO 3166-1 alpha-3.

/// The countries whose merchants Nexi serves, and their neighbours.
const COUNTRIES: [(&str, &str); 36] = [
    ("AT", "AUT"),
    ("BE", "BEL"),
    ("BG", "BGR"),
    ("CA", "CAN"),
    ("CH", "CHE"),
    ("CY", "CYP"),
    ("CZ", "CZE"),
    ("DE", "DEU"),
    ("DK", "DNK"),
    ("EE", "EST"),
    ("ES", "ESP"),
    ("FI", "FIN"),
    ("FO", "FRO"),
    ("FR", "FRA"),
    ("GB", "GBR"),
    ("GL", "GRL"),
    ("GR", "GRC"),
    ("HR", "HRV"),
    ("HU", "HUN"),
    ("IE", "IRL"),
    ("IS", "ISL"),
    ("IT", "ITA"),
    ("LI", "LIE"),
    ("LT", "LTU"),
    ("LU", "LUX"),
    ("LV", "LVA"),
    ("MT", "MLT"),
    ("NL", "NLD"),
    ("NO", "NOR"),
    ("PL", "POL"),
    ("PT", "PRT"),
    ("RO", "ROU"),
    ("SE", "SWE"),
    ("SI", "SVN"),
    ("SK", "SVK"),
    ("US", "USA"),
];

/// The alpha-3 code of an alpha-2 code. Nexi takes an order without a country, so another one is
/// left out: it only filters the methods that are offered.
pub fn find_alpha3(alpha2: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|(two, _)| two.eq_ignore_ascii_case(alpha2))
        .map(|(_, three)| *three)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_nordic_countries_are_known_and_an_unknown_one_is_left_out() {
        for (two, three) in [
            ("NO", Some("NOR")),
            ("se", Some("SWE")),
            ("DK", Some("DNK")),
            ("FI", Some("FIN")),
            ("IS", Some("ISL")),
            ("NOR", None),
            ("", None),
        ] {
            assert_eq!(find_alpha3(two), three, "{two}");
        }
    }

    #[test]
    fn every_code_has_its_length_and_is_listed_once() {
        let two: BTreeSet<&str> = COUNTRIES.iter().map(|(two, _)| *two).collect();
        let three: BTreeSet<&str> = COUNTRIES.iter().map(|(_, three)| *three).collect();
        assert_eq!((two.len(), three.len()), (COUNTRIES.len(), COUNTRIES.len()));
        assert!(two.iter().all(|code| code.len() == 2));
        assert!(three.iter().all(|code| code.len() == 3));
    }
}
