//! YAML into a tree that knows where each of its nodes stands. The only place that calls the YAML library.

mod node;
mod raw;

use serde_saphyr::{DuplicateKeyPolicy, Error, MergeKeyPolicy, Options};

pub use self::node::{Content, Entry, Node, Place, Scalar, ScalarKind};
use self::raw::Raw;
use crate::limit;

/// Why a text is no YAML that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub message: String,
}

/// Reads every document of a YAML stream. Empty documents are left out.
///
/// # Errors
/// [`YamlError`] for text that is not YAML, has a key twice, or goes beyond one of the [`limit`]s.
pub fn parse(text: &str) -> Result<Vec<Node>, YamlError> {
    parse_with(text, options(DuplicateKeyPolicy::Error))
}

/// As [`parse`], but a key that a map has twice is there twice. For formats that other programs read as well, which take
/// one of the two.
///
/// # Errors
/// [`YamlError`] for text that is not YAML or goes beyond one of the [`limit`]s.
pub fn parse_repeated(text: &str) -> Result<Vec<Node>, YamlError> {
    parse_with(text, options(DuplicateKeyPolicy::PassThrough))
}

fn parse_with(text: &str, options: Options) -> Result<Vec<Node>, YamlError> {
    let documents: Vec<serde_saphyr::Spanned<Raw>> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| explain(&error))?;
    Ok(documents.into_iter().map(|raw| Node::new(raw, text)).collect())
}

fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limit::YAML_DEPTH,
            flow_nesting_limit: limit::YAML_DEPTH,
            max_nodes: limit::YAML_NODES,
            max_events: 2 * limit::YAML_NODES,
            max_aliases: limit::YAML_ALIASES,
            max_anchors: limit::YAML_ALIASES,
            max_documents: limit::RULES_PER_FILE,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: limit::YAML_REPEATED,
            max_replay_stack_depth: limit::YAML_DEPTH,
        },
        duplicate_keys: duplicate_keys,
        merge_keys: MergeKeyPolicy::Error,
        // YAML 1.2: `no` and `on` are words.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn explain(error: &Error) -> YamlError {
    let error = error.without_snippet();
    let place = error.location().map_or(Place::START, Place::from);
    // The library ends its messages with places, of which we print the one that counts in front, and with
    // hints for its callers.
    let message = error.to_string();
    let message = [" at line ", ", set "]
        .iter()
        .fold(message.as_str(), |text, tail| text.split_once(tail).map_or(text, |(head, _)| head));
    YamlError { place, message: message.trim().replace('\n', " ") }
}

/// Reads one document into a type of the caller's.
///
/// # Errors
/// [`YamlError`] for text that is not YAML, goes beyond one of the [`limit`]s, or does not fit the type.
pub fn deserialize<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_saphyr::from_str_with_options(text, options(DuplicateKeyPolicy::Error))
        .map_err(|error| explain(&error))
}
