//! The policies that come with rampart, check by check, each on small hosts on which it passes, fails, or does not apply
//! (tests/sca/POLICY/CHECK.yml at the repository's root).
//!
//! This program is also what takes the commands' place: it prints what they printed when they were recorded. A command that
//! was not recorded is not there.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::ExitCode,
};

use libtest_mimic::{Arguments, Failed, Trial};
use rampart_model::{CheckResult, Timestamp};
use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{
    Policy,
    host::{Host, HostConfig, Launcher, Limits, words},
    scan,
};
use serde::{Deserialize, Serialize};

/// First argument of this program in its other part, before the file of records.
const REPLAY: &str = "replay";

const NOT_THERE: u8 = 127;

/// Checks of each policy, of CIS those of both levels.
const COUNTS: [(&str, usize); 7] = [
    ("cis_kubernetes", 31),
    ("cis_linux", 36),
    ("hipaa", 16),
    ("nist_800_53", 24),
    ("pci_dss", 20),
    ("runtime_threats", 22),
    ("soc2", 18),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    pass: Vec<Case>,
    fail: Vec<Case>,
    #[serde(default)]
    not_applicable: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    files: BTreeMap<String, File>,
    #[serde(default)]
    commands: BTreeMap<String, Printed>,
    #[serde(default = "ordinary")]
    processes: Vec<String>,
}

/// A host has processes.
fn ordinary() -> Vec<String> {
    vec!["systemd".to_owned()]
}

