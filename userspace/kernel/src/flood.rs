use std::{collections::HashMap, path::Path};

use aya::maps::{HashMap as BpfMap, MapData, MapError};
use rampart_abi::Kind;
use rampart_model::{EventKind, ProcessKey};

use crate::counters::event_kind;

/// Words of [`rampart_abi::FloodKey`]: beginning of the process; its id and a kind's number.
type Key = [u64; 2];
/// Words of [`rampart_abi::Flood`].
type Value = [u64; 3];

/// From so many entries on, those of processes that have ended make room for others.
const CROWDED: usize = rampart_abi::FLOODS as usize / 2;

/// Events of one process that found the ring buffer too full to be told one by one: only how many there were is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// Who made them.
    pub process: ProcessKey,
    /// Their kind.
    pub kind: EventKind,
    /// How many since the last report.
    pub count: u64,
}

/// The programs' sums, as they were at the last report.
pub(crate) struct Floods {
    map: BpfMap<MapData, Key, Value>,
    reported: HashMap<Key, u64>,
}

impl Floods {
    pub(crate) fn new(map: BpfMap<MapData, Key, Value>) -> Self {
        Self { map, reported: HashMap::new() }
    }

    /// What has been summarised since the last call.
    pub(crate) fn take(&mut self) -> Result<Vec<Flood>, MapError> {
        let mut floods = Vec::new();
        let mut entries = Vec::new();
        for entry in &self.map {
            let (key, [_, _, total]) = entry?;
            entries.push(key);
            let before = self.reported.insert(key, total).unwrap_or(0);
            let count = total.saturating_sub(before);
            floods.extend((count > 0).then(|| flood(key, count)).flatten());
        }
        if entries.len() > CROWDED {
            self.forget_ended(&entries);
        }
        Ok(floods)
    }

    /// Entries are only taken out when nobody can add to them any more: no record is left out of the sums.
    fn forget_ended(&mut self, entries: &[Key]) {
        for key in entries {
            let (pid, _) = halves(*key);
            if !Path::new("/proc").join(pid.to_string()).exists() && self.map.remove(key).is_ok() {
                self.reported.remove(key);
            }
        }
    }
}

fn flood(key: Key, count: u64) -> Option<Flood> {
    let [start_ns, _] = key;
    let (pid, kind) = halves(key);
    let kind = Kind::ALL.iter().find(|known| **known as u32 == kind)?;
    Some(Flood { process: ProcessKey::new(pid, start_ns), kind: event_kind(*kind), count })
}

/// Process id and kind, which share a word.
fn halves([_, word]: Key) -> (u32, u32) {
    let bytes = word.to_ne_bytes();
    let half = |half: &[u8]| half.try_into().map_or(0, u32::from_ne_bytes);
    let (first, second) = bytes.split_at(size_of::<u32>());
    (half(first), half(second))
}

#[cfg(test)]
mod tests {
    use rampart_abi::FloodKey;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let FloodKey { start_ns, pid, kind } = FloodKey::new(7, 20_000_000, Kind::Connect);
        let halves = [pid.to_ne_bytes(), kind.to_ne_bytes()].concat();
        let key = [start_ns, u64::from_ne_bytes(halves.try_into().unwrap())];
        let process = ProcessKey::new(7, 20_000_000);
        assert_eq!(flood(key, 3), Some(Flood { process, kind: EventKind::Connect, count: 3 }));
        assert_eq!(flood([0, u64::MAX], 3), None);
    }
}
