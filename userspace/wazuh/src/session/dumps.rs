use std::collections::VecDeque;

use tokio::time::Instant;

use crate::{Answers, client::Step};

/// Most policies whose results are asked for and not yet sent.
const POLICIES: usize = 64;

/// The results of SCA policies that the manager has asked for: one policy after the other, each with the pauses that the manager
/// needs.
#[derive(Debug, Default)]
pub(super) struct Dumps {
    asked: VecDeque<(String, bool)>,
    steps: VecDeque<Step>,
    resume: Option<Instant>,
}

impl Dumps {
    /// The manager asks for a policy. Tells whether there was room; one that waits already is asked for once.
    pub(super) fn ask(&mut self, policy: &str, first: bool) -> bool {
        if let Some((_, before)) = self.asked.iter_mut().find(|(asked, _)| asked == policy) {
            *before |= first;
            return true;
        }
        let has_room = self.asked.len() < POLICIES;
        if has_room {
            self.asked.push_back((policy.to_owned(), first));
        }
        has_room
    }

    /// What is to be sent now, if anything.
    pub(super) fn next(&mut self, now: Instant, answers: &mut impl Answers) -> Option<Vec<u8>> {
        if self.resume.is_some_and(|resume| now < resume) {
            return None;
        }
        self.resume = None;
        loop {
            match self.steps.pop_front() {
                Some(Step::Event(event)) => return Some(event),
                Some(Step::Pause(pause)) => {
                    self.resume = now.checked_add(pause);
                    return None;
                }
                None => {
                    let (policy, first) = self.asked.pop_front()?;
                    self.steps = answers.sca_dump(&policy, first).into();
                }
            }
        }
    }

    /// When to ask again after a pause.
    pub(super) const fn resume(&self) -> Option<Instant> {
        self.resume
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Duration;

    use super::*;

    struct Policies;

    impl Answers for Policies {
        fn sca_dump(&mut self, policy: &str, first: bool) -> Vec<Step> {
            let event = |text: &str| Step::Event(format!("{policy} {text}").into_bytes());
            let mut steps = vec![event("check"), Step::Pause(Duration::from_secs(5)), event("end")];
            if first {
                steps.push(event("summary"));
            }
            if policy == "unknown" { Vec::new() } else { steps }
        }

        fn state(&mut self) -> Vec<Vec<u8>> {
            Vec::new()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn policies_are_sent_one_after_the_other_with_their_pauses() {
        let mut dumps = Dumps::default();
        for (policy, first) in [("a", false), ("unknown", true), ("b", false), ("b", true)] {
            assert!(dumps.ask(policy, first));
        }
        let (mut sent, start) = (Vec::new(), Instant::now());
        for _ in 0..20 {
            while let Some(event) = dumps.next(Instant::now(), &mut Policies) {
                sent.push(format!("{} {}", start.elapsed().as_secs(), String::from_utf8(event).unwrap()));
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(sent, ["0 a check", "5 a end", "5 b check", "10 b end", "10 b summary"]);
    }

    #[test]
    fn a_manager_cannot_ask_without_end() {
        let mut dumps = Dumps::default();
        let taken = (0..1000).filter(|number| dumps.ask(&number.to_string(), false)).count();
        assert_eq!(taken, POLICIES);
        assert!(dumps.ask("0", true));
    }
}
