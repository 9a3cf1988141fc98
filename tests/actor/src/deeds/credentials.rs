//! Other users, and other capabilities.

use std::{os::fd::AsFd as _, path::Path};

use rustix::{
    fs::{Gid, Mode, OFlags, Uid, open},
    io::Errno,
    thread::{
        CapabilitySet, capabilities, remove_capability_from_bounding_set, set_capabilities, set_thread_gid,
        set_thread_res_gid, set_thread_res_uid, set_thread_uid,
    },
};

use crate::{
    arguments::{Arguments, Usage},
    child,
    program::{self, NOTHING},
    report::Report,
};

const NOBODY: u32 = 65534;

const CAPABILITIES: [(&str, CapabilitySet); 4] = [
    ("sys_admin", CapabilitySet::SYS_ADMIN),
    ("sys_ptrace", CapabilitySet::SYS_PTRACE),
    ("net_raw", CapabilitySet::NET_RAW),
    ("net_bind_service", CapabilitySet::NET_BIND_SERVICE),
];

pub(crate) fn uid(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let uid = arguments.value(0)?;
    Report::new().with("uid", uid).outcome(set_thread_uid(Uid::from_raw(uid)))
}

pub(crate) fn gid(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let gid = arguments.value(0)?;
    Report::new().with("gid", gid).outcome(set_thread_gid(Gid::from_raw(gid)))
}

fn three(arguments: Arguments<'_>) -> anyhow::Result<[u32; 3]> {
    Ok([arguments.value(0)?, arguments.value(1)?, arguments.value(2)?])
}

fn set_uids(ids: [u32; 3]) -> Result<(), Errno> {
    let [real, effective, saved] = ids.map(Uid::from_raw);
    set_thread_res_uid(real, effective, saved)
}

pub(crate) fn uids(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let ids = three(arguments)?;
    Report::new().with("uids", ids.to_vec()).outcome(set_uids(ids))
}

pub(crate) fn gids(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let ids = three(arguments)?;
    let [real, effective, saved] = ids.map(Gid::from_raw);
    Report::new().with("gids", ids.to_vec()).outcome(set_thread_res_gid(real, effective, saved))
}

/// Becomes nobody, and root again by the user id that was kept: all capabilities come back with it.
pub(crate) fn regain_root(_: Arguments<'_>) -> anyhow::Result<Report> {
    set_uids([NOBODY, NOBODY, 0])?;
    Report::new().outcome(set_uids([0, 0, 0]))
}

fn capability(arguments: Arguments<'_>) -> anyhow::Result<(&str, CapabilitySet)> {
    let name = arguments.text(0)?;
    let found = CAPABILITIES.iter().find(|(known, _)| *known == name);
    Ok(*found
        .ok_or_else(|| Usage(format!("`{name}` is none of {:?}", CAPABILITIES.map(|(name, _)| name))))?)
}

pub(crate) fn drop_capability(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (name, set) = capability(arguments)?;
    let mut sets = capabilities(None)?;
    sets.effective.remove(set);
    sets.permitted.remove(set);
    Report::new().with("capability", name).outcome(set_capabilities(None, sets))
}

/// Executes a program without a capability: root has it again at every exec unless it is out of bounds.
pub(crate) fn execute_without(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (name, set) = capability(arguments)?;
    let report = Report::new().with("capability", name);
    execute(report, || Ok(remove_capability_from_bounding_set(set)?))
}

/// Executes a program as another user, who has no capabilities.
pub(crate) fn execute_as(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let uid = arguments.value(0)?;
    execute(Report::new().with("uid", uid), || Ok(set_uids([uid; 3])?))
}

fn execute(report: Report, prepare: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Report> {
    let words = program::words(Path::new("actor"), &[NOTHING])?;
    // By an open file: another user may not reach its path.
    let this = open(program::this()?, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let ended = child::run(|| {
        prepare()?;
        Report::new().outcome::<()>(Err(program::fexecve(this.as_fd(), &words)?))
    })?;
    Ok(ended.add_to(report))
}

/// Puts one aside, and takes it up again.
pub(crate) fn raise_capability(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (name, set) = capability(arguments)?;
    let mut sets = capabilities(None)?;
    sets.effective.remove(set);
    set_capabilities(None, sets)?;
    sets.effective.insert(set);
    Report::new().with("capability", name).outcome(set_capabilities(None, sets))
}
