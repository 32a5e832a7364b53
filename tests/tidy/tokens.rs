//! Rust source cut into words and signs, without comments and without what stands inside of literals, so that a rule
//! does not stumble over text. It knows no grammar: paths are found by the words `crate` and `super`.

/// A word, `::`, or one other sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = next_piece(rest, first);
        let (piece, after) = rest.split_at(length);
        if is_token {
            found.push(Token { text: piece, line });
        }
        line += piece.matches('\n').count();
        rest = after;
    }
    found
}

/// How many bytes the next piece has, and whether it counts.
fn next_piece(rest: &str, first: char) -> (usize, bool) {
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(length) = raw_string(rest) {
        (length, false)
    } else if first == '"' {
        (quoted(rest, '"'), false)
    } else if first == '\'' {
        (character_or_lifetime(rest), false)
    } else if is_word(first) {
        (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true)
    } else if rest.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), !first.is_whitespace())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in rest.match_indices(['/', '*']) {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let after_prefix = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after_prefix.len() - after_prefix.trim_start_matches('#').len();
    let body = after_prefix[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let body_length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(rest.len() - body.len() + body_length)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut after = rest.char_indices().skip(1);
    match (after.next(), after.next()) {
        (Some((_, '\\')), _) | (Some(_), Some((_, '\''))) => quoted(rest, '\''),
        _ => 1,
    }
}

/// A module that the code names by a path from the root of its crate, e.g. `store` in `crate::store::Pool`.
#[derive(Debug, PartialEq, Eq)]
pub struct Use<'a> {
    pub module: &'a str,
    pub line: usize,
}

/// The modules of the root that a file names, through `crate::…` or through as many `super::…` as lead there.
/// `module` is where the file stands, e.g. `["payments", "state"]`.
pub fn modules_used<'a>(tokens: &[Token<'a>], module: &[&str]) -> Vec<Use<'a>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut inline_modules = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let continues_a_path = at > 0 && tokens[at - 1].text == "::";
        match token.text {
            "{" => {
                depth += 1;
                if at >= 2 && tokens[at - 2].text == "mod" {
                    inline_modules.push(depth);
                }
            }
            "}" => {
                if inline_modules.last() == Some(&depth) {
                    inline_modules.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "crate" if is_separator(tokens, at + 1) => found.extend(heads(&tokens[at + 2..])),
            "super" if !continues_a_path => {
                let steps = steps_up(&tokens[at..]);
                if steps == module.len() + inline_modules.len() {
                    found.extend(heads(&tokens[at + 2 * steps..]));
                }
            }
            _ => {}
        }
    }
    found
}

fn is_separator(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.text == "::")
}

/// How often `super::` stands in a row.
fn steps_up(tokens: &[Token<'_>]) -> usize {
    tokens
        .chunks(2)
        .take_while(|pair| pair.len() == 2 && pair[0].text == "super" && pair[1].text == "::")
        .count()
}

/// The first words of what follows a path prefix: one, or one per member of a `{…}` group.
fn heads<'a>(tokens: &[Token<'a>]) -> Vec<Use<'a>> {
    let Some(first) = tokens.first() else {
        return Vec::new();
    };
    if first.text != "{" {
        return vec![Use {
            module: first.text,
            line: first.line,
        }];
    }
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            word if depth == 1 && word != "," && ["{", ","].contains(&tokens[at - 1].text) => {
                found.push(Use {
                    module: word,
                    line: token.line,
                });
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}
