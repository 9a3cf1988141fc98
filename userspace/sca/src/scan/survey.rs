use std::{collections::BTreeSet, sync::Arc};

use rampart_model::Timestamp;

use super::{pool::Pool, waiting::Waiting};
use crate::{
    CommandTime, Rule, Target,
    host::Host,
    judge::{Sight, entry_paths},
    observation::Observation,
    observe::observe,
    plan::{ContentId, Plan, SubjectId, Task},
};

/// What there is to see of a host, and what has been seen of it.
pub(super) struct Survey<'h> {
    host: &'h Host,
    plan: Plan,
    seen: Vec<Option<Observation>>,
    clock: fn() -> Timestamp,
}

impl<'h> Survey<'h> {
    pub(super) fn new(host: &'h Host, plan: Plan, clock: fn() -> Timestamp) -> Self {
        Self { host, plan, seen: Vec::new(), clock }
    }

    /// Looks at everything that groups of rules need and that has not been seen yet, and tells of each group when all
    /// of it has.
    pub(super) fn look(&mut self, groups: &[&[Rule]], ready: &mut dyn FnMut(usize, &Sight<'_>)) {
        let mut waiting = self.waiting(groups);
        let (host, clock) = (self.host, self.clock);
        let work = move |task: &Task| observe(host, task, clock);
        Pool::run(host, &work, |pool| {
            let mut under_way =
                self.start(pool, &waiting.wanted(), |task| !matches!(task, Task::File { .. }));
            let mut files_started = false;
            let mut now_ready = waiting.ready();
            loop {
                if !files_started && !under_way.iter().any(|id| self.plan.is_folder(*id)) {
                    files_started = true;
                    self.expand(groups, &mut waiting);
                    let files = self.start(pool, &waiting.wanted(), |task| matches!(task, Task::File { .. }));
                    under_way.extend(files);
                    now_ready.extend(waiting.ready());
                }
                for group in now_ready.drain(..) {
                    ready(group, &Sight { plan: &self.plan, seen: &self.seen });
                }
                if under_way.is_empty() {
                    break;
                }
                let Some((id, observation)) = pool.next() else { break };
                under_way.remove(&id);
                self.keep(id, observation);
                now_ready = waiting.seen(id);
            }
            // What nobody could look at is judged as such.
            for group in waiting.untold() {
                ready(group, &Sight { plan: &self.plan, seen: &self.seen });
            }
        });
    }

    /// Of the commands that were run, the one that took longest.
    pub(super) fn longest_command(&self) -> Option<CommandTime> {
        let commands = self.seen.iter().enumerate().filter_map(|(index, seen)| match seen {
            Some(Observation::Command(seen)) => Some((seen, self.plan.command(SubjectId::at(index))?)),
            _ => None,
        });
        let (seen, command) = commands.max_by_key(|(seen, _)| seen.took)?;
        Some(CommandTime { command: Arc::clone(command), took_ms: seen.took_ms() })
    }

    fn waiting(&self, groups: &[&[Rule]]) -> Waiting {
        let has_entries = |rule: &Rule| matches!(rule.target, Target::Directory { entries: Some(_), .. });
        let mut waiting = Waiting::new(groups.len());
        for (group, rules) in groups.iter().enumerate() {
            for id in rules.iter().flat_map(|rule| self.plan.needs(rule)).filter(|id| !self.has_seen(*id)) {
                waiting.need(group, id);
            }
            if rules.iter().any(has_entries) {
                waiting.need_folders(group);
            }
        }
        waiting
    }

    fn has_seen(&self, id: SubjectId) -> bool {
        self.seen.get(id.index()).is_some_and(Option::is_some)
    }

    fn keep(&mut self, id: SubjectId, observation: Option<Observation>) {
        if self.seen.len() <= id.index() {
            self.seen.resize_with(id.index() + 1, || None);
        }
        if let Some(place) = self.seen.get_mut(id.index()) {
            *place = observation;
        }
    }

    fn start(
        &self,
        pool: &Pool<'_>,
        wanted: &BTreeSet<SubjectId>,
        which: impl Fn(&Task) -> bool,
    ) -> BTreeSet<SubjectId> {
        let tasks = wanted.iter().filter_map(|id| Some((*id, self.plan.task(*id)?)));
        let mut tasks: Vec<_> = tasks.filter(|(_, task)| which(task)).collect();
        // The others are done beside them, and not the other way round.
        tasks.sort_by_key(|(_, task)| !task.is_long());
        tasks
            .into_iter()
            .map(|(id, task)| {
                pool.start(id, task);
                id
            })
            .collect()
    }

    /// All folders are seen: now it is known which files the rules about their entries ask for.
    fn expand(&mut self, groups: &[&[Rule]], waiting: &mut Waiting) {
        for group in waiting.folders_seen() {
            for rule in groups.get(group).copied().unwrap_or_default() {
                for (path, content) in self.entries(rule) {
                    let known = self.plan.id_of_file(&path);
                    let had = known.is_some_and(|id| self.plan.asks(id, content));
                    let id = self.plan.file(&path, content);
                    if !(had && self.has_seen(id)) {
                        waiting.need(group, id);
                    }
                }
            }
        }
    }

    /// The files that a rule about a folder's entries is about.
    fn entries(&self, rule: &Rule) -> Vec<(Arc<std::path::Path>, Option<ContentId>)> {
        let Target::Directory { entries: Some(entries), .. } = &rule.target else { return Vec::new() };
        let content = entries.content.as_ref().and_then(|content| self.plan.id_of_content(content));
        let folders = self.plan.needs(rule).into_iter().filter_map(|id| match self.seen.get(id.index())? {
            Some(Observation::Folder(seen)) => Some(seen),
            _ => None,
        });
        let found = folders.flat_map(|seen| seen.found(entries.names.text(), content));
        found.flat_map(entry_paths).map(|path| (path, content)).collect()
    }
}
