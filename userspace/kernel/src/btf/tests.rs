use proptest::prelude::*;

use super::*;

const STRINGS: &[u8] = b"\0outer\0a\0b\0hidden\0colour\0red\0inner\0table\0";

/// One type: name, kind with count, size or type, entries.
fn put(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
}

fn at(name: &str) -> u32 {
    let needle = [b"\0", name.as_bytes(), b"\0"].concat();
    u32::try_from(STRINGS.windows(needle.len()).position(|window| window == needle).unwrap() + 1).unwrap()
}

/// `struct outer { int a; union { struct inner { int hidden; } ; }; typedef-of-inner b; int bit:3 }`,
/// `struct table { int a[4]; typedef-of-inner b[4]; struct inner *red[4]; }`.
fn sample(header_length: u32) -> Vec<u8> {
    let mut types = Vec::new();
    put(&mut types, &[at("inner"), KIND_STRUCT << 24 | 1, 4, at("hidden"), 5, 0]);
    put(&mut types, &[0, KIND_UNION << 24 | 1, 4, 0, 1, 0]);
    put(
        &mut types,
        &[
            at("outer"),
            1 << 31 | KIND_STRUCT << 24 | 4,
            16,
            at("a"),
            5,
            0,
            0,
            2,
            32,
            at("b"),
            4,
            64,
            at("red"),
            5,
            3 << 24 | 0x60,
        ],
    );
    put(&mut types, &[at("inner"), 8 << 24, 1]);
    put(&mut types, &[0, 1 << 24, 4, 32]);
    put(&mut types, &[at("colour"), KIND_ENUM << 24 | 1, 4, at("red"), 7]);
    // Types 7 to 9: arrays; 10: what the last one is of.
    for element in [5, 4, 10] {
        put(&mut types, &[0, KIND_ARRAY << 24, 0, element, 5, 4]);
    }
    put(&mut types, &[0, KIND_POINTER << 24, 1]);
    put(
        &mut types,
        &[at("table"), KIND_STRUCT << 24 | 3, 64, at("a"), 7, 0, at("b"), 8, 128, at("red"), 9, 256],
    );
    with_header(header_length, &types)
}

fn with_header(header_length: u32, types: &[u8]) -> Vec<u8> {
    let mut data = MAGIC.to_ne_bytes().to_vec();
    data.extend([1, 0]);
    let length = |section: &[u8]| u32::try_from(section.len()).unwrap();
    put(&mut data, &[header_length, 0, length(types), length(types), length(STRINGS)]);
    data.resize(header_length as usize, 0);
    [&data, types, STRINGS].concat()
}

#[test]
fn layouts_are_found() {
    // 24 bytes until Linux 7.1, 32 from 7.2 on.
    for header_length in [24, 32] {
        let data = sample(header_length);
        let btf = Btf::parse(&data).unwrap();
        for (of, path, offset) in [
            ("outer", "a", Some(0)),
            ("outer", "hidden", Some(4)),
            ("outer", "b.hidden", Some(8)),
            ("outer", "red", None),
            ("outer", "missing", None),
            ("missing", "a", None),
            ("inner", "hidden", Some(0)),
            ("table", "a[3]", Some(12)),
            ("table", "b[2].hidden", Some(24)),
            ("table", "red[1]", Some(40)),
            ("table", "b.hidden", None),
            ("table", "a[x]", None),
            ("table", "a[1", None),
            ("table", "a[4294967295]", None),
            ("outer", "a[0]", None),
        ] {
            assert_eq!(btf.offset(of, path), offset, "{of}.{path}");
        }
        assert_eq!(btf.size("outer"), Some(16));
        assert_eq!(btf.enumerator("colour", "red"), Some(7));
        assert_eq!(btf.enumerator("colour", "blue"), None);
    }
}

#[test]
fn a_type_that_holds_itself_ends() {
    let mut types = Vec::new();
    put(&mut types, &[at("outer"), KIND_STRUCT << 24 | 1, 4, 0, 1, 0]);
    let data = with_header(24, &types);
    assert_eq!(Btf::parse(&data).unwrap().offset("outer", "a"), None);
}

#[test]
fn this_kernel_is_understood() {
    let Ok(data) = std::fs::read(VMLINUX) else {
        println!("skipped this_kernel_is_understood: {VMLINUX} cannot be read");
        return;
    };
    let btf = Btf::parse(&data).unwrap();
    assert_eq!(btf.offset("list_head", "prev"), Some(8));
    assert!(btf.offset("mm_struct", "arg_start").is_some_and(|offset| offset > 0));
}

proptest! {
    #[test]
    fn damage_never_panics(place in 0_usize..600, value: u8, cut in 0_usize..600) {
        let mut data = sample(24);
        let length = data.len();
        data[place % length] = value;
        data.truncate(length - cut % length);
        if let Ok(btf) = Btf::parse(&data) {
            std::hint::black_box((btf.offset("outer", "b.hidden"), btf.offset("table", "b[3].hidden"), btf.size("outer"), btf.enumerator("colour", "red")));
        }
    }

    #[test]
    fn noise_never_panics(data: Vec<u8>) {
        drop(Btf::parse(&data));
    }
}
