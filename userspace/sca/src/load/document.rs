use std::sync::Arc;

use rampart_pattern::Dialect;
use rampart_policy::{
    Catalogue, Mode, Place,
    yaml::{self, Content, Node},
};
use sha2::{Digest, Sha256};

use super::{
    Patterns, Variables, check,
    check::Checks,
    reader::{Map, Reader, misfit, string},
    rules,
};
use crate::{Condition, Effect, Fault, Policy, Requirements};

/// A policy before it is known whether others have its ids.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) policy: Policy,
    /// Where the policy's id is.
    pub(super) place: Place,
    /// The checks' ids, those of checks that are left out included.
    pub(super) ids: Vec<(u32, Place)>,
}

const KEYS: &[&str] = &["policy", "requirements", "variables", "checks"];
const POLICY: &str = "`policy`";
const POLICY_KEYS: &[&str] = &["id", "name", "file", "description", "references", "regex_type"];
const REQUIREMENTS: &str = "`requirements`";
const REQUIREMENTS_KEYS: &[&str] = &["title", "description", "condition", "rules"];

/// What a policy's parts have in common while they are read.
pub(super) struct Context<'c> {
    pub(super) catalogue: &'c Catalogue,
    pub(super) mode: Mode,
    pub(super) dialect: Dialect,
    pub(super) variables: Variables,
    pub(super) patterns: Patterns,
}

/// Reads a policy. None, or a reader that has refused something: the policy is left out.
pub(super) fn read(reader: &mut Reader, bytes: &[u8], catalogue: &Catalogue, mode: Mode) -> Option<Draft> {
    let node = root(reader, bytes)?;
    let Some(map) = reader.map(&node) else {
        reader.refuse_expected(&node, "a policy", "a map");
        return None;
    };
    if mode == Mode::Strict {
        map.only(reader, "a policy", KEYS);
    }
    let head = require_map(reader, map, "a policy", "policy");
    let variables = map.get("variables").and_then(|node| optional_map(reader, node, "`variables`"));
    let variables = variables.map(|map| Variables::read(reader, map)).unwrap_or_default();
    let dialect = head.map_or(Dialect::OsRegex, |head| dialect(reader, head).unwrap_or_default());
    let mut context = Context { catalogue, mode, dialect, variables, patterns: Patterns::default() };
    let requirements = map.get("requirements").and_then(|node| optional_map(reader, node, REQUIREMENTS));
    let requirements = requirements.map(|map| read_requirements(reader, &mut context, map));
    let checks = map.require(reader, "a policy", "checks", Effect::PolicyLeftOut);
    let checks = checks.map(|node| check::read_all(reader, &mut context, node));
    let policy = head.and_then(|head| read_head(reader, &context, head));
    let Checks { checks, ids } = checks?;
    let requirements = requirements.map_or(Some(None), |requirements| requirements.map(Some))?;
    let (policy, place) = policy?;
    Some(Draft {
        policy: Policy { digest: Sha256::digest(bytes).into(), requirements, checks, ..policy },
        place,
        ids,
    })
}

fn root(reader: &mut Reader, bytes: &[u8]) -> Option<Node> {
    let Ok(text) = str::from_utf8(bytes) else {
        reader.refuse(Place::START, rampart_policy::Fault::NotText);
        return None;
    };
    let documents = match yaml::parse_repeated(text) {
        Ok(documents) => documents,
        Err(error) => {
            reader.refuse(error.place, rampart_policy::Fault::Yaml(error));
            return None;
        }
    };
    let count = documents.len();
    let mut documents = documents.into_iter();
    let first = documents.next();
    match &first {
        None => reader.refuse(Place::START, Fault::Documents(0)),
        Some(_) if count > 1 => {
            let second = documents.next().map_or(Place::START, |node| node.place);
            reader.warn(second, Fault::Documents(count));
        }
        Some(_) => {}
    }
    first
}

/// What `policy:` says; of the rest there is nothing yet.
fn read_head(reader: &mut Reader, context: &Context<'_>, map: Map<'_>) -> Option<(Policy, Place)> {
    if context.mode == Mode::Strict {
        map.only(reader, POLICY, POLICY_KEYS);
    }
    let mut text = |key| map.require_text(reader, POLICY, key, Effect::PolicyLeftOut);
    let (id, name, file, description) = (text("id"), text("name"), text("file"), text("description"));
    let references = map.texts(reader, "references");
    let place = map.get("id").map_or(map.place, |node| node.place);
    let policy = Policy {
        id: id?,
        name: name?,
        file: file?,
        description: description?,
        references,
        origin: Arc::clone(reader.file()),
        digest: [0; 32],
        requirements: None,
        checks: Vec::new(),
    };
    Some((policy, place))
}

fn read_requirements(reader: &mut Reader, context: &mut Context<'_>, map: Map<'_>) -> Option<Requirements> {
    if context.mode == Mode::Strict {
        map.only(reader, REQUIREMENTS, REQUIREMENTS_KEYS);
    }
    let mut text = |key| map.require_text(reader, REQUIREMENTS, key, Effect::PolicyLeftOut);
    let (title, description) = (text("title"), text("description"));
    let condition = condition(reader, map, REQUIREMENTS, Effect::PolicyLeftOut);
    context.patterns.speak(context.dialect);
    let node = map.require(reader, REQUIREMENTS, "rules", Effect::PolicyLeftOut);
    let rules = node.and_then(|node| rules::read(reader, context, node, Effect::PolicyLeftOut));
    Some(Requirements { title: title?, description: description?, condition: condition?, rules: rules? })
}

pub(super) fn condition(
    reader: &mut Reader,
    map: Map<'_>,
    what: &'static str,
    effect: Effect,
) -> Option<Condition> {
    let node = map.require(reader, what, "condition", effect)?;
    let condition = string(node).and_then(Condition::from_name);
    if condition.is_none() {
        reader.note(node.place, misfit(node, "condition", "all, any or none"), effect);
    }
    condition
}

/// The dialect that a map's `regex_type` says. All but one value mean osregex.
pub(super) fn dialect(reader: &mut Reader, map: Map<'_>) -> Option<Dialect> {
    let node = map.get("regex_type")?;
    match string(node) {
        Some("pcre2") => Some(Dialect::Pcre2),
        Some("osregex") => Some(Dialect::OsRegex),
        _ => {
            reader.warn_expected(node, "regex_type", "osregex or pcre2");
            Some(Dialect::OsRegex)
        }
    }
}

fn require_map<'n>(
    reader: &mut Reader,
    map: Map<'n>,
    what: &'static str,
    key: &'static str,
) -> Option<Map<'n>> {
    let node = map.require(reader, what, key, Effect::PolicyLeftOut)?;
    optional_map(reader, node, key)
}

fn optional_map<'n>(reader: &mut Reader, node: &'n Node, what: &'static str) -> Option<Map<'n>> {
    if !matches!(node.content, Content::Map(_)) {
        reader.refuse_expected(node, what, "a map");
    }
    reader.map(node)
}
