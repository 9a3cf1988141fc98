//! Code for the kernel: modules and eBPF programs. The modules are none, and the programs do nothing.

use std::{ffi::CString, fs::File};

use anyhow::Context as _;
use rustix::system::{delete_module, finit_module, init_module};

use crate::{
    arguments::{Arguments, Usage},
    bpf,
    report::Report,
};

pub(crate) fn module_from_file(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let file = File::open(path).context("opening what is to be loaded")?;
    Report::new().path("path", path).outcome(finit_module(file, c"", 0))
}

pub(crate) fn module_from_memory(_: Arguments<'_>) -> anyhow::Result<Report> {
    let nonsense = [0x7f; 64];
    Report::new().with("bytes", nonsense.len()).outcome(init_module(&nonsense, c""))
}

pub(crate) fn remove_module(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let name = arguments.text_or(0, "rampart_no_such_module")?;
    let result = delete_module(&CString::new(name)?, libc::O_NONBLOCK);
    Report::new().with("name", name).outcome(result)
}

fn bpf_name(arguments: Arguments<'_>) -> anyhow::Result<(&str, bpf::Name)> {
    let text = arguments.text(0)?;
    let mut name = bpf::Name::default();
    if text.len() >= name.len() {
        return Err(Usage(format!("`{text}` has more than {} letters", name.len() - 1)).into());
    }
    for (slot, letter) in name.iter_mut().zip(text.bytes()) {
        *slot = letter;
    }
    Ok((text, name))
}

pub(crate) fn load_program(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (text, name) = bpf_name(arguments)?;
    Report::new().with("name", text).outcome(bpf::load(bpf::SOCKET_FILTER, name))
}

pub(crate) fn create_map(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (text, name) = bpf_name(arguments)?;
    Report::new().with("name", text).outcome(bpf::create_map(name))
}

/// Attached for a moment, to what happens when a process forks.
pub(crate) fn attach_program(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (text, name) = bpf_name(arguments)?;
    let program = bpf::load(bpf::RAW_TRACEPOINT, name).context("loading the program")?;
    let result = bpf::open_tracepoint(&program, c"sched_process_fork");
    Report::new().with("name", text).outcome(result)
}
