use std::net::IpAddr;

/// A network, such as 10.0.0.0/8 or fd00::/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `address/prefix`. Bits beyond the prefix are cleared. None if it is not of that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| digits && *prefix <= bits)?;
        Self::of(address, prefix)
    }

    /// The network of that length of prefix that an address is in. None for a prefix longer than the address.
    #[must_use]
    pub fn of(address: IpAddr, prefix: u32) -> Option<Self> {
        let host = |bits: u32| bits.checked_sub(prefix);
        let address = match address {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(host(32)?).unwrap_or(0);
                IpAddr::V4((ip.to_bits() & mask).into())
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(host(128)?).unwrap_or(0);
                IpAddr::V6((ip.to_bits() & mask).into())
            }
        };
        Some(Self { address, prefix })
    }

    /// Whether its addresses are IPv4's.
    #[must_use]
    pub const fn is_v4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// The length of its prefix, in bits.
    #[must_use]
    pub const fn prefix(&self) -> u32 {
        self.prefix
    }

    /// Whether an address is in the network.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.is_v4() == ip.is_ipv4() && Self::of(ip, self.prefix) == Some(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/32", "10.1.2.3", "10.1.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "::"),
            ("fd00::/8", "fd12::1", "fe00::1"),
            ("::/0", "ffff::", "0.0.0.0"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?}");
        }
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "x/8", "::/129"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
