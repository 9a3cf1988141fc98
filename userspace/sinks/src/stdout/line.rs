use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use rampart_model::{Container, Finding, Process, Severity, Subject};

use crate::printable::shown;

/// Longest message in a line, in characters: a command line may have 32 KiB.
const MAX_MESSAGE: usize = 300;

/// Longest advice, in characters.
const MAX_ADVICE: usize = 1000;

/// Longest name of a container, a pod or an image.
const MAX_NAME: usize = 80;

/// Whether a line is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// At a terminal.
    Always,
    /// Elsewhere.
    Never,
}

/// When, how bad, what technique, what happened, who and where, by whom started; in a second line, why it matters and what
/// to do.
pub(super) fn render(finding: &Finding, colour: Colour) -> String {
    let severity = finding.severity();
    let style = match colour {
        Colour::Always => style_of(severity),
        Colour::Never => Style::new(),
    };
    let time = finding.time.to_string();
    let (seconds, _) = time.split_once('.').unwrap_or((&time, ""));
    let mut line = format!("{seconds}Z {style}{}{style:#}", severity.name().to_uppercase());
    if let Subject::Runtime { rule, .. } = &finding.subject {
        for technique in &*rule.techniques {
            append(&mut line, format_args!(" {}", technique.id));
        }
    }
    append(&mut line, format_args!(" {}", printable(&finding.message())));
    if finding.is_told_again() {
        line.push_str(" (told before; now with its pod)");
    }
    if let Subject::Runtime { event, .. } = &finding.subject {
        append(&mut line, format_args!(" | {}", place(&event.process)));
        let ancestry: Vec<_> = event.process.ancestors().take(5).map(ancestor).collect();
        if !ancestry.is_empty() {
            append(&mut line, format_args!(" | by {}", ancestry.join(" < ")));
        }
    }
    if let Some(advice) = advice(finding) {
        let style = if colour == Colour::Always { Style::new().dimmed() } else { Style::new() };
        append(&mut line, format_args!("\n    {style}{advice}{style:#}"));
    }
    line
}

/// What the rule's author says of it.
fn advice(finding: &Finding) -> Option<String> {
    let Subject::Runtime { rule, .. } = &finding.subject else { return None };
    let words: Vec<&str> = rule.description.split_whitespace().collect();
    (!words.is_empty()).then(|| shown(&words.join(" "), MAX_ADVICE))
}

fn append(line: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    line.write_fmt(text).unwrap_or_default();
}

fn ancestor(process: &Process) -> String {
    format!("{}({})", printable(&process.name), process.key.pid)
}

fn place(process: &Process) -> String {
    let user = process.user.name.as_deref().map_or_else(|| process.user.id.to_string(), printable);
    let container = process.container.as_deref().map(container).unwrap_or_default();
    format!("user {user}{container}")
}

/// `, pod shop/cart-0, container cart 0123456789ab of registry/cart:1`, as far as that is known.
fn container(container: &Container) -> String {
    let short = |text: &str| printable(text).chars().take(MAX_NAME).collect::<String>();
    let mut out = String::new();
    if let Some((pod, name)) = container.pod.as_ref().and_then(|pod| Some((pod, pod.name.as_deref()?))) {
        let namespace = pod.namespace.as_deref().unwrap_or_default();
        append(&mut out, format_args!(", pod {}/{}", short(namespace), short(name)));
    }
    out.push_str(", container ");
    if let Some(name) = &container.name {
        append(&mut out, format_args!("{} ", short(name)));
    }
    out.extend(container.id.chars().take(12));
    if let Some(image) = &container.image {
        append(&mut out, format_args!(" of {}", short(image)));
    }
    out
}

fn printable(text: &str) -> String {
    shown(text, MAX_MESSAGE)
}

fn style_of(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Informational => return Style::new().dimmed(),
        Severity::Low => AnsiColor::Cyan,
        Severity::Medium => AnsiColor::Yellow,
        Severity::High => AnsiColor::Red,
        Severity::Critical => return AnsiColor::White.on(AnsiColor::Red).bold(),
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use rampart_model::Completeness;
    use rampart_testkit::sample;

    use super::*;

    #[test]
    fn a_finding_that_is_told_again_says_so() {
        for (completeness, says_so) in [(Completeness::Incomplete, false), (Completeness::Completed, true)] {
            let line = render(&sample::finding_known(completeness), Colour::Never);
            assert_eq!(line.contains(" (told before; now with its pod)"), says_so, "{line}");
        }
    }

    #[test]
    fn a_container_is_named_as_well_as_it_is_known() {
        let full = sample::script().container.as_deref().cloned().unwrap();
        for (known, expected) in [
            (Container { id: "c0ffee".repeat(9).into(), ..Container::default() }, ", container c0ffeec0ffee"),
            (Container { pod: None, ..full.clone() }, ", container backup beef of registry.example/backup:9"),
            (
                Container { name: None, image: Some("a\x1bb".into()), ..full.clone() },
                ", pod shop/backup-0, container beef of a\\u{1b}b",
            ),
            (full, ", pod shop/backup-0, container backup beef of registry.example/backup:9"),
        ] {
            assert_eq!(container(&known), expected);
        }
    }
}
