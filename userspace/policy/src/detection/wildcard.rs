/// What one piece of a [`Pattern`] stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// This text. Never empty, and never beside another text.
    Text(Box<str>),
    /// `?`: any one character.
    One,
    /// `*`: any text, the empty one as well. Never beside its like.
    Many,
}

/// A plain value of a rule: text in which `*` and `?` are wildcards.
///
/// A backslash before `*`, `?` or another backslash takes away their meaning; before anything else it
/// stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    parts: Vec<Part>,
}

impl Pattern {
    /// Reads a value as a rule writes it. Every text is a pattern.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut pattern = Self::default();
        let mut literal = String::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let part = match character {
                '*' => Part::Many,
                '?' => Part::One,
                '\\' => {
                    literal.push(characters.next_if(|c| matches!(c, '*' | '?' | '\\')).unwrap_or('\\'));
                    continue;
                }
                _ => {
                    literal.push(character);
                    continue;
                }
            };
            pattern.push_text(&mut literal);
            pattern.push(part);
        }
        pattern.push_text(&mut literal);
        pattern
    }

    /// The pattern of a text in which nothing is a wildcard.
    pub(super) fn literal(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        Self { parts: if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] } }
    }

    /// The pattern with any text allowed before it.
    #[must_use]
    pub fn open_start(mut self) -> Self {
        if self.parts.first() != Some(&Part::Many) {
            self.parts.insert(0, Part::Many);
        }
        self
    }

    /// The pattern with any text allowed after it.
    #[must_use]
    pub fn open_end(mut self) -> Self {
        self.push(Part::Many);
        self
    }

    /// Its pieces in order; none for the empty text.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it has any wildcard.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Text(_)))
    }

    fn push(&mut self, part: Part) {
        if part != Part::Many || self.parts.last() != Some(&Part::Many) {
            self.parts.push(part);
        }
    }

    fn push_text(&mut self, literal: &mut String) {
        if !literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(literal).into()));
        }
    }
}

/// Whether a name fits a pattern with wildcards, upper and lower case being different: for selection names.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // The last `*`, and how much of the name it stands for so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(c), _) if *c == '?' || name.get(n) == Some(c) => (p, n) = (p + 1, n + 1),
            (_, Some((at, taken))) => {
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
            _ => return false,
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}
