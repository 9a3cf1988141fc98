use super::{
    Anchor, Case, Comparison, Modifier, Quantifier, Subject, TimePart,
    role::{Role, Step, misplaced, role},
    subject::TIMESTAMP,
};
use crate::{
    Fault, Place, limit,
    reader::{Reader, short},
    yaml::{Content, Entry},
};

/// What a field's name and its modifiers together ask for.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) subject: Subject,
    pub(super) negated: bool,
    pub(super) quantifier: Quantifier,
    pub(super) way: Way,
    /// What is done to every value before, in the order written.
    pub(super) steps: Vec<Step>,
}

/// The way a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the field's type.
    Plain(Case),
    /// As a pattern, opened at its ends.
    Text {
        anchor: Anchor,
        case: Case,
    },
    Regex(RegexFlags),
    Exists,
    Network,
    Number(Comparison),
    SameAs {
        anchor: Anchor,
        case: Case,
    },
}

/// What the modifiers after `re` switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegexFlags {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
}

impl Plan {
    /// Values without field and modifiers.
    pub(super) const KEYWORDS: Self = Self {
        subject: Subject::Anything,
        negated: false,
        quantifier: Quantifier::Any,
        way: Way::Text { anchor: Anchor::Anywhere, case: Case::Ignored },
        steps: Vec::new(),
    };

    pub(super) fn read(reader: &mut Reader, entry: &Entry) -> Option<Self> {
        let (name, words) = match entry.key.split_once('|') {
            Some((name, words)) => (name, Some(words)),
            None => (entry.key.as_str(), None),
        };
        let modifiers = read_modifiers(reader, entry.place, words);
        let subject = read_subject(reader, entry.place, name, modifiers.as_deref());
        let (subject, modifiers) = (subject?, modifiers?);
        let has = |modifier| modifiers.contains(&modifier);
        let way = way(subject, &modifiers);
        let problem = misplaced(subject, &modifiers).or_else(|| {
            let reason = has(Modifier::All).then(|| reason_against_all(entry, subject, way)).flatten();
            Some((Modifier::All, reason?))
        });
        if let Some((modifier, reason)) = problem {
            reader.note(entry.place, Fault::MisplacedModifier { subject, modifier, reason });
            return None;
        }
        let steps = modifiers.iter().filter_map(|modifier| match role(*modifier) {
            Role::Step(step) => Some(step),
            _ => None,
        });
        Some(Self {
            subject,
            negated: has(Modifier::Neq),
            quantifier: if has(Modifier::All) { Quantifier::All } else { Quantifier::Any },
            way,
            steps: steps.collect(),
        })
    }
}

fn read_modifiers(reader: &mut Reader, place: Place, words: Option<&str>) -> Option<Vec<Modifier>> {
    let Some(words) = words else { return Some(Vec::new()) };
    if words.split('|').nth(limit::MODIFIERS).is_some() {
        let bound = limit::MODIFIERS as u64;
        reader.note(place, Fault::TooMuch { what: "the number of modifiers", bound });
        return None;
    }
    let read: Vec<_> = words
        .split('|')
        .map(|word| {
            let modifier = Modifier::from_name(word);
            if modifier.is_none() {
                reader.note(place, Fault::UnknownModifier(short(word)));
            }
            modifier
        })
        .collect();
    read.into_iter().collect()
}

fn read_subject(
    reader: &mut Reader,
    place: Place,
    name: &str,
    modifiers: Option<&[Modifier]>,
) -> Option<Subject> {
    match name {
        "" if modifiers.is_none_or(|modifiers| !modifiers.is_empty()) => Some(Subject::Anything),
        TIMESTAMP => {
            let part = modifiers?.iter().find_map(|modifier| TimePart::of(*modifier));
            if part.is_none() {
                let what = format!("`{TIMESTAMP}` without a part of it");
                let instead =
                    "ask for its minute, hour, day, week, month or year, as in `@timestamp|hour: 3`";
                reader.note(place, Fault::Unsupported { what, instead });
            }
            part.map(Subject::Time)
        }
        _ => match reader.field(name) {
            Ok(field) => Some(Subject::Field(field)),
            Err(fault) => {
                reader.note(place, fault);
                None
            }
        },
    }
}

fn way(subject: Subject, modifiers: &[Modifier]) -> Way {
    let has = |modifier| modifiers.contains(&modifier);
    let case = if has(Modifier::Cased) { Case::Kept } else { Case::Ignored };
    let anchor = modifiers.iter().find_map(|modifier| match role(*modifier) {
        Role::Anchor(anchor) => Some(anchor),
        _ => None,
    });
    match (modifiers.iter().find(|modifier| role(**modifier) == Role::Main), anchor) {
        (Some(Modifier::FieldRef), anchor) => Way::SameAs { anchor: anchor.unwrap_or(Anchor::Whole), case },
        (Some(Modifier::Re), _) => Way::Regex(RegexFlags {
            ignore_case: has(Modifier::ReIgnoreCase),
            multi_line: has(Modifier::ReMultiLine),
            dot_all: has(Modifier::ReDotAll),
        }),
        (Some(Modifier::Exists), _) => Way::Exists,
        (Some(Modifier::Cidr), _) => Way::Network,
        (Some(Modifier::Gt), _) => Way::Number(Comparison::Greater),
        (Some(Modifier::Gte), _) => Way::Number(Comparison::GreaterOrEqual),
        (Some(Modifier::Lt), _) => Way::Number(Comparison::Less),
        (Some(Modifier::Lte), _) => Way::Number(Comparison::LessOrEqual),
        (_, Some(anchor)) => Way::Text { anchor, case },
        _ => match subject {
            Subject::Field(_) => Way::Plain(case),
            Subject::Anything => Way::Text { anchor: Anchor::Anywhere, case },
            Subject::Time(_) => Way::Number(Comparison::Equal),
        },
    }
}

fn reason_against_all(entry: &Entry, subject: Subject, way: Way) -> Option<&'static str> {
    use rampart_model::FieldType::{Bool, Number};
    if !matches!(&entry.value.content, Content::List(items) if items.len() > 1) {
        return Some("`all` is for a list of two values or more");
    }
    let plain = matches!(way, Way::Plain(_));
    let single = match subject {
        Subject::Field(field) => plain && matches!(field.field_type(), Number | Bool),
        Subject::Anything | Subject::Time(_) => false,
    };
    match way {
        Way::Exists => Some("`exists` takes one value"),
        Way::Number(_) => Some("one of the numbers decides"),
        _ => single.then_some("a number is not several at once"),
    }
}
