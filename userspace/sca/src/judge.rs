//! From what was seen to a result, in the stock agent's order: rule by rule, until the result stands.

use std::{path::Path, sync::Arc};

use crate::{
    Aggregate, CheckOutcome, Condition, Content, Entries, Rule, RuleOutcome, Target,
    evidence::{Evidence, Observed, RuleEvidence, SHOWN_OBSERVATIONS, SHOWN_RULES, expectation, shown},
    observation::{CommandSeen, FileSeen, FolderSeen, Observation, ProcessesSeen},
    plan::{Plan, SubjectId, file_path},
};

/// What has been seen, by what was planned.
pub(crate) struct Sight<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) seen: &'a [Option<Observation>],
}

/// What a rule says, and why.
struct Said {
    outcome: RuleOutcome,
    observed: Vec<Observed>,
}

/// What rules come to.
pub(crate) struct Judgement {
    pub(crate) outcome: CheckOutcome,
    pub(crate) evidence: Evidence,
    /// How many rules were evaluated before the result stood.
    pub(crate) evaluated: usize,
}

/// The result of rules under a condition.
pub(crate) fn judge(condition: Condition, rules: &[Rule], sight: &Sight<'_>) -> Judgement {
    let mut aggregate = Aggregate::new(condition);
    let mut said = Vec::with_capacity(rules.len());
    for rule in rules {
        let Said { outcome, observed } = sight.rule(rule);
        let ended = aggregate.push(&outcome).is_break();
        said.push((rule, outcome, observed));
        if ended {
            break;
        }
    }
    let outcome = aggregate.finish();
    let evaluated = said.len();
    let evidence = deciding(&outcome, said);
    Judgement { outcome, evidence, evaluated }
}

/// Those rules that made the result what it is.
fn deciding(outcome: &CheckOutcome, said: Vec<(&Rule, RuleOutcome, Vec<Observed>)>) -> Evidence {
    let ends_early = |outcome: &RuleOutcome| matches!(outcome, RuleOutcome::Invalid(_));
    let wanted: Vec<_> = match outcome {
        CheckOutcome::NotApplicable(_) => said.into_iter().filter(|(_, said, _)| ends_early(said)).collect(),
        CheckOutcome::Passed | CheckOutcome::Failed => {
            let decided = said.into_iter().filter(|(_, said, _)| !ends_early(said)).collect::<Vec<_>>();
            // One rule against all others is the one that ended it.
            let differs = decided.windows(2).any(|pair| match pair {
                [(_, a, _), (_, b, _)] => a != b,
                _ => false,
            });
            if differs { decided.into_iter().next_back().into_iter().collect() } else { decided }
        }
    };
    let more_rules = wanted.len().saturating_sub(SHOWN_RULES);
    let rules = wanted.into_iter().take(SHOWN_RULES).map(|(rule, outcome, observed)| {
        let more_observed = observed.len().saturating_sub(SHOWN_OBSERVATIONS);
        let holds = match outcome {
            RuleOutcome::Found => Some(true),
            RuleOutcome::NotFound => Some(false),
            RuleOutcome::Invalid(_) => None,
        };
        RuleEvidence {
            rule: Arc::clone(&rule.text),
            holds,
            expected: expectation(rule),
            observed: observed.into_iter().take(SHOWN_OBSERVATIONS).collect(),
            more_observed,
        }
    });
    Evidence { rules: rules.collect(), more_rules }
}

