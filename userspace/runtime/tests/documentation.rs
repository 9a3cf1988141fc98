//! The examples of `docs/rules.md`: loaded as one set, and tried on their own tests.
//!
//! Every block of YAML there stands below a comment that names its file, `<!-- my-rules/x.yml -->`. Tables with a column
//! `example` have a selection in each of its cells.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs is there, or the test fails")]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use rampart_model::{Category, Field};
use rampart_policy::{Loaded, Mode, Modifier, load_dir};
use rampart_runtime::try_rules;

const TYPES: [&str; 8] = [
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
];

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md")).unwrap()
}

/// The blocks of YAML by their files.
fn files(page: &str) -> BTreeMap<&str, String> {
    let mut files = BTreeMap::new();
    let mut lines = page.lines().zip(1..);
    let mut before = "";
    while let Some((line, number)) = lines.next() {
        if line == "```yaml" {
            let file = before.strip_prefix("<!-- ").and_then(|comment| comment.strip_suffix(" -->"));
            let file = file.unwrap_or_else(|| panic!("rules.md:{number}: no comment names the block's file"));
            let block = lines.by_ref().map(|(line, _)| line).take_while(|line| *line != "```");
            let block = block.fold(String::new(), |block, line| block + line + "\n");
            assert!(files.insert(file, block).is_none(), "rules.md:{number}: {file} is there twice");
        }
        before = line;
    }
    files
}

/// Loads files as one set. Nothing is wrong with any.
fn load(files: &BTreeMap<&str, String>, strictness: Mode) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let loaded = load_dir(folder.path(), strictness).unwrap();
    let told: Vec<_> =
        loaded.problems.iter().map(|problem| format!("{problem} ({})", problem.help())).collect();
    assert!(told.is_empty(), "{told:#?}");
    loaded
}

/// The first cell of each row with an example, and the example.
fn examples(page: &str) -> Vec<(String, String)> {
    let (mut examples, mut column) = (Vec::new(), None);
    for line in page.lines() {
        // A bar that is meant has a backslash before it.
        let cells = line.replace("\\|", "\0");
        let cells: Vec<_> = cells.split('|').map(|cell| cell.trim().replace('\0', "|")).collect();
        if cells.len() < 3 {
            column = None;
        } else if let Some(example) = column.and_then(|column| cells.get::<usize>(column)) {
            let example = example.strip_prefix('`').and_then(|example| example.strip_suffix('`'));
            examples.extend(cells.get(1).cloned().zip(example.map(str::to_owned)));
        } else {
            column = cells.iter().position(|cell| cell == "example");
        }
    }
    examples
}

#[test]
fn the_rules_are_good_and_pass_their_tests() {
    let page = page();
    let files = files(&page);
    let loaded = load(&files, Mode::Strict);
    assert_eq!(loaded.files, files.len());
    let trial = try_rules(&loaded.rules);
    let failures: Vec<_> = trial.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let (rules, correlations) = (loaded.rules.rules().len(), loaded.rules.correlations().len());
    let (exceptions, passed) = (loaded.rules.exceptions().len(), trial.passed);
    let enough = rules >= 7 && correlations >= 9 && exceptions >= 2 && passed >= 30;
    assert!(enough, "{rules} {correlations} {exceptions} {passed}");
    let yaml: String = files.into_values().collect();
    for name in TYPES {
        assert!(
            [",", "\n", " }"].iter().any(|end| yaml.contains(&format!("type: {name}{end}"))),
            "no example of {name}"
        );
    }
}

/// One whose events have the field that an example begins with.
fn category(example: &str) -> Category {
    let name = example.split(['|', ':']).next().unwrap_or_default().trim_matches(['\'', ' ', '-']);
    let field = Field::from_name(name).ok();
    let has = |category: &Category| field.is_none_or(|field| field.is_of(category.kind()));
    Category::ALL.into_iter().find(has).unwrap()
}

#[test]
fn the_selections_in_tables_can_be_loaded() {
    let page = page();
    let (examples, mut files) = (examples(&page), files(&page));
    let written = load(&files, Mode::Lenient).rules.rules().len();
    let mut rules = String::new();
    for (number, (_, example)) in examples.iter().enumerate() {
        write!(
            rules,
            "---\ntitle: Example {number}\nlogsource: {{ product: linux, category: {category} }}\n\
             detection:\n  a:\n    {example}\n  condition: a\n",
            category = category(example)
        )
        .unwrap();
    }
    files.insert("my-rules/table.yml", rules);
    assert_eq!(load(&files, Mode::Lenient).rules.rules().len(), written + examples.len());
    for modifier in Modifier::ALL {
        let name = format!("`{modifier}`");
        let row =
            examples.iter().find(|(cell, _)| *cell == name).unwrap_or_else(|| panic!("no row of {name}"));
        let used = row.1.split([':', '\'']).any(|key| key.split('|').any(|word| word == modifier.name()));
        assert!(used, "{row:?}");
    }
}

#[test]
fn every_category_is_named() {
    let page = page();
    for category in Category::ALL {
        assert!(page.contains(&format!("`{category}`")), "{category}");
    }
}
