//! The embedded eBPF object.

/// Bytes aligned for an ELF reader.
#[repr(C, align(8))]
struct Aligned<T: ?Sized>(T);

static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/programs.o")));

/// The object, or nothing when this build has none.
pub(crate) fn embedded() -> Option<&'static [u8]> {
    (!OBJECT.0.is_empty()).then_some(&OBJECT.0)
}
