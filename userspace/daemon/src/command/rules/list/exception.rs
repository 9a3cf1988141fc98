use std::sync::Arc;

use rampart_model::{Category, Timestamp};
use rampart_policy::{Exception, RuleSet};
use serde_json::{Value as Json, json};

use super::table::Table;

/// An exception, and what it comes to at a moment.
pub(super) struct Listed<'e> {
    exception: &'e Exception,
    expired: bool,
    /// Ids and titles.
    rules: Vec<(&'e str, &'e str)>,
}

/// In the order of their files.
pub(super) fn all(rules: &RuleSet, now: Timestamp) -> Vec<Listed<'_>> {
    let listed = |exception| Listed {
        exception,
        expired: !exception.applies_at(now),
        rules: exception.rules.iter().map(|id| (&**id, title(rules, id))).collect(),
    };
    rules.exceptions().iter().map(|exception| listed(exception)).collect()
}

/// Of the first moment at which one does not apply.
pub(crate) fn day(time: Timestamp) -> String {
    let text = time.to_string();
    text.split_once('T').map_or_else(|| text.clone(), |(day, _)| day.to_owned())
}

fn title<'r>(rules: &'r RuleSet, id: &'r str) -> &'r str {
    let of_rule = rules.by_id(id).map(|rule| &rule.reference);
    let correlations = || rules.correlations().iter().map(|correlation| &correlation.reference);
    let reference = of_rule.or_else(|| correlations().find(|reference| *reference.id == *id));
    reference.map_or(id, |reference| &reference.title)
}

pub(super) fn table(exceptions: &[Listed<'_>]) -> Table<6> {
    let mut table = Table::new(["TITLE", "OWNER", "EXPIRES", "EXPIRED", "RULES", "REASON"]);
    for Listed { exception, expired, rules } in exceptions {
        let titles: Vec<_> = rules.iter().map(|(_, title)| *title).collect();
        let applies_to = match (exception.category, titles.is_empty()) {
            (_, false) => titles.join("; "),
            (Some(category), true) => format!("all of {}", category.name()),
            (None, true) => "all".to_owned(),
        };
        table.push([
            exception.title.to_string(),
            or_nothing(exception.owner.as_ref()),
            exception.expires.map_or_else(|| "never".to_owned(), day),
            if *expired { "yes" } else { "no" }.to_owned(),
            applies_to,
            or_nothing(exception.reason.as_ref()),
        ]);
    }
    table
}

fn or_nothing(text: Option<&Arc<str>>) -> String {
    text.map_or_else(|| "-".to_owned(), ToString::to_string)
}

pub(super) fn json(exceptions: &[Listed<'_>]) -> Json {
    let describe = |Listed { exception, expired, rules }: &Listed<'_>| {
        json!({
            "id": exception.id,
            "title": exception.title,
            "owner": exception.owner,
            "reason": exception.reason,
            "expires": exception.expires,
            "expired": expired,
            "category": exception.category.map(Category::name),
            "rules": rules.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect::<Vec<_>>(),
            "file": exception.origin.file,
            "line": exception.origin.place.line,
        })
    };
    exceptions.iter().map(describe).collect()
}
