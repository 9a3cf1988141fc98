//! Rust text without its comments and literals, so that a rule about code is not misled by words.

/// The lines, from 1, on which `word` stands in code.
pub(super) fn lines_with_word(text: &str, word: &str) -> Vec<usize> {
    let code = without_comments_and_literals(text);
    let is_hit = |line: &str| line.split(|letter| !is_word(letter)).any(|found| found == word);
    code.lines().enumerate().filter(|(_, line)| is_hit(line)).map(|(index, _)| index + 1).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Keeps every line break, so that line numbers stay.
fn without_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(letter) = rest.chars().next() {
        let skipped = if after_word && letter != '"' { 0 } else { length_of_skipped(rest) };
        if skipped == 0 {
            code.push(letter);
            after_word = is_word(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        } else {
            let (gone, next) = rest.split_at_checked(skipped).unwrap_or((rest, ""));
            code.push(' ');
            code.extend(gone.matches('\n').map(|_| '\n'));
            after_word = false;
            rest = next;
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal.
fn length_of_skipped(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(length) = raw_string(rest) {
        return length;
    }
    let (prefix, literal) = match rest.strip_prefix(['b', 'c']) {
        Some(literal) => (1, literal),
        None => (0, rest),
    };
    if literal.starts_with('"') {
        return prefix + quoted(literal, '"');
    }
    if literal.starts_with('\'') {
        // A quote without its partner nearby is a lifetime.
        let is_escape = literal.starts_with("'\\");
        let is_character = literal.chars().nth(2) == Some('\'');
        return if is_escape || is_character { prefix + quoted(literal, '\'') } else { 0 };
    }
    0
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let literal = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let hashes = literal.chars().take_while(|letter| *letter == '#').count();
    let body = literal.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |found| start + found + end.len()))
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::lines_with_word;

    #[track_caller]
    fn check(text: &str, expected: &[usize]) {
        assert_eq!(lines_with_word(text, "word"), expected, "{text}");
    }

    #[test]
    fn code_is_seen() {
        check("a\nword { b }", &[2]);
        check("#[word(no)]", &[1]);
        check("fn f<'a>(x: &'a str) { word }", &[1]);
        check("let quote = '\"'; word; let other = '\"';", &[1]);
        check("let escaped = '\\''; word", &[1]);
        check("let r = 1; for word in r {}", &[1]);
        check("let b = b'x'; let text = \"a\\\"b\"; word", &[1]);
        check("/* one\n /* two */ */ word", &[2]);
        check("let t = \"one\ntwo\";\nword", &[3]);
    }

    #[test]
    fn comments_and_literals_are_not() {
        check("// word\n/// word", &[]);
        check("/* word /* word */ word */", &[]);
        check("\"word \\\" word\"", &[]);
        check("r#\"word \" word\"# br\"word\"", &[]);
        check("words keyword word_of", &[]);
    }

    #[test]
    fn unfinished_text_ends() {
        for text in ["\"word", "/* word", "r#\"word", "'\\", "b", "é'"] {
            check(text, &[]);
        }
    }
}
