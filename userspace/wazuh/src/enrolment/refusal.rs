/// Why a manager gives an agent no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The manager's password for enrolment is another one, or none was given.
    InvalidPassword,
    /// The manager cannot read the request.
    InvalidRequest,
    /// The manager allows no such name. Its own is among those.
    InvalidName,
    /// The agent says that it is newer than the manager.
    VersionTooHigh,
    /// A group is not known to the manager.
    InvalidGroup,
    /// The manager allows no such address.
    InvalidAddress,
    /// Another agent has the address.
    DuplicateAddress,
    /// An agent of that name is registered, and the manager does not replace it.
    DuplicateName,
    /// The manager has failed.
    Internal,
    /// Something else.
    Other,
}

/// How managers begin the reasons for their refusals, in small letters.
const REASONS: [(&str, Refusal); 10] = [
    ("invalid password", Refusal::InvalidPassword),
    ("invalid request", Refusal::InvalidRequest),
    ("unterminated", Refusal::InvalidRequest),
    ("invalid agent name", Refusal::InvalidName),
    ("agent version must be lower", Refusal::VersionTooHigh),
    ("invalid group", Refusal::InvalidGroup),
    ("invalid ip", Refusal::InvalidAddress),
    ("duplicate ip", Refusal::DuplicateAddress),
    ("duplicate agent name", Refusal::DuplicateName),
    ("internal manager error", Refusal::Internal),
];

impl Refusal {
    /// What a manager means by its words.
    pub(super) fn of(message: &str) -> Self {
        let message = message.trim_start().to_ascii_lowercase();
        let found = REASONS.iter().find(|(beginning, _)| message.starts_with(beginning));
        found.map_or(Self::Other, |(_, refusal)| *refusal)
    }

    /// A short name: one out of a fixed set, for a metric's label.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::InvalidPassword => "invalid_password",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidName => "invalid_name",
            Self::VersionTooHigh => "version_too_high",
            Self::InvalidGroup => "invalid_group",
            Self::InvalidAddress => "invalid_address",
            Self::DuplicateAddress => "duplicate_address",
            Self::DuplicateName => "duplicate_name",
            Self::Internal => "internal",
            Self::Other => "other",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::InvalidPassword => {
                "give the password that stands in the manager's etc/authd.pass, or, where there is none, in its log"
            }
            Self::InvalidRequest => {
                "the manager may have no password for enrolment while we send one: configure none, or look into the manager's log"
            }
            Self::InvalidName => "choose another name for this agent, and not the manager's own",
            Self::VersionTooHigh => {
                "set a lower version for this agent, or let the manager take higher ones (allow_higher_versions)"
            }
            Self::InvalidGroup => {
                "create the group at the manager (agent_groups -a -g NAME), or configure another one"
            }
            Self::InvalidAddress => "configure `src`, the address that the manager sees us at, or no address",
            Self::DuplicateAddress => {
                "remove the agent that has this address from the manager, or configure no address for this one"
            }
            Self::DuplicateName => {
                "an agent of this name is registered: restore its key file, or remove it from the manager, or wait; as installed \
                 a manager replaces one that was registered and has been disconnected for an hour"
            }
            Self::Internal | Self::Other => "look into the manager's log (logs/ossec.log)",
        }
    }

    /// Whether the same request would soon be refused again: somebody has to change something first, or much time to pass.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        !matches!(self, Self::Internal | Self::Other)
    }
}
