/// Texts of which one must be in a name, or none.
#[derive(Debug, Clone)]
pub(super) struct TextList {
    negated: bool,
    texts: Box<[Text]>,
}

#[derive(Debug, Clone)]
struct Text {
    from_start: bool,
    to_end: bool,
    /// In lower case.
    bytes: Box<[u8]>,
}

impl TextList {
    pub(super) fn new(text: &str) -> Self {
        let (negated, text) = text.strip_prefix('!').map_or((false, text), |text| (true, text));
        Self { negated, texts: text.split('|').map(Text::new).collect() }
    }

    pub(super) fn is_match(&self, name: &[u8]) -> bool {
        self.texts.iter().any(|text| text.is_match(name)) != self.negated
    }
}

impl Text {
    fn new(text: &str) -> Self {
        let (from_start, text) = text.strip_prefix('^').map_or((false, text), |text| (true, text));
        let (to_end, text) = text.strip_suffix('$').map_or((false, text), |text| (true, text));
        Self { from_start, to_end, bytes: text.to_ascii_lowercase().into_bytes().into() }
    }

    fn is_match(&self, name: &[u8]) -> bool {
        let length = self.bytes.len();
        let is = |part: Option<&[u8]>| part.is_some_and(|part| part.eq_ignore_ascii_case(&self.bytes));
        match (self.from_start, self.to_end) {
            (true, true) => is(Some(name)),
            (true, false) => is(name.get(..length)),
            (false, true) => is(name.len().checked_sub(length).and_then(|start| name.get(start..))),
            (false, false) => length == 0 || name.windows(length).any(|part| is(Some(part))),
        }
    }
}
