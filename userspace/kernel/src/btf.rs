//! A small reader of the kernel's type information: layouts of structures and values of enumerators.
//!
//! aya's own reader keeps the members of structures to itself. Format: Documentation/bpf/btf.rst. The header
//! may be longer than ours (Linux 7.2 writes 32 bytes): its own length says where the sections begin.

mod cursor;

use std::collections::HashMap;

use cursor::{Cursor, word};

/// Where the kernel keeps it.
pub(crate) const VMLINUX: &str = "/sys/kernel/btf/vmlinux";

/// Largest input that is read, in bytes. A distribution's vmlinux has 5 to 15 MB.
pub(crate) const MAX_SIZE: u64 = 128 << 20;

const MAGIC: u16 = 0xeb9f;
const MAX_DEPTH: u32 = 16;

/// The programs run on 64-bit kernels only.
const POINTER_SIZE: u32 = 8;

const KIND_INTEGER: u32 = 1;
const KIND_POINTER: u32 = 2;
const KIND_ARRAY: u32 = 3;
const KIND_STRUCT: u32 = 4;
const KIND_UNION: u32 = 5;
const KIND_ENUM: u32 = 6;

/// Why type information cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BtfError {
    /// It does not begin like BTF of this machine's byte order.
    #[error("not BTF of this byte order")]
    Magic,
    /// A section or type goes beyond the end.
    #[error("cut short at type {0}")]
    Short(u32),
    /// A kind of type that is newer than this program: its size is not known.
    #[error("type {id} has the unknown kind {kind}")]
    Kind {
        /// Which type.
        id: u32,
        /// Its kind.
        kind: u32,
    },
}

/// Type information, indexed by the names of structures and enumerations.
#[derive(Debug)]
pub struct Btf<'a> {
    strings: &'a [u8],
    // Type 0 is void: type `id` stands at index `id - 1`.
    types: Vec<Type<'a>>,
    by_name: HashMap<&'a [u8], Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
struct Type<'a> {
    kind: u32,
    bitfields: bool,
    /// Size, or the type referred to.
    operand: u32,
    /// Members or enumerators.
    entries: &'a [u8],
}

