use std::net::IpAddr;

use rampart_model::Value;
use rampart_policy::Network;
use rustc_hash::FxHashMap;

use super::Candidates;

/// Values of a field that is no text.
#[derive(Debug, Default)]
pub(super) struct Values {
    numbers: FxHashMap<i64, Vec<u32>>,
    addresses: FxHashMap<IpAddr, Vec<u32>>,
    networks: Vec<Networks>,
    truth: [Vec<u32>; 2],
    present: Vec<u32>,
}

/// Networks of one length of prefix.
#[derive(Debug)]
struct Networks {
    prefix: u32,
    is_v4: bool,
    rules: FxHashMap<Network, Vec<u32>>,
}

impl Values {
    pub(super) fn add_number(&mut self, number: i64, rule: u32) {
        self.numbers.entry(number).or_default().push(rule);
    }

    pub(super) fn add_address(&mut self, address: IpAddr, rule: u32) {
        self.addresses.entry(address).or_default().push(rule);
    }

    pub(super) fn add_network(&mut self, network: Network, rule: u32) {
        let (is_v4, prefix) = (network.is_v4(), network.prefix());
        let known = self.networks.iter_mut().find(|known| known.prefix == prefix && known.is_v4 == is_v4);
        if let Some(known) = known {
            known.rules.entry(network).or_default().push(rule);
            return;
        }
        let rules = std::iter::once((network, vec![rule])).collect();
        self.networks.push(Networks { prefix, is_v4, rules });
    }

    pub(super) fn add_truth(&mut self, value: bool, rule: u32) {
        let [no, yes] = &mut self.truth;
        if value { yes } else { no }.push(rule);
    }

    pub(super) fn add_present(&mut self, rule: u32) {
        self.present.push(rule);
    }

    pub(super) fn find(&self, value: &Value<'_>, found: &mut Candidates) {
        found.extend(&self.present);
        let rules = match value {
            Value::Number(number) => self.numbers.get(number),
            Value::Bool(value) => self.truth.get(usize::from(*value)),
            Value::Ip(ip) => {
                for networks in self.networks.iter().filter(|networks| networks.is_v4 == ip.is_ipv4()) {
                    let network = Network::of(*ip, networks.prefix);
                    found.extend(
                        network.and_then(|network| networks.rules.get(&network)).map_or(&[], Vec::as_slice),
                    );
                }
                self.addresses.get(ip)
            }
            _ => None,
        };
        found.extend(rules.map_or(&[], Vec::as_slice));
    }
}