impl Sight<'_> {
    fn rule(&self, rule: &Rule) -> Said {
        let mut said = match &rule.target {
            Target::File { paths, content } => {
                self.files(paths.iter().map(|path| file_path(path)), content.as_ref())
            }
            Target::Directory { folders, entries } => self.folders(rule, folders, entries.is_some()),
            Target::Command { content: None, .. } => {
                Said { outcome: RuleOutcome::Found, observed: Vec::new() }
            }
            Target::Command { content: Some(content), .. } => self.command(rule, content),
            Target::Process { content } => self.processes(rule, content),
        };
        said.outcome = rule.outcome(said.outcome);
        said
    }

    /// The first file that has it decides; else one that cannot be judged; else none has it.
    fn files(&self, paths: impl IntoIterator<Item = Arc<Path>>, content: Option<&Arc<Content>>) -> Said {
        let mut all = Said { outcome: RuleOutcome::NotFound, observed: Vec::new() };
        for path in paths {
            let one = self.file(&path, content);
            all.observed.extend(one.observed);
            if all.add(one.outcome) {
                break;
            }
        }
        all
    }

    fn file(&self, path: &Path, content: Option<&Arc<Content>>) -> Said {
        let Some(Observation::File(seen)) = self.plan.id_of_file(path).and_then(|id| self.seen(id)) else {
            return Said::unseen();
        };
        let (outcome, line) = match content {
            None => (seen.existence.clone(), None),
            Some(content) => {
                let found = self.plan.id_of_content(content).and_then(|id| seen.matches.get(&id));
                let Some(found) = found else { return Said::unseen() };
                (found.outcome.clone(), found.line.as_ref())
            }
        };
        Said { observed: vec![observed_file(path, seen, line.map(shown), &outcome)], outcome }
    }

    fn folders(&self, rule: &Rule, folders: &[Arc<str>], entries: bool) -> Said {
        let mut all = Said { outcome: RuleOutcome::NotFound, observed: Vec::new() };
        for (folder, id) in folders.iter().zip(self.plan.needs(rule)) {
            let Some(Observation::Folder(seen)) = self.seen(id) else { return Said::unseen() };
            let one = if entries { self.entries(rule, folder, seen) } else { existence(folder, seen) };
            all.observed.extend(one.observed);
            if all.add(one.outcome) {
                break;
            }
        }
        all
    }

    fn entries(&self, rule: &Rule, folder: &Arc<str>, seen: &FolderSeen) -> Said {
        let Target::Directory { entries: Some(Entries { names, content }), .. } = &rule.target else {
            return Said::unseen();
        };
        let id = content.as_ref().and_then(|content| self.plan.id_of_content(content));
        let found = seen.found(names.text(), id);
        let observed = Observed::Folder {
            path: Arc::clone(folder),
            entries: found.len(),
            problem: seen.fault.clone(),
            at: seen.at,
        };
        let mut all = Said { outcome: RuleOutcome::NotFound, observed: vec![observed] };
        for entry in found {
            let one = self.files(entry_paths(entry), content.as_ref());
            // Of entries that say nothing there may be thousands.
            if one.outcome != RuleOutcome::NotFound || all.observed.len() <= SHOWN_OBSERVATIONS {
                all.observed.extend(one.observed);
            }
            if all.add(one.outcome) {
                return all;
            }
        }
        if let Some(fault) = &seen.fault {
            all.add(RuleOutcome::Invalid(Arc::clone(fault)));
        }
        all
    }

    fn command(&self, rule: &Rule, content: &Arc<Content>) -> Said {
        let seen = self.plan.needs(rule).first().and_then(|id| self.seen(*id));
        let Some((Observation::Command(seen), Target::Command { line, .. })) = seen.zip(Some(&rule.target))
        else {
            return Said::unseen();
        };
        let Some(found) = self.plan.id_of_content(content).and_then(|id| seen.matches.get(&id)) else {
            return Said::unseen();
        };
        let shown_line = found.line.as_ref().or(seen.first_line.as_ref()).map(shown);
        let observed = observed_command(line, seen, shown_line, &found.outcome);
        Said { outcome: found.outcome.clone(), observed: vec![observed] }
    }

    fn processes(&self, rule: &Rule, content: &Arc<Content>) -> Said {
        let seen = self.plan.needs(rule).first().and_then(|id| self.seen(*id));
        let Some(Observation::Processes(seen)) = seen else { return Said::unseen() };
        let first = self.plan.id_of_content(content).and_then(|id| seen.matches.get(&id)?.as_ref());
        let outcome = match (&seen.fault, first) {
            (Some(fault), _) => RuleOutcome::Invalid(Arc::clone(fault)),
            (None, Some(_)) => RuleOutcome::Found,
            (None, None) => RuleOutcome::NotFound,
        };
        Said { outcome, observed: vec![observed_processes(seen, first)] }
    }

    fn seen(&self, id: SubjectId) -> Option<&Observation> {
        self.seen.get(id.index())?.as_ref()
    }
}

/// What is found in a folder goes the way of a rule about files, whose paths stand between commas (Wazuh 4): so a name
/// with a comma is looked for in pieces.
pub(crate) fn entry_paths(entry: &Arc<Path>) -> Vec<Arc<Path>> {
    match entry.to_str() {
        Some(text) if text.contains(',') => {
            text.split(',').filter(|piece| !piece.is_empty()).map(file_path).collect()
        }
        _ => vec![Arc::clone(entry)],
    }
}

impl Said {
    /// Nobody has looked, which the plan keeps from happening.
    fn unseen() -> Self {
        Self { outcome: RuleOutcome::Invalid("Not looked at".into()), observed: Vec::new() }
    }

    /// Takes what is said of one more thing. True when that ends it.
    fn add(&mut self, outcome: RuleOutcome) -> bool {
        match outcome {
            RuleOutcome::Found => self.outcome = RuleOutcome::Found,
            // The first reason is the one that is told.
            RuleOutcome::Invalid(_) if self.outcome == RuleOutcome::NotFound => self.outcome = outcome,
            RuleOutcome::Invalid(_) | RuleOutcome::NotFound => {}
        }
        self.outcome == RuleOutcome::Found
    }
}

fn existence(folder: &Arc<str>, seen: &FolderSeen) -> Said {
    let problem = reason(&seen.existence);
    let observed = Observed::Folder { path: Arc::clone(folder), entries: 0, problem, at: seen.at };
    Said { outcome: seen.existence.clone(), observed: vec![observed] }
}

fn reason(outcome: &RuleOutcome) -> Option<Arc<str>> {
    match outcome {
        RuleOutcome::Invalid(reason) => Some(Arc::clone(reason)),
        RuleOutcome::Found | RuleOutcome::NotFound => None,
    }
}

fn observed_file(
    path: &Path,
    seen: &FileSeen,
    line: Option<crate::evidence::Line>,
    outcome: &RuleOutcome,
) -> Observed {
    Observed::File {
        path: path.display().to_string(),
        mode: seen.facts.as_ref().map(|facts| format!("{:04o}", facts.mode & 0o7777)),
        owner: seen.facts.as_ref().map(|facts| (facts.uid, facts.gid)),
        line,
        problem: reason(outcome),
        at: seen.at,
    }
}

fn observed_command(
    line: &Arc<str>,
    seen: &CommandSeen,
    shown: Option<crate::evidence::Line>,
    outcome: &RuleOutcome,
) -> Observed {
    Observed::Command {
        command: Arc::clone(line),
        exit_code: seen.exit_code,
        line: shown,
        problem: reason(outcome),
        took_ms: seen.took_ms(),
        at: seen.at,
    }
}

fn observed_processes(seen: &ProcessesSeen, first: Option<&(u32, Vec<u8>)>) -> Observed {
    Observed::Processes {
        count: seen.count,
        pid: first.map(|(pid, _)| *pid),
        name: first.map(|(_, name)| String::from_utf8_lossy(name).into_owned()),
        problem: seen.fault.clone(),
        at: seen.at,
    }
}
