//! Kernel modules: what one says about itself, and the order in which several are loaded.

use std::collections::{BTreeMap, btree_map::Entry};

use anyhow::{Context, Result, bail};

/// Where a module tells its name, licence and dependencies.
const SECTION: &str = ".modinfo";

const SECTIONS_AT: usize = 0x28;
const SECTION_SIZE_AT: usize = 0x3a;
const SECTION_COUNT_AT: usize = 0x3c;
const NAMES_INDEX_AT: usize = 0x3e;
const OFFSET_IN_SECTION: usize = 0x18;
const SIZE_IN_SECTION: usize = 0x20;

/// The modules that `module`, a file of the modern 64-bit kind, needs before it.
pub(super) fn depends(module: &[u8]) -> Result<Vec<String>> {
    let information = section(module, SECTION).with_context(|| format!("no {SECTION} section"))?;
    let list = information
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(b"depends="))
        .with_context(|| format!("no `depends` in {SECTION}"))?;
    let names = std::str::from_utf8(list).context("names of modules are ASCII")?;
    Ok(names.split(',').filter(|name| !name.is_empty()).map(canonical).collect())
}

/// The name that the kernel uses: file names have `-` where names have `_`, not always.
pub(super) fn canonical(name: &str) -> String {
    name.replace('-', "_")
}

/// `wanted` and all they need, each after what it needs.
pub(super) fn in_order(
    wanted: &[&str],
    mut needs: impl FnMut(&str) -> Result<Vec<String>>,
) -> Result<Vec<String>> {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: Vec<String> = wanted.iter().map(|name| canonical(name)).collect();
    while let Some(name) = open.pop() {
        if let Entry::Vacant(place) = known.entry(name) {
            let needed = needs(place.key())?;
            open.extend(needed.iter().cloned());
            place.insert(needed);
        }
    }
    let mut order: Vec<String> = Vec::new();
    while order.len() < known.len() {
        let is_ready = |needed: &[String]| needed.iter().all(|name| order.contains(name));
        let ready = known.iter().find(|(name, needed)| !order.contains(name) && is_ready(needed));
        match ready {
            Some((name, _)) => order.push(name.clone()),
            None => bail!("modules need each other in a circle: {known:?}"),
        }
    }
    Ok(order)
}

/// A section of an ELF file, by its name.
fn section<'a>(file: &'a [u8], name: &str) -> Option<&'a [u8]> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = usize::try_from(number::<8>(file, SECTIONS_AT)?).ok()?;
    let size = usize::try_from(number::<2>(file, SECTION_SIZE_AT)?).ok()?;
    let count = usize::try_from(number::<2>(file, SECTION_COUNT_AT)?).ok()?;
    let header = |index: usize| file.get(table.checked_add(index.checked_mul(size)?)?..)?.get(..size);
    let names = content(file, header(usize::try_from(number::<2>(file, NAMES_INDEX_AT)?).ok()?)?)?;
    (0..count).filter_map(header).find_map(|header| {
        let start = usize::try_from(number::<4>(header, 0)?).ok()?;
        let found = names.get(start..)?.split(|byte| *byte == 0).next()?;
        if found == name.as_bytes() { content(file, header) } else { None }
    })
}

fn content<'a>(file: &'a [u8], header: &[u8]) -> Option<&'a [u8]> {
    let offset = usize::try_from(number::<8>(header, OFFSET_IN_SECTION)?).ok()?;
    let size = usize::try_from(number::<8>(header, SIZE_IN_SECTION)?).ok()?;
    file.get(offset..offset.checked_add(size)?)
}

/// A little-endian number of `BYTES` bytes.
fn number<const BYTES: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(BYTES)?)?;
    Some(field.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::{depends, in_order};
    use anyhow::Context;

    /// An ELF file of two sections: the names, and .modinfo with `information`.
    fn module(information: &[u8]) -> Vec<u8> {
        let names = b"\0.modinfo\0";
        let header = |name: u32, offset: usize, size: usize| {
            let mut header = [0; 64];
            header[..4].copy_from_slice(&name.to_le_bytes());
            header[0x18..0x20].copy_from_slice(&(offset as u64).to_le_bytes());
            header[0x20..0x28].copy_from_slice(&(size as u64).to_le_bytes());
            header
        };
        let mut file = vec![0; 64];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[0x28] = 64;
        file[0x3a] = 64;
        file[0x3c] = 2;
        file.extend(header(0, 192, names.len()));
        file.extend(header(1, 192 + names.len(), information.len()));
        file.extend(names);
        file.extend(information);
        file
    }

    #[test]
    fn dependencies_are_read_from_the_module() {
        for (list, expected) in [
            ("", Vec::<&str>::new()),
            ("netfs", vec!["netfs"]),
            ("crc32c-generic,jbd2", vec!["crc32c_generic", "jbd2"]),
        ] {
            let file = module(format!("license=GPL\0depends={list}\0name=x\0").as_bytes());
            assert_eq!(depends(&file).unwrap(), expected);
        }
    }

    #[test]
    fn no_file_makes_it_fall_over() {
        let whole = module(b"depends=a\0");
        for length in 0..whole.len() {
            depends(&whole[..length]).unwrap_err();
        }
        for at in 0..64 {
            let mut bent = whole.clone();
            bent[at] = 0xff;
            drop(depends(&bent));
        }
    }

    #[test]
    fn every_module_comes_after_what_it_needs() {
        let table = [("ext4", "mbcache,jbd2"), ("jbd2", "crc"), ("crc", ""), ("mbcache", ""), ("a", "a")];
        let needs = |name: &str| {
            let (_, list) = table.iter().find(|(known, _)| *known == name).context("no such module")?;
            Ok(list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
        };
        assert_eq!(in_order(&["ext4", "jbd2"], needs).unwrap(), ["crc", "jbd2", "mbcache", "ext4"]);
        assert!(in_order(&["missing"], needs).is_err());
        assert!(in_order(&["a"], needs).unwrap_err().to_string().contains("circle"));
    }
}
