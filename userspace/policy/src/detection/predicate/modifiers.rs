use rampart_model::{Field, FieldType};

use super::{Case, Comparison, Modifier, Quantifier, RegexFlags, Way, type_name};
use crate::{
    Fault, Place,
    reader::Reader,
    yaml::{Content, Entry},
};

/// The modifiers of one field test, in the order written.
pub(super) struct Modifiers(Vec<Modifier>);

pub(super) fn read<'a>(
    reader: &mut Reader,
    place: Place,
    words: impl Iterator<Item = &'a str>,
) -> Option<Modifiers> {
    let mut modifiers = Some(Vec::new());
    for word in words {
        let Some(modifier) = Modifier::from_name(word) else {
            let name = crate::reader::short(word);
            let unsupported = Modifier::is_unsupported(word);
            reader.note(
                place,
                if unsupported { Fault::UnsupportedModifier(name) } else { Fault::UnknownModifier(name) },
            );
            modifiers = None;
            continue;
        };
        if let Some(modifiers) = modifiers.as_mut() {
            modifiers.push(modifier);
        }
    }
    modifiers.map(Modifiers)
}

impl Modifiers {
    fn has(&self, modifier: Modifier) -> bool {
        self.0.contains(&modifier)
    }

    /// What the modifiers together ask for, or why they cannot be asked of the field.
    pub(super) fn comparison(&self, reader: &mut Reader, place: Place, field: Field) -> Option<Way> {
        let misplaced = self.misplaced(field);
        if let Some((modifier, reason)) = misplaced {
            reader.note(place, Fault::MisplacedModifier { field, modifier, reason });
            return None;
        }
        let case = if self.has(Modifier::Cased) { Case::Kept } else { Case::Ignored };
        let main = self.0.iter().copied().find(|modifier| kind(*modifier) == Kind::Main);
        let number = |comparison| Way::Number(comparison);
        Some(match main {
            Some(Modifier::Contains) => Way::Text { open_start: true, open_end: true, case },
            Some(Modifier::StartsWith) => Way::Text { open_start: false, open_end: true, case },
            Some(Modifier::EndsWith) => Way::Text { open_start: true, open_end: false, case },
            Some(Modifier::Re) => Way::Regex(RegexFlags {
                ignore_case: self.has(Modifier::ReIgnoreCase),
                multi_line: self.has(Modifier::ReMultiLine),
                dot_all: self.has(Modifier::ReDotAll),
            }),
            Some(Modifier::Exists) => Way::Exists,
            Some(Modifier::Cidr) => Way::Network,
            Some(Modifier::Gt) => number(Comparison::Greater),
            Some(Modifier::Gte) => number(Comparison::GreaterOrEqual),
            Some(Modifier::Lt) => number(Comparison::Less),
            Some(Modifier::Lte) => number(Comparison::LessOrEqual),
            _ => Way::Plain(case),
        })
    }

    pub(super) fn quantifier(&self, reader: &mut Reader, entry: &Entry, field: Field) -> Option<Quantifier> {
        if !self.has(Modifier::All) {
            return Some(Quantifier::Any);
        }
        if matches!(&entry.value.content, Content::List(items) if items.len() > 1) {
            return Some(Quantifier::All);
        }
        let reason = "`all` is for a list of two values or more";
        reader.note(entry.place, Fault::MisplacedModifier { field, modifier: Modifier::All, reason });
        None
    }

    /// The first modifier that fits neither the field nor the others.
    fn misplaced(&self, field: Field) -> Option<(Modifier, &'static str)> {
        let mut main = None;
        for (number, modifier) in self.0.iter().copied().enumerate() {
            if self.0.iter().take(number).any(|earlier| *earlier == modifier) {
                return Some((modifier, "it is there twice"));
            }
            if !fits(modifier, field.field_type()) {
                return Some((modifier, type_name(field.field_type())));
            }
            match kind(modifier) {
                Kind::Main if main.is_some() => {
                    return Some((modifier, "another modifier compares it already"));
                }
                Kind::Main => main = Some(modifier),
                Kind::OfRegex if main != Some(Modifier::Re) => {
                    return Some((modifier, "it comes after `re`"));
                }
                Kind::OfText if self.has(Modifier::Re) => {
                    return Some((
                        modifier,
                        "a regular expression keeps upper and lower case apart by itself",
                    ));
                }
                Kind::OfText if self.has(Modifier::Exists) => {
                    return Some((modifier, "`exists` compares no text"));
                }
                Kind::OfRegex | Kind::OfList | Kind::OfText => {}
            }
        }
        None
    }
}

/// What a modifier works on.
#[derive(PartialEq, Eq)]
enum Kind {
    /// It says how to compare; there can be one.
    Main,
    OfRegex,
    OfList,
    OfText,
}

const fn kind(modifier: Modifier) -> Kind {
    match modifier {
        Modifier::ReIgnoreCase | Modifier::ReMultiLine | Modifier::ReDotAll => Kind::OfRegex,
        Modifier::All => Kind::OfList,
        Modifier::Cased => Kind::OfText,
        _ => Kind::Main,
    }
}

const fn fits(modifier: Modifier, field_type: FieldType) -> bool {
    match modifier {
        Modifier::Exists => true,
        Modifier::Cidr => matches!(field_type, FieldType::Ip),
        Modifier::Gt | Modifier::Gte | Modifier::Lt | Modifier::Lte => {
            matches!(field_type, FieldType::Number)
        }
        Modifier::Contains
        | Modifier::StartsWith
        | Modifier::EndsWith
        | Modifier::All
        | Modifier::Re
        | Modifier::ReIgnoreCase
        | Modifier::ReMultiLine
        | Modifier::ReDotAll => matches!(field_type, FieldType::Text | FieldType::Ip),
        Modifier::Cased => matches!(field_type, FieldType::Text),
    }
}
