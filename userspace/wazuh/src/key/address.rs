use std::{
    fmt::{self, Display},
    net::{IpAddr, Ipv4Addr},
};

/// Where a manager lets an agent connect from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAddress {
    /// From everywhere.
    Any,
    /// From one address.
    Fixed(IpAddr),
    /// From a network, as the manager has written it: `10.0.0.0/8`, `10.0.0.0/255.0.0.0`.
    Network(Box<str>),
}

impl KeyAddress {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "any" {
            return Some(Self::Any);
        }
        let Some((address, mask)) = text.split_once('/') else {
            return text.parse().ok().map(Self::Fixed);
        };
        let bits = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
        let is_bits = mask.parse::<u8>().is_ok_and(|mask| mask <= bits);
        let is_mask = bits == 32 && mask.parse::<Ipv4Addr>().is_ok();
        (is_bits || is_mask).then(|| Self::Network(text.into()))
    }

    /// A manager cannot tell an agent by this alone, so that each message says whose it is.
    pub(crate) const fn is_ambiguous(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }
}

impl Display for KeyAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Fixed(address) => address.fmt(formatter),
            Self::Network(text) => formatter.write_str(text),
        }
    }
}
