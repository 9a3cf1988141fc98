use rampart_model::FieldType;

use super::{Anchor, Modifier, Subject, encoding::Utf16};

/// What a modifier works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It says how to compare; there can be one.
    Main,
    /// It says where in the field the value stands. There can be one, and none beside a `Main` but `fieldref`.
    Anchor(Anchor),
    OfRegex,
    OfList,
    OfText,
    OfTest,
    /// It makes other values of the value, before they are compared.
    Step(Step),
    /// It takes a number out of the time.
    OfTime,
}

/// One change of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Expand,
    WinDash,
    Utf16(Utf16),
    Base64,
    Base64Offset,
}

pub(super) const fn role(modifier: Modifier) -> Role {
    match modifier {
        Modifier::Contains => Role::Anchor(Anchor::Anywhere),
        Modifier::StartsWith => Role::Anchor(Anchor::Start),
        Modifier::EndsWith => Role::Anchor(Anchor::End),
        Modifier::Re
        | Modifier::Exists
        | Modifier::Cidr
        | Modifier::Gt
        | Modifier::Gte
        | Modifier::Lt
        | Modifier::Lte
        | Modifier::FieldRef => Role::Main,
        Modifier::ReIgnoreCase | Modifier::ReMultiLine | Modifier::ReDotAll => Role::OfRegex,
        Modifier::All => Role::OfList,
        Modifier::Cased => Role::OfText,
        Modifier::Neq => Role::OfTest,
        Modifier::Expand => Role::Step(Step::Expand),
        Modifier::WinDash => Role::Step(Step::WinDash),
        Modifier::Base64 => Role::Step(Step::Base64),
        Modifier::Base64Offset => Role::Step(Step::Base64Offset),
        Modifier::Wide | Modifier::Utf16Le => Role::Step(Step::Utf16(Utf16::Little)),
        Modifier::Utf16Be => Role::Step(Step::Utf16(Utf16::Big)),
        Modifier::Utf16 => Role::Step(Step::Utf16(Utf16::Marked)),
        Modifier::Minute
        | Modifier::Hour
        | Modifier::Day
        | Modifier::Week
        | Modifier::Month
        | Modifier::Year => Role::OfTime,
    }
}

/// The first modifier that fits neither what is asked nor the other modifiers, and why.
pub(super) fn misplaced(subject: Subject, modifiers: &[Modifier]) -> Option<(Modifier, &'static str)> {
    modifiers.iter().enumerate().find_map(|(number, modifier)| {
        let earlier = modifiers.get(..number).unwrap_or_default();
        let twice = earlier.contains(modifier) && !is_encoding(*modifier);
        let reason = twice
            .then_some("it is there twice")
            .or_else(|| unfit(*modifier, subject))
            .or_else(|| conflict(*modifier, earlier, modifiers))?;
        Some((*modifier, reason))
    })
}

/// Why a modifier cannot be asked of a subject.
fn unfit(modifier: Modifier, subject: Subject) -> Option<&'static str> {
    let role = role(modifier);
    match subject {
        Subject::Anything => {
            let fits = !matches!(role, Role::Main | Role::OfTime) || modifier == Modifier::Re;
            (!fits).then_some("it needs the name of a field")
        }
        Subject::Time(_) => {
            let fits = matches!(role, Role::OfTime | Role::OfTest | Role::Step(Step::Expand));
            (!fits && !is_comparison(modifier)).then_some("it is a number out of the time")
        }
        Subject::Field(_) if role == Role::OfTime => Some("only `@timestamp` is a time"),
        Subject::Field(field) => {
            let field_type = field.field_type();
            (!fits(modifier, field_type)).then_some(match field_type {
                FieldType::Text => "it is text",
                FieldType::Number => "it is a number",
                FieldType::Bool => "it is true or false",
                FieldType::Ip => "it is an address",
            })
        }
    }
}

fn fits(modifier: Modifier, field_type: FieldType) -> bool {
    match role(modifier) {
        Role::Anchor(_) | Role::OfRegex | Role::OfList => field_type != FieldType::Bool,
        Role::OfTest | Role::Step(Step::Expand) => true,
        Role::OfText | Role::Step(_) => field_type == FieldType::Text,
        Role::OfTime => false,
        Role::Main => match modifier {
            Modifier::Cidr => field_type == FieldType::Ip,
            Modifier::Re => field_type != FieldType::Bool,
            _ => !is_comparison(modifier) || field_type == FieldType::Number,
        },
    }
}

const fn is_comparison(modifier: Modifier) -> bool {
    matches!(modifier, Modifier::Gt | Modifier::Gte | Modifier::Lt | Modifier::Lte)
}

const fn is_encoding(modifier: Modifier) -> bool {
    matches!(role(modifier), Role::Step(Step::Utf16(_) | Step::Base64 | Step::Base64Offset))
}

/// Why a modifier cannot be beside the others.
fn conflict(modifier: Modifier, earlier: &[Modifier], all: &[Modifier]) -> Option<&'static str> {
    match role(modifier) {
        Role::Main | Role::Anchor(_) if earlier.iter().any(|other| is_second(modifier, *other)) => {
            Some("another modifier compares it already")
        }
        Role::OfRegex if !earlier.contains(&Modifier::Re) => Some("it comes after `re`"),
        Role::OfText if all.contains(&Modifier::Re) => {
            Some("a regular expression keeps upper and lower case apart by itself")
        }
        Role::OfText if all.contains(&Modifier::Exists) => Some("`exists` compares no text"),
        Role::OfTime if earlier.iter().any(|other| role(*other) == Role::OfTime) => {
            Some("another part of the time is asked for already")
        }
        Role::Step(step) => step.conflict(earlier, all),
        _ => None,
    }
}

/// Whether both say how to compare, and it is not where the other field's value stands.
fn is_second(modifier: Modifier, other: Modifier) -> bool {
    match (role(modifier), role(other)) {
        (Role::Main, Role::Main) | (Role::Anchor(_), Role::Anchor(_)) => true,
        (Role::Main, Role::Anchor(_)) => modifier != Modifier::FieldRef,
        (Role::Anchor(_), Role::Main) => other != Modifier::FieldRef,
        _ => false,
    }
}

impl Step {
    fn conflict(self, earlier: &[Modifier], all: &[Modifier]) -> Option<&'static str> {
        if all.contains(&Modifier::Exists) || all.contains(&Modifier::FieldRef) {
            return Some("the value is taken as it is");
        }
        let before = |test: fn(Role) -> bool| earlier.iter().any(|other| test(role(*other)));
        match self {
            Self::Expand | Self::WinDash if earlier.iter().any(|other| is_encoding(*other)) => {
                Some("it comes before what encodes the value")
            }
            Self::Expand => None,
            _ if all.contains(&Modifier::Re) => Some("a regular expression is taken as it is"),
            Self::WinDash => None,
            _ if before(|role| matches!(role, Role::Anchor(_))) => {
                Some("it comes before `contains`, `startswith` and `endswith`")
            }
            Self::Utf16(_) => {
                let last = earlier.iter().rev().find(|other| is_encoding(**other));
                let twice = last.is_some_and(|last| matches!(role(*last), Role::Step(Self::Utf16(_))));
                twice.then_some("the value is UTF-16 already")
            }
            Self::Base64 | Self::Base64Offset => None,
        }
    }
}
