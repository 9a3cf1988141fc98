//! What all checks together need to see: each file, folder and command once, however many checks name it.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsStr,
    path::Path,
    sync::Arc,
};

use rampart_pattern::NamePattern;

use crate::{Content, Policy, Rule, Target};

/// A pattern, by its place in [`Plan::contents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId(usize);

/// Something to look at, by its place in [`Plan::subjects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubjectId(usize);

pub(crate) type Contents = BTreeMap<ContentId, Arc<Content>>;

/// Something to look at, with the patterns themselves, so that it can be done on any thread.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    File { path: Arc<Path>, contents: Contents },
    Folder { path: Arc<str>, existence: bool, entries: Vec<AskedEntries> },
    Command { line: Arc<str>, contents: Contents },
    Processes { contents: Contents },
}

/// What walks through folders takes longest of all commands.
const WALK: &str = "find";

impl Task {
    /// Whether it is likely to take longer than others, by what is known of it before it has run.
    pub(crate) fn is_long(&self) -> bool {
        let is_walk = |line: &str| line.split([' ', '"', '\'', '(']).any(|word| word == WALK);
        matches!(self, Self::Command { line, .. } if is_walk(line))
    }
}

/// Something to look at, and what is asked of it.
#[derive(Debug, Clone)]
enum Subject {
    File { path: Arc<Path>, contents: Vec<ContentId> },
    Folder { path: Arc<str>, existence: bool, entries: Vec<AskedEntries> },
    Command { line: Arc<str>, contents: Vec<ContentId> },
    Processes { contents: Vec<ContentId> },
}

/// The entries of a folder that a rule asks for.
#[derive(Debug, Clone)]
pub(crate) struct AskedEntries {
    pub(crate) names: NamePattern,
    pub(crate) content: Option<ContentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    // As it is written: to `Path`, a file and a file with a slash behind it are the same.
    File(Box<OsStr>),
    Folder(Arc<str>),
    Command(Arc<str>),
    Processes,
}

impl Key {
    fn of_file(path: &Path) -> Self {
        Self::File(path.as_os_str().into())
    }
}

/// Everything that there is to look at.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    subjects: Vec<Subject>,
    ids: HashMap<Key, SubjectId>,
    contents: Vec<Arc<Content>>,
    content_ids: HashMap<Arc<Content>, ContentId>,
}

impl Plan {
    /// Of all rules of all policies.
    pub(crate) fn of(policies: &[Policy]) -> Self {
        let mut plan = Self::default();
        for policy in policies {
            for rule in policy.requirements.iter().flat_map(|requirements| &requirements.rules) {
                plan.add(rule);
            }
            for rule in policy.checks.iter().flat_map(|check| &check.rules) {
                plan.add(rule);
            }
        }
        plan
    }

    fn add(&mut self, rule: &Rule) {
        match &rule.target {
            Target::File { paths, content } => {
                let content = content.as_ref().map(|content| self.content(content));
                for path in paths {
                    self.file(&file_path(path), content);
                }
            }
            Target::Directory { folders, entries } => {
                let entries = entries.as_ref().map(|entries| AskedEntries {
                    names: entries.names.clone(),
                    content: entries.content.as_ref().map(|content| self.content(content)),
                });
                for folder in folders {
                    self.folder(folder, entries.clone());
                }
            }
            // A command without a pattern is not run.
            Target::Command { content: None, .. } => {}
            Target::Command { line, content: Some(content) } => {
                let content = self.content(content);
                let id = self.subject(Key::Command(Arc::clone(line)), || Subject::Command {
                    line: Arc::clone(line),
                    contents: Vec::new(),
                });
                self.ask(id, content);
            }
            Target::Process { content } => {
                let content = self.content(content);
                let id = self.subject(Key::Processes, || Subject::Processes { contents: Vec::new() });
                self.ask(id, content);
            }
        }
    }

    /// Notes that a file is to be looked at, for a pattern or only whether it is there.
    pub(crate) fn file(&mut self, path: &Arc<Path>, content: Option<ContentId>) -> SubjectId {
        let id = self
            .subject(Key::of_file(path), || Subject::File { path: Arc::clone(path), contents: Vec::new() });
        if let Some(content) = content {
            self.ask(id, content);
        }
        id
    }

