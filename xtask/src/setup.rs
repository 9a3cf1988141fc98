//! What building, testing and the gates need on a machine, and how to get it.
//!
//! Every need goes the same way: look whether it is there, try the ways to get it in order, look again, say
//! what happened. When nothing is missing the network is not touched.

mod cargo_tool;
mod go_tool;
mod library_source;
mod promtool;
pub(crate) mod schemas;
mod static_library;
mod system_program;
mod toolchain;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{build::Architecture, workspace::Workspace};
use cargo_tool::CargoTool;
use go_tool::GoTool;
use library_source::LibrarySource;
use promtool::Promtool;
use schemas::Schemas;
use static_library::StaticLibrary;
use system_program::SystemPrograms;
use toolchain::{Rust, RustComponents};

pub(crate) use go_tool::{helm, install as install_go_program, kubeconform};
pub(crate) use promtool::find as promtool;
pub(crate) use schemas::find as schemas;

/// What the machine is set up for; each includes the ones before it, but for the cluster, which builds nothing of
/// ours, and the peers of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The Kubernetes cluster.
    Cluster,
    /// Building and running the daemon.
    Build,
    /// Making what is shipped.
    Dist,
    /// Measuring scans beside another scanner.
    Scan,
    /// Measuring the daemon beside its peers.
    Bench,
    /// The tests that run against the kernel.
    Test,
    /// The gates too.
    Everything,
}

/// Something a machine must have.
trait Need {
    /// What it is, with its version when that matters.
    fn name(&self) -> String;

    /// Says what is there; `Err` says what is missing.
    fn detect(&self) -> Result<String>;

    /// The ways to get it, best first.
    fn ways(&self) -> Vec<Way<'_>>;

    /// What a person does when no way works.
    fn by_hand(&self) -> String;

    /// Whether the rest works without it: then what needs it is skipped by name.
    fn is_optional(&self) -> bool {
        false
    }
}

/// One way to get a need.
struct Way<'a> {
    name: String,
    take: Box<dyn Fn() -> Result<()> + 'a>,
}

impl<'a> Way<'a> {
    fn new(name: impl Into<String>, take: impl Fn() -> Result<()> + 'a) -> Self {
        Self { name: name.into(), take: Box::new(take) }
    }
}

/// Installs what is missing for `scope`.
pub(crate) fn run(workspace: &Workspace, scope: Scope) -> Result<()> {
    let mut unmet = Vec::new();
    for need in needs(workspace, scope)? {
        if let Err(error) = ensure(need.as_ref()) {
            eprintln!("setup: {error:#}");
            if !need.is_optional() {
                unmet.push(need.name());
            }
        }
    }
    if unmet.is_empty() {
        return Ok(());
    }
    bail!("setup could not get: {}", unmet.join(", "));
}

/// Installs what is missing to build for a processor that is not this machine's.
pub(crate) fn cross(workspace: &Workspace, architecture: Architecture) -> Result<()> {
    if architecture.is_native() {
        return Ok(());
    }
    ensure(&SystemPrograms::for_building(workspace, architecture))
}

/// Whether a Kubernetes cluster can be made with the programs that are here; an error says which ones are missing.
pub(crate) fn programs_for_cluster(workspace: &Workspace) -> Result<()> {
    SystemPrograms::for_cluster(workspace).detect().map(drop)
}