impl<'a> Btf<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// [`BtfError`] for anything that is not well-formed BTF.
    pub fn parse(data: &'a [u8]) -> Result<Self, BtfError> {
        let short = BtfError::Short(0);
        let mut header = Cursor::new(data);
        if header.take(2).ok_or(short)? != MAGIC.to_ne_bytes() {
            return Err(BtfError::Magic);
        }
        header.take(2).ok_or(short)?;
        let mut field = || header.word().map(|value| value as usize).ok_or(short);
        let (length, types_at, types_length) = (field()?, field()?, field()?);
        let (strings_at, strings_length) = (field()?, field()?);
        let body = data.get(length..).ok_or(short)?;
        let section = |at: usize, length: usize| body.get(at..at.checked_add(length)?);
        let strings = section(strings_at, strings_length).ok_or(short)?;
        let mut btf = Self { strings, types: Vec::new(), by_name: HashMap::new() };
        btf.read_types(Cursor::new(section(types_at, types_length).ok_or(short)?))?;
        Ok(btf)
    }

    fn read_types(&mut self, mut cursor: Cursor<'a>) -> Result<(), BtfError> {
        for id in 1_u32.. {
            if cursor.is_empty() {
                break;
            }
            let short = BtfError::Short(id);
            let name = cursor.word().ok_or(short)?;
            let info = cursor.word().ok_or(short)?;
            let operand = cursor.word().ok_or(short)?;
            let (kind, count) = ((info >> 24) & 0x1f, (info & 0xffff) as usize);
            let length = entries_length(kind, count).ok_or(BtfError::Kind { id, kind })?;
            let entries = cursor.take(length).ok_or(short)?;
            self.types.push(Type { kind, bitfields: info >> 31 == 1, operand, entries });
            if matches!(kind, KIND_STRUCT | KIND_ENUM)
                && let Some(name) = self.string(name)
            {
                self.by_name.entry(name).or_default().push(id);
            }
        }
        Ok(())
    }

    /// Byte offset of a field in a structure. A dotted path goes through embedded structures; anonymous
    /// structures and unions on the way are looked into, as C does; `name[n]` is an element of an array. None when
    /// there is no such field, or when it is a bit field.
    #[must_use]
    pub fn offset(&self, of: &str, path: &str) -> Option<u32> {
        self.named(of, KIND_STRUCT).find_map(|id| {
            let (mut id, mut bits) = (id, 0_u32);
            for name in path.split('.') {
                let (name, index) = subscript(name)?;
                let (member_bits, member_type) = self.member(self.layout(id)?, name.as_bytes(), 0)?;
                bits = bits.checked_add(member_bits)?;
                id = member_type;
                if let Some(index) = index {
                    let element = self.element(id)?;
                    bits = bits.checked_add(self.size_of(element)?.checked_mul(index)?.checked_mul(8)?)?;
                    id = element;
                }
            }
            (bits % 8 == 0).then_some(bits / 8)
        })
    }

    /// Size of a structure in bytes.
    #[must_use]
    pub fn size(&self, of: &str) -> Option<u32> {
        self.named(of, KIND_STRUCT).find_map(|id| Some(self.get(id)?.operand))
    }

    /// Value of an enumerator.
    #[must_use]
    pub fn enumerator(&self, of: &str, constant: &str) -> Option<u32> {
        self.named(of, KIND_ENUM).find_map(|id| {
            let mut entries = self.get(id)?.entries.chunks_exact(8);
            entries.find_map(|entry| {
                (self.string(word(entry, 0)?)? == constant.as_bytes()).then(|| word(entry, 4)).flatten()
            })
        })
    }

    fn named(&self, name: &str, kind: u32) -> impl Iterator<Item = u32> {
        let ids = self.by_name.get(name.as_bytes()).map(Vec::as_slice).unwrap_or_default();
        ids.iter().copied().filter(move |id| self.get(*id).is_some_and(|found| found.kind == kind))
    }

    fn get(&self, id: u32) -> Option<Type<'a>> {
        self.types.get(id.checked_sub(1)? as usize).copied()
    }

    /// The structure or union that a type is, through typedefs and qualifiers.
    fn layout(&self, mut id: u32) -> Option<Type<'a>> {
        for _ in 0..MAX_DEPTH {
            let found = self.get(id)?;
            match found.kind {
                KIND_STRUCT | KIND_UNION => return Some(found),
                // typedef, volatile, const, restrict, type tag
                8..=11 | 18 => id = found.operand,
                _ => return None,
            }
        }
        None
    }

    /// The type of an array's elements.
    fn element(&self, id: u32) -> Option<u32> {
        let array = self.get(id).filter(|found| found.kind == KIND_ARRAY)?;
        word(array.entries, 0)
    }

    /// Bytes that a value of a type takes; none for what has no plain size.
    fn size_of(&self, mut id: u32) -> Option<u32> {
        for _ in 0..MAX_DEPTH {
            let found = self.get(id)?;
            match found.kind {
                KIND_INTEGER | KIND_STRUCT | KIND_UNION | KIND_ENUM => return Some(found.operand),
                KIND_POINTER => return Some(POINTER_SIZE),
                8..=11 | 18 => id = found.operand,
                _ => return None,
            }
        }
        None
    }

    /// Offset in bits, and type, of a member.
    fn member(&self, of: Type<'a>, name: &[u8], depth: u32) -> Option<(u32, u32)> {
        if depth > MAX_DEPTH {
            return None;
        }
        of.entries.chunks_exact(12).find_map(|entry| {
            let (name_at, id, place) = (word(entry, 0)?, word(entry, 4)?, word(entry, 8)?);
            let (bits, width) = if of.bitfields { (place & 0xff_ffff, place >> 24) } else { (place, 0) };
            let found = self.string(name_at).unwrap_or_default();
            if found == name {
                return (width == 0).then_some((bits, id));
            }
            if !found.is_empty() {
                return None;
            }
            let (inner, id) = self.member(self.layout(id)?, name, depth + 1)?;
            Some((bits.checked_add(inner)?, id))
        })
    }

    fn string(&self, at: u32) -> Option<&'a [u8]> {
        let rest = self.strings.get(at as usize..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        (end > 0).then(|| rest.get(..end)).flatten()
    }
}

/// A member's name and, of `name[n]`, the index.
fn subscript(member: &str) -> Option<(&str, Option<u32>)> {
    match member.split_once('[') {
        None => Some((member, None)),
        Some((name, index)) => Some((name, Some(index.strip_suffix(']')?.parse().ok()?))),
    }
}

/// Bytes behind a type's three words; none for an unknown kind.
const fn entries_length(kind: u32, count: usize) -> Option<usize> {
    Some(match kind {
        // pointer, forward, typedef, volatile, const, restrict, function, float, type tag
        KIND_POINTER | 7..=12 | 16 | 18 => 0,
        // integer, variable, declaration tag
        KIND_INTEGER | 14 | 17 => 4,
        // array
        KIND_ARRAY => 12,
        // structure, union, data section, 64-bit enumeration
        KIND_STRUCT | KIND_UNION | 15 | 19 => count * 12,
        // enumeration, function prototype
        KIND_ENUM | 13 => count * 8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
