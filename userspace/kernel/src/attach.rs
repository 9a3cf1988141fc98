//! Attaching programs to their places, and taking them off again.

use std::os::fd::{AsFd as _, AsRawFd as _};

use aya::{
    Ebpf,
    programs::{BtfTracePoint, FExit, Lsm, Program, ProgramError, TracePoint},
};

use crate::{Hook, Point, program::AttachedProgram};

/// Loads and attaches a hook's program.
pub(crate) fn attach(
    ebpf: &mut Ebpf,
    hook: &Hook,
    types: &aya::Btf,
) -> Result<AttachedProgram, ProgramError> {
    let program = find(ebpf, hook.program)?;
    let result = attach_program(program, hook.point, types);
    if result.is_err() {
        // What is loaded and sees nothing only costs memory.
        unload(program).unwrap_or_default();
    }
    result?;
    let descriptor = descriptor(program)?;
    Ok(AttachedProgram { hook: *hook, fdinfo: format!("/proc/self/fdinfo/{descriptor}").into() })
}

/// Takes a hook's program off its places and out of the kernel.
pub(crate) fn detach(ebpf: &mut Ebpf, hook: &Hook) -> Result<(), ProgramError> {
    unload(find(ebpf, hook.program)?)
}

fn find<'a>(ebpf: &'a mut Ebpf, name: &str) -> Result<&'a mut Program, ProgramError> {
    ebpf.program_mut(name).ok_or_else(|| ProgramError::InvalidName { name: name.to_owned() })
}

fn attach_program(program: &mut Program, point: Point, types: &aya::Btf) -> Result<(), ProgramError> {
    match point {
        Point::BtfTracepoint(names) => {
            let program: &mut BtfTracePoint = program.try_into()?;
            load_first(program, names, types)?;
            program.attach()?;
        }
        Point::Syscalls(names) => {
            let program: &mut TracePoint = program.try_into()?;
            program.load()?;
            attach_all(program, names)?;
        }
        Point::Security(name) => {
            let program: &mut Lsm = program.try_into()?;
            program.load(name, types)?;
            program.attach()?;
        }
        Point::FunctionEnd(name) => {
            let program: &mut FExit = program.try_into()?;
            program.load(name, types)?;
            program.attach()?;
        }
    }
    Ok(())
}

/// Loads for the first of the names that the kernel has. The error is of the first.
fn load_first(program: &mut BtfTracePoint, names: &[&str], types: &aya::Btf) -> Result<(), ProgramError> {
    let mut first = Ok(());
    for name in names {
        match program.load(name, types) {
            Ok(()) => return Ok(()),
            Err(error) if first.is_ok() => first = Err(error),
            Err(_) => {}
        }
    }
    first
}

/// Attaches to all that the architecture has: newer ones lack the older calls. The error is of the last, if none is
/// there.
fn attach_all(program: &mut TracePoint, names: &[&str]) -> Result<(), ProgramError> {
    let mut attached = false;
    let mut last = Ok(());
    for name in names {
        match program.attach("syscalls", name) {
            Ok(_) => attached = true,
            Err(error) => last = Err(error),
        }
    }
    if attached { Ok(()) } else { last }
}

fn unload(program: &mut Program) -> Result<(), ProgramError> {
    match program {
        Program::BtfTracePoint(program) => program.unload(),
        Program::TracePoint(program) => program.unload(),
        Program::Lsm(program) => program.unload(),
        Program::FExit(program) => program.unload(),
        _ => Ok(()),
    }
}

fn descriptor(program: &Program) -> Result<i32, ProgramError> {
    Ok(program.fd()?.as_fd().as_raw_fd())
}

/// An error with all its causes, in one line; of a verifier's log only its verdict: the last lines before its
/// statistics.
pub(crate) fn chain(error: &ProgramError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let statistics = ["processed ", "stack depth ", "verification time ", ": "];
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !statistics.iter().any(|start| line.starts_with(start)))
        .collect();
    match lines.as_slice() {
        [first, .., before, verdict] => format!("{first} … {before} … {verdict}"),
        _ => lines.join(" "),
    }
}