fn needs(workspace: &Workspace, scope: Scope) -> Result<Vec<Box<dyn Need>>> {
    if scope == Scope::Cluster {
        return Ok(vec![Box::new(SystemPrograms::for_cluster(workspace))]);
    }
    let release = workspace.pinned_rust()?;
    let mut needs: Vec<Box<dyn Need>> = vec![
        Box::new(Rust::new(&release)),
        Box::new(LibrarySource::new(workspace, &release)?),
        Box::new(CargoTool::bpf_linker(workspace)),
        Box::new(StaticLibrary::new(workspace)),
    ];
    if scope == Scope::Dist || scope >= Scope::Test {
        needs.push(Box::new(SystemPrograms::for_image(workspace)));
        needs.push(Box::new(GoTool::helm(workspace)));
    }
    // Not for the others: an auditd that is installed also runs, and slows everything down.
    if scope == Scope::Bench {
        needs.push(Box::new(SystemPrograms::of_audit(workspace)));
        needs.push(Box::new(SystemPrograms::of_snooping(workspace)));
    }
    // Nor this one, which Debian starts every day.
    if scope == Scope::Scan {
        needs.push(Box::new(SystemPrograms::of_scanning(workspace)));
    }
    if scope >= Scope::Test {
        needs.push(Box::new(SystemPrograms::for_tests(workspace)));
        needs.push(Box::new(SystemPrograms::for_guests(workspace)));
        needs.push(Box::new(Promtool::new(workspace)));
        needs.push(Box::new(GoTool::kubeconform(workspace)));
        needs.push(Box::new(SystemPrograms::for_chart(workspace)));
        needs.push(Box::new(Schemas::new(workspace)));
        // Tests that lack them are skipped by their names.
        needs.push(Box::new(SystemPrograms::for_cluster(workspace).optional()));
    }
    if scope >= Scope::Everything {
        needs.push(Box::new(RustComponents::new(&release)));
        needs.push(Box::new(CargoTool::cargo_deny(workspace)));
        needs.push(Box::new(SystemPrograms::for_gates(workspace)));
    }
    Ok(needs)
}

fn ensure(need: &dyn Need) -> Result<()> {
    let name = need.name();
    let missing = match need.detect() {
        Ok(found) => {
            println!("setup: {name} … present{}", in_brackets(&found));
            return Ok(());
        }
        Err(missing) => missing,
    };
    println!("setup: {name} … missing{}", in_brackets(&format!("{missing:#}")));
    let mut failures = Vec::new();
    for way in need.ways() {
        println!("setup:   trying {} …", way.name);
        let start = Instant::now();
        match (way.take)().and_then(|()| need.detect()) {
            Ok(found) => {
                println!(
                    "setup: {name} … installed in {} s{}",
                    start.elapsed().as_secs(),
                    in_brackets(&found)
                );
                return Ok(());
            }
            Err(error) => {
                println!("setup:   {} did not work", way.name);
                failures.push(format!("  {}: {error:#}", way.name));
            }
        }
    }
    bail!("{name} is missing.\n{}\n  What to do: {}", failures.join("\n"), need.by_hand());
}

fn in_brackets(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

#[cfg(test)]
mod tests {
    use super::{Need, Way, ensure};
    use anyhow::{Result, bail};
    use std::cell::Cell;

    #[derive(Default)]
    struct Fake {
        there: Cell<bool>,
        tried: Cell<u32>,
        works: bool,
    }

    impl Need for Fake {
        fn name(&self) -> String {
            "fake 1".to_owned()
        }

        fn detect(&self) -> Result<String> {
            if self.there.get() { Ok(String::new()) } else { bail!("not found") }
        }

        fn ways(&self) -> Vec<Way<'_>> {
            let count = || self.tried.set(self.tried.get() + 1);
            vec![
                Way::new("a broken way", move || {
                    count();
                    bail!("no network")
                }),
                Way::new("a way that lies", move || {
                    count();
                    Ok(())
                }),
                Way::new("the last way", move || {
                    count();
                    self.there.set(self.works);
                    Ok(())
                }),
            ]
        }

        fn by_hand(&self) -> String {
            "pray".to_owned()
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let fake = Fake { there: Cell::new(true), ..Fake::default() };
        ensure(&fake).unwrap();
        assert_eq!(fake.tried.get(), 0);
    }

    #[test]
    fn ways_are_tried_until_the_need_is_really_there() {
        let fake = Fake { works: true, ..Fake::default() };
        ensure(&fake).unwrap();
        assert_eq!(fake.tried.get(), 3);
    }

    #[test]
    fn a_need_nobody_meets_tells_every_reason_and_the_remedy() {
        let error = ensure(&Fake::default()).unwrap_err().to_string();
        for part in ["a broken way: no network", "the last way: not found", "pray"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