    fn folder(&mut self, path: &Arc<str>, asked: Option<AskedEntries>) {
        let id = self.subject(Key::Folder(Arc::clone(path)), || Subject::Folder {
            path: Arc::clone(path),
            existence: false,
            entries: Vec::new(),
        });
        let Some(Subject::Folder { existence, entries, .. }) = self.subjects.get_mut(id.0) else { return };
        match asked {
            None => *existence = true,
            Some(asked) => {
                let same = |known: &AskedEntries| {
                    known.content == asked.content && known.names.text() == asked.names.text()
                };
                if !entries.iter().any(same) {
                    entries.push(asked);
                }
            }
        }
    }

    fn ask(&mut self, id: SubjectId, content: ContentId) {
        if let Some(
            Subject::File { contents, .. }
            | Subject::Command { contents, .. }
            | Subject::Processes { contents },
        ) = self.subjects.get_mut(id.0)
            && !contents.contains(&content)
        {
            contents.push(content);
        }
    }

    fn subject(&mut self, key: Key, new: impl FnOnce() -> Subject) -> SubjectId {
        let next = SubjectId(self.subjects.len());
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.subjects.push(new());
        }
        id
    }

    fn content(&mut self, content: &Arc<Content>) -> ContentId {
        let next = ContentId(self.contents.len());
        let id = *self.content_ids.entry(Arc::clone(content)).or_insert(next);
        if id == next {
            self.contents.push(Arc::clone(content));
        }
        id
    }

    /// What a rule needs to see; of a folder's entries only the folder.
    pub(crate) fn needs(&self, rule: &Rule) -> Vec<SubjectId> {
        let id = |key: Key| self.ids.get(&key).copied();
        match &rule.target {
            Target::File { paths, .. } => {
                paths.iter().filter_map(|path| id(Key::of_file(Path::new(&**path)))).collect()
            }
            Target::Directory { folders, .. } => {
                folders.iter().filter_map(|folder| id(Key::Folder(Arc::clone(folder)))).collect()
            }
            Target::Command { line, .. } => id(Key::Command(Arc::clone(line))).into_iter().collect(),
            Target::Process { .. } => id(Key::Processes).into_iter().collect(),
        }
    }

    pub(crate) fn id_of_file(&self, path: &Path) -> Option<SubjectId> {
        self.ids.get(&Key::of_file(path)).copied()
    }

    pub(crate) fn id_of_content(&self, content: &Arc<Content>) -> Option<ContentId> {
        self.content_ids.get(content).copied()
    }

    pub(crate) fn is_folder(&self, id: SubjectId) -> bool {
        matches!(self.subjects.get(id.0), Some(Subject::Folder { .. }))
    }

    /// The command's line, if it is a command.
    pub(crate) fn command(&self, id: SubjectId) -> Option<&Arc<str>> {
        match self.subjects.get(id.0)? {
            Subject::Command { line, .. } => Some(line),
            _ => None,
        }
    }

    /// Whether a pattern is among those that are asked of it; without a pattern, always.
    pub(crate) fn asks(&self, id: SubjectId, content: Option<ContentId>) -> bool {
        match (self.subjects.get(id.0), content) {
            (Some(Subject::File { contents, .. }), Some(content)) => contents.contains(&content),
            (subject, None) => subject.is_some(),
            _ => false,
        }
    }

    /// What is to be done to see it.
    pub(crate) fn task(&self, id: SubjectId) -> Option<Task> {
        Some(match self.subjects.get(id.0)? {
            Subject::File { path, contents } => {
                Task::File { path: Arc::clone(path), contents: self.resolve(contents) }
            }
            Subject::Folder { path, existence, entries } => {
                Task::Folder { path: Arc::clone(path), existence: *existence, entries: entries.clone() }
            }
            Subject::Command { line, contents } => {
                Task::Command { line: Arc::clone(line), contents: self.resolve(contents) }
            }
            Subject::Processes { contents } => Task::Processes { contents: self.resolve(contents) },
        })
    }

    fn resolve(&self, contents: &[ContentId]) -> Contents {
        contents.iter().filter_map(|id| Some((*id, Arc::clone(self.contents.get(id.0)?)))).collect()
    }
}

/// The path as it is opened.
pub(crate) fn file_path(path: &str) -> Arc<Path> {
    Path::new(path).into()
}

impl SubjectId {
    pub(crate) const fn at(index: usize) -> Self {
        Self(index)
    }

    pub(crate) const fn index(self) -> usize {
        self.0
    }
}
