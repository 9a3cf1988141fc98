use rampart_model::{Finding, Severity, Timestamp};

/// A finding in the form in which a sink delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When what it reports happened, by which is measured how late it arrives; the epoch where that has been told before.
    pub time: Timestamp,
    /// How bad that is.
    pub severity: Severity,
    /// As the sink's [`Encode`] made it.
    pub body: Box<[u8]>,
}

/// Brings findings into a sink's form. That is done once, before a message is kept, so that an upgrade delivers what the
/// version before has kept.
pub trait Encode: Send {
    /// The form of a finding; none where this sink has no use for it.
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>>;

    /// Whether the sink has to have a finding, however mild it is: one by which the other side keeps up with how things are.
    fn is_needed(&self, finding: &Finding) -> bool {
        let _ = finding;
        false
    }

    /// The message of a finding.
    fn message(&self, finding: &Finding) -> Option<Message> {
        let body = self.encode(finding)?;
        let time = if finding.is_told_again() { Timestamp::EPOCH } else { finding.time };
        Some(Message { time, severity: finding.severity(), body })
    }
}

#[cfg(test)]
mod tests {
    use rampart_model::Completeness;
    use rampart_testkit::sample;

    use super::*;

    struct Nothing;

    impl Encode for Nothing {
        fn encode(&self, _: &Finding) -> Option<Box<[u8]>> {
            Some(Box::default())
        }
    }

    #[test]
    fn how_late_a_message_is_does_not_count_what_was_told_before() {
        for (completeness, has_time) in [(Completeness::Incomplete, true), (Completeness::Completed, false)] {
            let finding = sample::finding_known(completeness);
            let expected = if has_time { finding.time } else { Timestamp::EPOCH };
            assert_eq!(Nothing.message(&finding).unwrap().time, expected, "{completeness:?}");
        }
    }
}
