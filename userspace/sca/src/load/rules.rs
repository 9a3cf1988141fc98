use rampart_policy::{
    Place,
    yaml::{Content, Node},
};

use super::{
    document::Context,
    reader::{Reader, string},
};
use crate::{Effect, Fault, Rule, limit};

/// Reads a list of rules. `of_colon` is what a rule without a colon does: Wazuh notices it only in the scan.
pub(super) fn read(
    reader: &mut Reader,
    context: &mut Context<'_>,
    node: &Node,
    of_colon: Effect,
) -> Option<Vec<Rule>> {
    let items = match &node.content {
        Content::List(items) if !items.is_empty() => items,
        _ => {
            reader.refuse_expected(node, "rules", "a list of rules");
            return None;
        }
    };
    if items.len() > limit::RULES_PER_CHECK {
        let bound = limit::RULES_PER_CHECK;
        reader.refuse(node.place, Fault::TooMuch { what: "the number of rules", bound });
        return None;
    }
    // All of them, so that each one's faults are told.
    let rules: Vec<Option<Rule>> =
        items.iter().map(|item| read_rule(reader, context, item, of_colon)).collect();
    rules.into_iter().collect()
}

fn read_rule(reader: &mut Reader, context: &mut Context<'_>, node: &Node, of_colon: Effect) -> Option<Rule> {
    let Some(text) = string(node) else {
        reader.refuse_expected(node, "a rule", "text, in quotes if it has a colon and a blank");
        return None;
    };
    match Rule::read(text, &context.variables, &mut context.patterns) {
        Ok((rule, quirks)) => {
            for (offset, fault) in quirks {
                reader.warn(place(node, text, offset), fault);
            }
            Some(rule)
        }
        Err(fault) => {
            let effect = if matches!(fault, Fault::NoColon(_)) { of_colon } else { Effect::PolicyLeftOut };
            reader.note(node.place, fault, effect);
            None
        }
    }
}

/// The place of a rule's byte, where the rule stands in the file as it is.
fn place(node: &Node, text: &str, offset: usize) -> Place {
    let character = text.get(..offset).map_or(0, |before| before.chars().count());
    node.as_scalar().and_then(|scalar| scalar.place_of(character)).unwrap_or(node.place)
}
