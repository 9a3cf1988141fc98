use rampart_model::{Container, Finding, Severity, Subject, Technique};

use crate::printable::shown;

/// Longest sentence of a finding, in characters.
const SENTENCE: usize = 300;

/// Longest name of a node, a pod or a container, in characters.
const NAME: usize = 80;

/// Most techniques that are named.
const TECHNIQUES: usize = 5;

/// `:rotating_light: *CRITICAL* T1496 `what happened` on `node`, pod `namespace/name``.
pub(super) fn render(finding: &Finding) -> String {
    let severity = finding.severity();
    let mut line = format!("{} *{}*", emoji(severity), severity.name().to_uppercase());
    for technique in techniques(finding).iter().take(TECHNIQUES) {
        line.extend([" ", &escaped(&technique.id, NAME)]);
    }
    line.extend([" ", &code(&finding.message(), SENTENCE), " on ", &code(&finding.node, NAME)]);
    if let Some(container) = container(finding) {
        line.push_str(&place(container));
    }
    line
}

pub(super) const fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "#8a8a8a",
        Severity::Low => "#2e8bc0",
        Severity::Medium => "#e5b700",
        Severity::High => "#e25822",
        Severity::Critical => "#8b0000",
    }
}

const fn emoji(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => ":information_source:",
        Severity::Low => ":large_blue_circle:",
        Severity::Medium => ":warning:",
        Severity::High => ":red_circle:",
        Severity::Critical => ":rotating_light:",
    }
}

fn techniques(finding: &Finding) -> &[Technique] {
    match &finding.subject {
        Subject::Runtime { rule, .. } => &rule.techniques,
        Subject::Assessment(assessment) => match &**assessment {
            rampart_model::Assessment::Changed(change) => &change.techniques,
            _ => &[],
        },
        Subject::File(_) | Subject::Health(_) => &[],
    }
}

fn container(finding: &Finding) -> Option<&Container> {
    match &finding.subject {
        Subject::Runtime { event, .. } => event.process.container.as_deref(),
        Subject::Assessment(_) | Subject::File(_) | Subject::Health(_) => None,
    }
}

/// Of a container in a pod the pod is what people know.
fn place(container: &Container) -> String {
    let pod = container.pod.as_ref().and_then(|pod| pod.namespace.as_ref().zip(pod.name.as_ref()));
    match pod {
        Some((namespace, pod)) => format!(", pod {}", code(&format!("{namespace}/{pod}"), NAME)),
        None => format!(", container {}", code(container.name.as_ref().unwrap_or(&container.id), NAME)),
    }
}

/// As code, where nothing is markup but the sign that ends it: no bold, no links, nobody called by name.
fn code(text: &str, longest: usize) -> String {
    format!("`{}`", escaped(&text.replace('`', "'"), longest))
}

/// Slack's markup has three characters that are more than themselves.
fn escaped(text: &str, longest: usize) -> String {
    shown(text, longest).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rampart_model::{Context, EventKind, RuleRef};
    use rampart_testkit::sample;

    use super::*;

    #[test]
    fn a_line_tells_how_bad_what_and_where() {
        assert_eq!(
            render(&sample::finding()),
            ":rotating_light: *CRITICAL* T1496 \
             `Crypto miner executed: xmrig (pid 41) executed xmrig -o pool:3333` on `node-1`, container `c0ffee`"
        );
        assert_eq!(place(sample::script().container.as_deref().unwrap()), ", pod `shop/backup-0`");
    }

    #[test]
    fn an_attacker_calls_nobody_and_sends_no_links() {
        let title = "<!channel> `*x*` <https://evil.example|bank> & \n\u{202e}";
        let rule = RuleRef { title: title.into(), severity: Severity::Low, ..sample::rule() };
        let event = Arc::new(sample::event(EventKind::Exec));
        let subject = Subject::Runtime { event, rule: Arc::new(rule), context: Context::default() };
        let line = render(&Finding { subject, ..sample::finding() });
        assert!(
            line.starts_with(
                ":large_blue_circle: *LOW* T1496 \
                 `&lt;!channel&gt; '*x*' &lt;https://evil.example|bank&gt; &amp; \\n\\u{202e}: xmrig"
            ),
            "{line}"
        );
    }

    #[test]
    fn a_long_sentence_is_cut() {
        assert_eq!(code(&"<".repeat(400), SENTENCE), format!("`{}…`", "&lt;".repeat(300)));
    }
}
