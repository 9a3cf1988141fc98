use axum::http::{HeaderMap, header::AUTHORIZATION};

/// Longest token, in bytes. Those of service accounts have one or two thousand.
const TOKEN_BYTES: usize = 16 * 1024;

const SCHEME: &str = "bearer";

/// The token of a request that has exactly one, by the grammar of RFC 6750. What else stands there is nothing that anybody has
/// given out.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case(SCHEME) && token.len() <= TOKEN_BYTES && is_token(token)).then_some(token)
}

fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_token_of_the_grammar_is_taken() {
        let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES + 1));
        for (values, expected) in [
            (&["Bearer a.b-c_d~e+f/g=="][..], Some("a.b-c_d~e+f/g==")),
            (&["bearer  a "], Some("a")),
            (&["Bearer"], None),
            (&["Bearer "], None),
            (&["Bearer =="], None),
            (&["Bearer a b"], None),
            (&["Bearer a\"b"], None),
            (&["Bearer a=b"], None),
            (&["Bearer \u{e9}"], None),
            (&["Basic YTpi"], None),
            (&["a"], None),
            (&[""], None),
            (&["Bearer a", "Bearer a"], None),
            (&[&long], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(bearer(&headers), expected, "{values:?}");
        }
    }
}