#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum File {
    Link { link: PathBuf },
    Mode { text: String, mode: String },
    Text(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Printed {
    Ending { output: String, exit: u8 },
    Output(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    words: Vec<String>,
    output: String,
    exit: u8,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if let [_, part, records, _root, _path, _end, command @ ..] = arguments.as_slice()
        && part == REPLAY
    {
        return replay(Path::new(records), command);
    }
    libtest_mimic::run(&Arguments::from_args(), trials()).exit_code()
}

fn replay(records: &Path, command: &[String]) -> ExitCode {
    let records: Vec<Record> = serde_json::from_slice(&fs::read(records).unwrap()).unwrap();
    let Some(record) = records.into_iter().find(|record| record.words == command) else {
        return ExitCode::from(NOT_THERE);
    };
    io::stdout().write_all(record.output.as_bytes()).unwrap();
    ExitCode::from(record.exit)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("counts", counts), Trial::test("every_check_has_its_hosts", complete)];
    for (name, _) in COUNTS {
        let file = repository().join("policies/sca").join(format!("{name}.yml"));
        let loaded = rampart_sca::load_paths(&[&file], embedded_catalogue(), Mode::Strict).unwrap();
        let variables = variables(&fs::read_to_string(&file).unwrap());
        for policy in loaded.policies {
            for index in 0..policy.checks.len() {
                let mut one = policy.clone();
                one.requirements = None;
                one.checks = vec![one.checks.swap_remove(index)];
                let variables = variables.clone();
                trials.push(Trial::test(format!("{name}/{}", one.checks[0].id), move || {
                    check(name, &one, &variables)
                }));
            }
        }
    }
    trials
}

/// As many as are promised, with ids of their own, none of them with a fault.
fn counts() -> Result<(), Failed> {
    let loaded = rampart_sca::embedded();
    if let Some(problem) = loaded.problems.first() {
        return Err(format!("{problem}: {}", problem.help()).into());
    }
    let found: Vec<_> =
        loaded.policies.iter().map(|policy| (policy.file.as_ref(), policy.checks.len())).collect();
    let expected: Vec<_> = COUNTS.iter().map(|(name, count)| (format!("{name}.yml"), *count)).collect();
    let expected: Vec<_> = expected.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    if found != expected {
        return Err(format!("{found:?}").into());
    }
    for policy in &loaded.policies {
        for check in &policy.checks {
            let texts = [&check.description, &check.rationale, &check.remediation];
            if texts.iter().any(|text| text.is_none()) || check.compliance.is_empty() {
                return Err(format!("{}: something is not said", check.id).into());
            }
            if policy.file.starts_with("cis_") && check.level().is_none() {
                return Err(format!("{}: no level", check.id).into());
            }
        }
    }
    Ok(())
}

/// No file of hosts is left over, and none is missing.
fn complete() -> Result<(), Failed> {
    let loaded = rampart_sca::embedded();
    let checks = loaded.policies.iter().flat_map(|policy| {
        let name = policy.file.trim_end_matches(".yml").to_owned();
        policy.checks.iter().map(move |check| format!("{name}/{}.yml", check.id))
    });
    let checks: BTreeSet<String> = checks.collect();
    let mut files = BTreeSet::new();
    for (name, _) in COUNTS {
        for entry in fs::read_dir(repository().join("tests/sca").join(name))? {
            files.insert(format!("{name}/{}", entry?.file_name().to_string_lossy()));
        }
    }
    let differing: Vec<_> = checks.symmetric_difference(&files).collect();
    if differing.is_empty() { Ok(()) } else { Err(format!("{differing:?}").into()) }
}

fn check(name: &str, policy: &Policy, variables: &[(String, String)]) -> Result<(), Failed> {
    let id = policy.checks[0].id;
    let file = repository().join("tests/sca").join(name).join(format!("{id}.yml"));
    let fixture: Fixture = rampart_policy::yaml::deserialize(&fs::read_to_string(&file)?)
        .map_err(|error| format!("{}:{}: {error}", file.display(), error.place))?;
    let mut wrong = String::new();
    for (cases, expected) in [
        (&fixture.pass, CheckResult::Passed),
        (&fixture.fail, CheckResult::Failed),
        (&fixture.not_applicable, CheckResult::NotApplicable),
    ] {
        if cases.is_empty() && expected != CheckResult::NotApplicable {
            writeln!(wrong, "no host on which it has {expected}")?;
        }
        for case in cases {
            let (result, because) = judge(policy, case, variables)?;
            if result != expected {
                writeln!(wrong, "{}: {result} and not {expected}: {because}", case.name)?;
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

fn judge(
    policy: &Policy,
    case: &Case,
    variables: &[(String, String)],
) -> Result<(CheckResult, String), Failed> {
    let folder = tempfile::tempdir()?;
    let (root, records) = (folder.path().join("root"), folder.path().join("records"));
    fs::create_dir_all(&root)?;
    for (path, file) in &case.files {
        put(&root, path, file)?;
    }
    for (pid, process) in (1..).zip(&case.processes) {
        put(&root, &format!("/proc/{pid}/comm"), &File::Text(format!("{process}\n")))?;
    }
    fs::write(&records, serde_json::to_vec(&recorded(case, variables))?)?;
    let host = Host::new(HostConfig {
        root,
        limits: Limits::default(),
        launcher: Launcher::this_program([REPLAY.into(), records]),
        skip_nfs: true,
        cpu_share: None,
    })?;
    let report = scan(&host, std::slice::from_ref(policy), || Timestamp::EPOCH, &mut |_| {});
    let check = &report.policies[0].checks[0];
    Ok((check.result, check.because()))
}

fn recorded(case: &Case, variables: &[(String, String)]) -> Vec<Record> {
    let record = |(command, printed): (&String, &Printed)| {
        let command = variables.iter().fold(command.clone(), |text, (name, value)| text.replace(name, value));
        let (output, exit) = match printed.clone() {
            Printed::Output(output) => (output, 0),
            Printed::Ending { output, exit } => (output, exit),
        };
        let words = words(&command).into_iter().map(|word| word.into_string().unwrap()).collect();
        Record { words, output, exit }
    };
    case.commands.iter().map(record).collect()
}

fn put(root: &Path, path: &str, file: &File) -> io::Result<()> {
    let place = root.join(path.trim_start_matches('/'));
    if path.ends_with('/') {
        return fs::create_dir_all(place);
    }
    fs::create_dir_all(place.parent().unwrap())?;
    match file {
        File::Link { link } => symlink(link, place),
        File::Text(text) => fs::write(place, text),
        File::Mode { text, mode } => {
            fs::write(&place, text)?;
            let mode = u32::from_str_radix(mode, 8).map_err(io::Error::other)?;
            fs::set_permissions(place, fs::Permissions::from_mode(mode))
        }
    }
}

/// The policy's variables, longest names first, as they are replaced in rules.
fn variables(text: &str) -> Vec<(String, String)> {
    #[derive(Deserialize)]
    struct Variables {
        #[serde(default)]
        variables: BTreeMap<String, String>,
    }
    let read: Variables = rampart_policy::yaml::deserialize(text).unwrap();
    let mut variables: Vec<_> = read.variables.into_iter().collect();
    variables.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    variables
}
