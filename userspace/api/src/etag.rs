use axum::http::{HeaderMap, HeaderValue, header::IF_NONE_MATCH};

/// Whether a request says that its caller has what bears `etag` already (RFC 9110, 13.1.2).
pub(crate) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let lists = headers.get_all(IF_NONE_MATCH).iter();
    let mut known =
        lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    // Ours are of hexadecimal digits, so a comma in somebody else's does no harm.
    known.any(|one| one == b"*" || one.strip_prefix(b"W/").unwrap_or(one) == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_has_is_told_in_a_list() {
        for (values, expected) in [
            (&["\"ab\""][..], true),
            (&["W/\"ab\""], true),
            (&["*"], true),
            (&["\"cd\" , \"ab\""], true),
            (&["\"cd\"", "\"ab\""], true),
            (&["ab"], false),
            (&["\"abc\""], false),
            (&["\"x,\"ab"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            assert_eq!(is_known(&headers, &HeaderValue::from_static("\"ab\"")), expected, "{values:?}");
        }
    }
}
