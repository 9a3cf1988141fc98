use rampart_abi::{EXEC_DELETED, EXEC_MEMFD, EXEC_UPPER_LAYER, FLAG_ARGS_TRUNCATED};
use rampart_model::{
    Arguments, Capabilities, DescriptorKind, ExecutableTraits, Exit, Namespaces, Stdio, text,
};

use super::{Decoded, fixed, take, task};
use crate::{
    Body, Exec, Fork, Lineage,
    text::{absolute, path_from_leaf, until_nul},
};

/// A new program image.
pub(super) fn exec(bytes: &[u8]) -> Decoded {
    let (wire, mut rest) = fixed::<rampart_abi::Exec>(bytes)?;
    let executable = path_from_leaf(take(&mut rest, wire.path_length.into())?);
    let working_directory = path_from_leaf(take(&mut rest, wire.cwd_length.into())?);
    let cgroup = path_from_leaf(take(&mut rest, wire.cgroup_length.into())?);
    let script = take(&mut rest, wire.script_length.into())?;
    let args = arguments(take(&mut rest, wire.args_length as usize)?);
    let ([mode0, mode1, mode2], [major0, major1, major2]) = (wire.stdio_modes, wire.stdio_majors);
    let exec = Exec {
        lineage: lineage(&wire.lineage),
        namespaces: Namespaces {
            mnt: wire.task.mnt_ns,
            pid: wire.task.pid_ns,
            net: wire.namespaces.net,
            uts: wire.namespaces.uts,
            ipc: wire.namespaces.ipc,
            cgroup: wire.namespaces.cgroup,
            user: wire.namespaces.user,
        },
        capabilities: Capabilities(wire.capabilities),
        stdio: Stdio {
            stdin: descriptor(mode0, major0),
            stdout: descriptor(mode1, major1),
            stderr: descriptor(mode2, major2),
        },
        executable,
        traits: traits(wire.traits),
        // As execve(2) was given it.
        script: (!script.is_empty()).then(|| absolute(&text(until_nul(script)), &working_directory)),
        working_directory,
        cgroup,
        args,
        args_truncated: wire.header.flags & FLAG_ARGS_TRUNCATED != 0 || wire.args_length < wire.args_total,
    };
    Ok((task(&wire.task), Body::Exec(Box::new(exec))))
}

/// A new process.
pub(super) fn fork(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Fork>(bytes)?;
    let fork = Fork { lineage: lineage(&wire.lineage), mnt_ns: wire.task.mnt_ns, pid_ns: wire.task.pid_ns };
    Ok((task(&wire.task), Body::Fork(fork)))
}

/// The end of a process.
pub(super) fn exit(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Exit>(bytes)?;
    let [low, code, ..] = wire.status.to_le_bytes();
    let signal = low & 0x7f;
    Ok((task(&wire.task), Body::Exit(Exit { code, signal: (signal != 0).then_some(signal) })))
}

fn lineage(wire: &rampart_abi::Lineage) -> Lineage {
    Lineage {
        parent_pid: wire.parent_pid,
        parent_start_ns: wire.parent_start_ns,
        effective_uid: wire.euid,
        login_uid: (wire.login_uid != u32::MAX).then_some(wire.login_uid),
        inner_pid: wire.inner_pid,
    }
}

const fn traits(bits: u32) -> ExecutableTraits {
    ExecutableTraits {
        deleted: bits & EXEC_DELETED != 0,
        memfd: bits & EXEC_MEMFD != 0,
        upper_layer: bits & EXEC_UPPER_LAYER != 0,
    }
}

/// The kernel's argument block: strings that each end in NUL.
fn arguments(block: &[u8]) -> Arguments {
    if block.is_empty() {
        return Arguments::default();
    }
    block.strip_suffix(&[0]).unwrap_or(block).split(|byte| *byte == 0).map(text).collect()
}

/// By the type bits of `i_mode` (S_IFMT), and the number of a device. Anonymous inodes have none of them.
const fn descriptor(mode: u16, major: u16) -> DescriptorKind {
    match (mode, mode & 0o170_000) {
        (0, _) => DescriptorKind::None,
        (_, 0o010_000) => DescriptorKind::Pipe,
        (_, 0o020_000) if is_terminal(major) => DescriptorKind::Terminal,
        (_, 0o020_000) => DescriptorKind::Character,
        (_, 0o040_000) => DescriptorKind::Directory,
        (_, 0o060_000) => DescriptorKind::Block,
        (_, 0o100_000) => DescriptorKind::File,
        (_, 0o140_000) => DescriptorKind::Socket,
        _ => DescriptorKind::Other,
    }
}

/// By the numbers that Documentation/admin-guide/devices.txt gives to terminals. What is left out are boards with several
/// serial lines of the nineties, and drivers whose number is chosen when they are loaded.
const fn is_terminal(major: u16) -> bool {
    matches!(
        major,
        // Pseudo-terminals of BSD, the program's side; virtual consoles and serial lines; /dev/tty, /dev/console, /dev/ptmx.
        3..=5
        // Pseudo-terminals of Unix 98, the program's side.
        | 136..=143
        // Serial lines by USB: modems, converters.
        | 166 | 188
        // Serial lines of systems on a chip, and the consoles of hypervisors.
        | 204 | 229
    )
}
