use std::{collections::HashMap, iter, sync::Arc};

use rampart_model::{
    Access, Action, Call, Completeness, Container, Event, Finding, Operation, Process, Signal, Subject,
    Target,
};

/// The container that a finding is about, where it is in a pod.
pub(super) fn container_in_pod(finding: &Finding) -> Option<&Arc<Container>> {
    let Subject::Runtime { event, .. } = &finding.subject else { return None };
    event.process.container.as_ref().filter(|container| container.is_in_pod())
}

/// The same finding, saying how much of its pod it knows.
pub(super) fn marked(mut finding: Finding, how: Completeness) -> Finding {
    if let Subject::Runtime { context, .. } = &mut finding.subject {
        context.completeness = how;
    }
    finding
}

/// Containers as they are known by now, and the processes that were put into them.
///
/// Findings share their ancestors, and those that were copied with the same one of these still do: a pod that starts itself
/// again and again would make the agent copy the whole chain for each of its findings.
#[derive(Default)]
pub(super) struct Copies {
    by_container: HashMap<Arc<Container>, Chains>,
}

impl Copies {
    /// The same finding with all processes of that container in the container as it is known by now.
    pub(super) fn with_container(&mut self, mut finding: Finding, container: Container) -> Finding {
        let Subject::Runtime { event, .. } = &mut finding.subject else { return finding };
        let container = match self.by_container.get_key_value(&container) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::new(container),
        };
        let chains = self.by_container.entry(Arc::clone(&container)).or_default();
        let mut copy = Event::clone(event);
        copy.process = chains.placed(&copy.process, &container);
        if let Action::Call(Call { operation, .. }) = &mut copy.action
            && let Operation::Access(Access { target: Target::Process(target), .. })
            | Operation::Signal(Signal { target: Target::Process(target), .. }) = operation
        {
            *target = chains.placed(target, &container);
        }
        *event = Arc::new(copy);
        finding
    }
}

/// The copies of one container's processes, by the addresses of what they were copied from. That is kept along with each: its
/// address is nobody else's for so long.
#[derive(Default)]
struct Chains {
    copies: HashMap<usize, (Arc<Process>, Arc<Process>)>,
}

impl Chains {
    /// A process and its ancestors, of which those in the container get it.
    fn placed(&mut self, process: &Arc<Process>, container: &Arc<Container>) -> Arc<Process> {
        let chain: Vec<_> = iter::successors(Some(process), |process| process.parent.as_ref()).collect();
        let placed = chain.into_iter().rev().fold(None, |parent, process| {
            let is_inside = process.container.as_ref().is_some_and(|own| own.id == container.id);
            // Above the last one inside nothing changes.
            let is_same = parent.as_ref().map(Arc::as_ptr) == process.parent.as_ref().map(Arc::as_ptr);
            if is_same && !is_inside {
                return Some(Arc::clone(process));
            }
            let (_, copy) = self.copies.entry(Arc::as_ptr(process).addr()).or_insert_with(|| {
                let container = if is_inside { Some(container) } else { process.container.as_ref() };
                let container = container.cloned();
                let copy = Process { parent, container, ..Process::clone(process) };
                (Arc::clone(process), Arc::new(copy))
            });
            Some(Arc::clone(copy))
        });
        placed.unwrap_or_else(|| Arc::clone(process))
    }
}

/// What the processes in a finding would take if it shared them with no other: command lines, up to 32 KiB each, and paths.
pub(super) fn bytes(finding: &Finding) -> usize {
    let Subject::Runtime { event, .. } = &finding.subject else { return 0 };
    let target = match event.operation() {
        Some(
            Operation::Access(Access { target: Target::Process(target), .. })
            | Operation::Signal(Signal { target: Target::Process(target), .. }),
        ) => Some(&**target),
        _ => None,
    };
    let ends = iter::once(&*event.process).chain(target);
    ends.flat_map(|process| iter::once(process).chain(process.ancestors())).map(size).sum()
}

fn size(process: &Process) -> usize {
    let line = process.args.command_line();
    // Where each argument ends is kept too: one of a single letter takes more for that than for itself.
    let most_args = line.bytes().filter(|byte| *byte == b' ').count() + 1;
    let script = process.script.as_ref().map_or(0, |script| script.len());
    size_of::<Process>()
        + line.len()
        + most_args * size_of::<u32>()
        + process.executable.len()
        + process.working_directory.len()
        + script
}
