use serde_json::{Map, Value as Json, json};

use super::{process::process, put, severity};
use crate::{Health, Phase, Severity, Target};

/// A report of rampart on itself.
pub(super) fn health(health: &Health, level: Severity) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(message(health)));
    put(&mut out, "event.kind", json!("pipeline_error"));
    put(&mut out, "event.category", json!(["configuration"]));
    put(&mut out, "event.type", json!(["error"]));
    put(&mut out, "event.action", json!(action(health)));
    severity(&mut out, level);
    match health {
        Health::RuleRefused { error } | Health::ReloadRefused { error } => {
            put(&mut out, "error.message", json!(error));
        }
        Health::ModuleEnded { module, error } => {
            put(&mut out, "rampart.module", json!(module));
            put(&mut out, "error.message", json!(error));
        }
        Health::EventsLost { kind, stage, phase } => {
            put(&mut out, "rampart.loss.kind", json!(kind.name()));
            put(&mut out, "rampart.loss.stage", json!(stage));
            self::phase(&mut out, "rampart.loss", *phase);
        }
        Health::FindingsLimited { rule, phase } => {
            put(&mut out, "rule.id", json!(rule.id));
            put(&mut out, "rule.name", json!(rule.title));
            self::phase(&mut out, "rampart.limited", *phase);
        }
        Health::FindingsDropped { sink, phase } => {
            put(&mut out, "rampart.dropped.sink", json!(sink));
            self::phase(&mut out, "rampart.dropped", *phase);
        }
        Health::SpoolUnavailable { error, phase } => {
            put(&mut out, "error.message", json!(error));
            self::phase(&mut out, "rampart.spool", *phase);
        }
        Health::ExceptionExpired { title, owner, expired } => {
            put(&mut out, "rampart.exception.title", json!(title));
            put(&mut out, "rampart.exception.owner", json!(owner));
            put(&mut out, "rampart.exception.expired", json!(expired));
        }
        Health::EventsSummarised { process: who, kind, phase } => {
            put(&mut out, "rampart.flood.kind", json!(kind.name()));
            self::phase(&mut out, "rampart.flood", *phase);
            match who.process() {
                Some(known) => process(&mut out, known, known.key.pid),
                None => put(&mut out, "process.pid", json!(who.pid())),
            }
        }
    }
    out
}

fn phase(out: &mut Map<String, Json>, at: &str, phase: Phase) {
    let (count, name) = match phase {
        Phase::Began { count } => (count, "began"),
        Phase::Ended { count, seconds } => {
            put(out, &format!("{at}.seconds"), json!(seconds));
            (count, "ended")
        }
    };
    put(out, &format!("{at}.count"), json!(count));
    put(out, &format!("{at}.phase"), json!(name));
}

const fn action(health: &Health) -> &'static str {
    match health {
        Health::RuleRefused { .. } => "rule_refused",
        Health::ReloadRefused { .. } => "reload_refused",
        Health::EventsLost { phase: Phase::Began { .. }, .. } => "events_lost",
        Health::EventsLost { phase: Phase::Ended { .. }, .. } => "events_lost_ended",
        Health::FindingsLimited { phase: Phase::Began { .. }, .. } => "findings_limited",
        Health::FindingsLimited { phase: Phase::Ended { .. }, .. } => "findings_limited_ended",
        Health::FindingsDropped { phase: Phase::Began { .. }, .. } => "findings_dropped",
        Health::FindingsDropped { phase: Phase::Ended { .. }, .. } => "findings_dropped_ended",
        Health::SpoolUnavailable { phase: Phase::Began { .. }, .. } => "spool_unavailable",
        Health::SpoolUnavailable { phase: Phase::Ended { .. }, .. } => "spool_unavailable_ended",
        Health::ExceptionExpired { .. } => "exception_expired",
        Health::ModuleEnded { .. } => "module_ended",
        Health::EventsSummarised { phase: Phase::Began { .. }, .. } => "events_summarised",
        Health::EventsSummarised { phase: Phase::Ended { .. }, .. } => "events_summarised_ended",
    }
}

/// One sentence for people.
pub(super) fn message(health: &Health) -> String {
    match health {
        Health::ModuleEnded { module, error } => {
            format!("{module} does nothing any more until the agent is started again: {error}")
        }
        Health::RuleRefused { error } => format!("Rule file refused, the others are in force: {error}"),
        Health::ReloadRefused { error } => {
            format!("Rules not loaded again, those before stay in force: {error}")
        }
        Health::EventsLost { kind, stage, phase: Phase::Began { count } } => {
            format!("{kind} events are being lost at {stage}, {count} so far")
        }
        Health::EventsLost { kind, stage, phase: Phase::Ended { count, seconds } } => {
            format!("No more {kind} events are lost at {stage}: {count} were, in {seconds} s")
        }
        Health::FindingsLimited { rule, phase: Phase::Began { count } } => {
            format!(
                "The rule `{}` makes more findings than are let through, {count} left out so far",
                rule.title
            )
        }
        Health::FindingsLimited { rule, phase: Phase::Ended { count, seconds } } => {
            format!("{count} findings of the rule `{}` were left out, in {seconds} s", rule.title)
        }
        Health::FindingsDropped { sink, phase: Phase::Began { count } } => {
            format!(
                "There is no more room for findings that {sink} does not take: {count} dropped so far, the oldest of the mildest"
            )
        }
        Health::FindingsDropped { sink, phase: Phase::Ended { count, seconds } } => {
            format!("No more findings for {sink} are dropped: {count} were, in {seconds} s")
        }
        Health::SpoolUnavailable { error, phase: Phase::Began { .. } } => {
            format!("Findings cannot be kept on disk, only in memory, until they have arrived: {error}")
        }
        Health::SpoolUnavailable { error, phase: Phase::Ended { seconds, .. } } => {
            format!("Findings can be kept on disk again; for {seconds} s they could not: {error}")
        }
        Health::ExceptionExpired { title, owner, expired } => {
            let owner = owner.as_deref().unwrap_or("nobody in particular");
            format!("The exception `{title}` of {owner} expired on {expired}; the rules apply again")
        }
        Health::EventsSummarised { process, kind, phase: Phase::Began { count } } => {
            let who = who(process);
            format!("{who} makes more {kind} events than can be told one by one, {count} so far")
        }
        Health::EventsSummarised { process, kind, phase: Phase::Ended { count, seconds } } => {
            let who = who(process);
            format!("{who} made {count} more {kind} events than were told one by one, in {seconds} s")
        }
    }
}

fn who(process: &Target) -> String {
    let name = process.process().map_or("A process that is not known", |process| &process.name);
    format!("{name} (pid {})", process.pid())
}
