use rustc_hash::FxHashMap;

use super::Candidates;

/// Texts that paths and command lines are full of. A literal is looked for by a piece that is not in them.
const COMMON: &[u8] = b"/usr/bin/ /bin/sh /bin/bash -c /usr/local/bin/ /usr/sbin/ /usr/lib/x86_64-linux-gnu/ /usr/share/ /etc/ \
    /var/lib/ /var/run/ /var/log/ /proc/self/ /home/ /root/ /tmp/ /opt/ /dev/null --help --version --config=\
    /etc/kubernetes /var/lib/kubelet/pods /var/lib/containerd/io.containerd python3 python perl ruby node java .service .conf .json .yaml \
    .yml .log .sh .py .so.6 http:// https:// localhost 127.0.0.1 root user name sudo su - systemctl docker kubectl \
    containerd-shim runc git clone cat grep sed awk curl wget ssh true false 2>&1 && || echo export PATH=";

/// Bytes of a piece.
const GRAM: usize = 4;

/// Literals anywhere in a text.
///
/// Every literal is entered under one piece of four bytes, the one that fewest others have; a text is walked once, and where the
/// bit of a piece's hash is set, the literals of that piece are compared. Shorter literals have a table of their own.
#[derive(Debug, Default)]
pub(super) struct Grams {
    long: Option<Long>,
    short: Option<Box<Short>>,
}

/// A literal and the rules to name where it stands.
type Literal = (Box<[u8]>, Vec<u32>);

/// Literals of four bytes and more.
#[derive(Debug)]
struct Long {
    // A power of two of bits.
    bits: Box<[u64]>,
    shift: u32,
    pieces: FxHashMap<u32, Box<[Entry]>>,
}

#[derive(Debug)]
struct Entry {
    /// How far before the piece the literal begins.
    before: usize,
    literal: Box<[u8]>,
    rules: Box<[u32]>,
}

/// Literals of up to three bytes, by their first.
#[derive(Debug)]
struct Short {
    first: [Box<[Entry]>; 256],
}

impl Grams {
    pub(super) fn new(literals: FxHashMap<Box<[u8]>, Vec<u32>>) -> Self {
        let mut literals: Vec<Literal> = literals.into_iter().collect();
        // The same rules give the same index, whatever the map's order.
        literals.sort_unstable();
        let (long, short): (Vec<_>, Vec<_>) = literals.into_iter().partition(|(text, _)| text.len() >= GRAM);
        Self { long: Long::new(long), short: Short::new(short) }
    }

    pub(super) fn find(&self, text: &[u8], found: &mut Candidates) {
        if let Some(short) = &self.short {
            short.find(text, found);
        }
        if let Some(long) = &self.long {
            long.find(text, found);
        }
    }
}

impl Long {
    fn new(literals: Vec<Literal>) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        // One bit in sixteen at the most is set, so that few pieces of a text are looked up in vain.
        let width = (literals.len() * 16).next_power_of_two().trailing_zeros().clamp(10, 19);
        let mut long = Self {
            bits: vec![0; 1 << (width - 6)].into(),
            shift: u32::BITS - width,
            pieces: FxHashMap::default(),
        };
        let common = occurrences(&literals);
        let mut pieces: FxHashMap<u32, Vec<Entry>> = FxHashMap::default();
        for (literal, rules) in literals {
            let rarest = grams(&literal).enumerate().min_by_key(|(_, gram)| common.get(gram));
            let Some((before, gram)) = rarest else { continue };
            long.mark(gram);
            pieces.entry(gram).or_default().push(Entry { before, literal, rules: rules.into() });
        }
        long.pieces = pieces.into_iter().map(|(gram, entries)| (gram, entries.into())).collect();
        Some(long)
    }

    fn mark(&mut self, gram: u32) {
        let (word, bit) = place(gram, self.shift);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    fn find(&self, text: &[u8], found: &mut Candidates) {
        for (at, gram) in grams(text).enumerate() {
            let (word, bit) = place(gram, self.shift);
            if self.bits.get(word).is_some_and(|word| word & bit != 0) {
                self.compare(gram, at, text, found);
            }
        }
    }

    /// Out of line, so that the walk stays small.
    #[cold]
    #[inline(never)]
    fn compare(&self, gram: u32, at: usize, text: &[u8], found: &mut Candidates) {
        for entry in self.pieces.get(&gram).into_iter().flatten() {
            if at.checked_sub(entry.before).is_some_and(|start| entry.is_at(start, text)) {
                found.extend(&entry.rules);
            }
        }
    }
}

/// How often pieces occur in literals and in what is common.
fn occurrences(literals: &[Literal]) -> FxHashMap<u32, u32> {
    let mut occurrences = FxHashMap::default();
    for gram in literals.iter().flat_map(|(text, _)| grams(text)).chain(grams(COMMON)) {
        *occurrences.entry(gram).or_default() += 1;
    }
    occurrences
}

impl Entry {
    fn is_at(&self, start: usize, text: &[u8]) -> bool {
        text.get(start..).is_some_and(|rest| rest.starts_with(&self.literal))
    }
}

impl Short {
    fn new(literals: Vec<Literal>) -> Option<Box<Self>> {
        if literals.is_empty() {
            return None;
        }
        let mut first: [Vec<Entry>; 256] = std::array::from_fn(|_| Vec::new());
        for (literal, rules) in literals {
            let Some(entries) = literal.first().and_then(|byte| first.get_mut(usize::from(*byte))) else {
                continue;
            };
            entries.push(Entry { before: 0, literal, rules: rules.into() });
        }
        Some(Box::new(Self { first: first.map(Into::into) }))
    }

    fn find(&self, text: &[u8], found: &mut Candidates) {
        for (at, byte) in text.iter().enumerate() {
            for entry in self.first.get(usize::from(*byte)).into_iter().flatten() {
                if entry.is_at(at, text) {
                    found.extend(&entry.rules);
                }
            }
        }
    }
}

fn grams(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(GRAM).filter_map(|window| window.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)))
}

/// The word and the bit of a piece's hash.
const fn place(gram: u32, shift: u32) -> (usize, u64) {
    let hash = gram.wrapping_mul(0x9E37_79B1) >> shift;
    ((hash >> 6) as usize, 1 << (hash & 63))
}
