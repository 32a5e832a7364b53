//! Which of a file's path templates a called path belongs to.

/// The template for `path` among `templates`: the one with the most literal segments, so that
/// `/payments/search` is not taken for `/payments/{id}`.
pub(crate) fn find_template<'a>(
    templates: impl Iterator<Item = &'a String>,
    path: &str,
) -> Option<&'a str> {
    let path = path.split('?').next().unwrap_or(path);
    templates
        .filter_map(|template| Some((literals(template, path)?, template.as_str())))
        .max_by_key(|(literals, _)| *literals)
        .map(|(_, template)| template)
}

/// How many segments are literally equal; nothing when the path does not fit the template.
fn literals(template: &str, path: &str) -> Option<usize> {
    let mut count = 0;
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let given = segments.next()?;
        if expected == given {
            count += 1;
        } else if given.is_empty() || !(expected.starts_with('{') && expected.ends_with('}')) {
            return None;
        }
    }
    segments.next().is_none().then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(path: &str) -> Option<String> {
        let templates = ["/p", "/p/{id}", "/p/search", "/p/{id}/capture"].map(str::to_owned);
        find_template(templates.iter(), path).map(str::to_owned)
    }

    #[test]
    fn a_called_path_finds_its_template() {
        assert_eq!(template("/p").as_deref(), Some("/p"));
        assert_eq!(template("/p/42?a=b").as_deref(), Some("/p/{id}"));
        assert_eq!(
            template("/p/42/capture").as_deref(),
            Some("/p/{id}/capture")
        );
        assert_eq!(
            template("/p/{id}/capture").as_deref(),
            Some("/p/{id}/capture")
        );
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        assert_eq!(template("/p/search").as_deref(), Some("/p/search"));
    }

    #[test]
    fn a_path_that_fits_nothing_finds_nothing() {
        for path in ["/", "/q", "/p/", "/p/42/refund", "/p/42/capture/more"] {
            assert_eq!(template(path), None, "{path}");
        }
    }
}
