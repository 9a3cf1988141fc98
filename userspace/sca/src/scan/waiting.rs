use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use crate::plan::SubjectId;

/// Which groups of rules wait for what. The time that it takes to note what has been seen grows with the groups that waited for
/// it, and not with all there are.
pub(super) struct Waiting {
    groups: Vec<Group>,
    /// Who waits for it.
    dependents: BTreeMap<SubjectId, Vec<usize>>,
}

#[derive(Default)]
struct Group {
    /// What it has not seen yet.
    needs: BTreeSet<SubjectId>,
    /// It has rules about a folder's entries, and what else it needs is not known before all folders are seen.
    folders: bool,
    told: bool,
}

impl Waiting {
    pub(super) fn new(groups: usize) -> Self {
        let mut new = Vec::new();
        new.resize_with(groups, Group::default);
        Self { groups: new, dependents: BTreeMap::new() }
    }

    /// A group needs to see something.
    pub(super) fn need(&mut self, group: usize, id: SubjectId) {
        let Some(of) = self.groups.get_mut(group) else { return };
        if of.needs.insert(id) {
            self.dependents.entry(id).or_default().push(group);
        }
    }

    /// A group waits for all folders.
    pub(super) fn need_folders(&mut self, group: usize) {
        if let Some(of) = self.groups.get_mut(group) {
            of.folders = true;
        }
    }

    /// All folders are seen; the groups that have waited for that.
    pub(super) fn folders_seen(&mut self) -> Vec<usize> {
        let waited = self.groups.iter_mut().enumerate();
        waited.filter_map(|(group, of)| mem::take(&mut of.folders).then_some(group)).collect()
    }

    /// Everything that anybody waits for.
    pub(super) fn wanted(&self) -> BTreeSet<SubjectId> {
        self.dependents.keys().copied().collect()
    }

    /// Something has been seen; the groups that are ready by that.
    pub(super) fn seen(&mut self, id: SubjectId) -> Vec<usize> {
        let dependents = self.dependents.remove(&id).unwrap_or_default();
        dependents
            .into_iter()
            .filter(|group| {
                self.groups.get_mut(*group).is_some_and(|of| {
                    of.needs.remove(&id);
                    of.becomes_ready()
                })
            })
            .collect()
    }

    /// The groups that are ready and have not been told of.
    pub(super) fn ready(&mut self) -> Vec<usize> {
        let ready =
            self.groups.iter_mut().enumerate().filter_map(|(group, of)| of.becomes_ready().then_some(group));
        ready.collect()
    }

    /// The groups that never became ready.
    pub(super) fn untold(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().enumerate().filter(|(_, of)| !of.told).map(|(group, _)| group)
    }
}

impl Group {
    fn becomes_ready(&mut self) -> bool {
        let ready = !self.told && !self.folders && self.needs.is_empty();
        self.told |= ready;
        ready
    }
}
