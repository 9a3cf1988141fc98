use std::{iter, sync::Arc};

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

/// The same finding with all processes of that container in the container as it is known by now.
pub(super) fn with_container(mut finding: Finding, container: &Arc<Container>) -> Finding {
    if let Subject::Runtime { event, .. } = &mut finding.subject {
        let mut copy = Event::clone(event);
        copy.process = placed(&copy.process, container);
        if let Action::Call(Call {
            operation:
                Operation::Access(Access { target: Target::Process(target), .. })
                | Operation::Signal(Signal { target: Target::Process(target), .. }),
            ..
        }) = &mut copy.action
        {
            *target = placed(target, container);
        }
        *event = Arc::new(copy);
    }
    finding
}

/// A process and its ancestors, of which those in the container get it.
fn placed(process: &Arc<Process>, container: &Arc<Container>) -> Arc<Process> {
    let is_inside = |process: &Process| process.container.as_ref().is_some_and(|own| own.id == container.id);
    let chain: Vec<_> = iter::successors(Some(process), |process| process.parent.as_ref()).collect();
    // Above the last of them nothing changes.
    let count = chain.iter().rposition(|process| is_inside(process)).map_or(0, |last| last + 1);
    let above = chain.get(count).map(|process| Arc::clone(process));
    let inside = chain.iter().take(count).rev().fold(above, |parent, process| {
        let container = if is_inside(process) { Some(container) } else { process.container.as_ref() };
        Some(Arc::new(Process { parent, container: container.cloned(), ..Process::clone(process) }))
    });
    if count == 0 { Arc::clone(process) } else { inside.unwrap_or_else(|| Arc::clone(process)) }
}
