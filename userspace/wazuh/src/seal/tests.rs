use proptest::prelude::*;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STARTUP: &[u8] = br#"#!-agent startup {"version":"v4.14.7"}"#;

/// What a Wazuh agent 4.14.7 sends for `STARTUP` with the random number 12345 and the counters 0 and 1. A manager has
/// taken it.
const STOCK: &str = "6a0000002130303121234145533a2a8350a2e316583d180b3287ad087cbacf5faca2ebb09d2a2b5a266614fef8ae84a8c2\
    953347422352a2dba708687fa6699d669a655dfc1813320dc7650b0e434c11cadff9aafe09104e0427073139b6e472c68c755bbe7fcb9c99ac3b\
    daf78f";
const STOCK_CLEAR: &str =
    r#"b8faeb1b40b5fa19b20b46346b2db956123450000000000:0001:#!-agent startup {"version":"v4.14.7"}"#;

fn key(address: &str) -> AgentKey {
    AgentKey::parse(&format!("001 node1 {address} {SECRET}")).unwrap()
}

fn bytes(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The frame, without its length, of a manager, which does not say whose it is.
fn frame(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Sealer::new(&key("10.0.0.1"), Counter::default()).seal(message, &mut out).unwrap();
    out.split_off(4)
}

/// A text as only the holder of the key could seal it, whatever it is.
fn sealed(text: &[u8]) -> Vec<u8> {
    let mut frame = [SCHEME, text].concat();
    Cipher::new(&key("any")).encrypt(&mut frame, SCHEME.len()).unwrap();
    frame
}

fn packed(clear: &[u8]) -> Vec<u8> {
    let mut packed = b"!".to_vec();
    packed.reserve(packed_bytes(clear.len()));
    let mut compress = Compress::new(Compression::fast(), true);
    assert_eq!(compress.compress_vec(clear, &mut packed, FlushCompress::Finish).unwrap(), Status::StreamEnd);
    packed
}

fn open(frame: &[u8]) -> Result<Vec<u8>, OpenError> {
    Opener::new(&key("any")).open(frame)
}

/// The clear text of a frame.
fn clear(frame: &[u8]) -> Vec<u8> {
    Opener::new(&key("any")).clear_text(frame).unwrap().to_vec()
}

#[test]
fn what_the_stock_agent_seals_is_opened_and_ours_holds_the_same() {
    let stock = bytes(STOCK);
    let start = 4 + b"!001!".len();
    assert_eq!(clear(&stock[start..]), STOCK_CLEAR.as_bytes());
    assert_eq!(open(&stock[start..]).unwrap(), STARTUP);

    let mut ours = Vec::new();
    let mut sealer = Sealer::new(&key("any"), Counter::default());
    sealer.counter = sealer.counter.next();
    sealer.seal_with(12345, STARTUP, &mut ours).unwrap();
    assert_eq!(clear(&ours[start..]), STOCK_CLEAR.as_bytes());
    assert_eq!(ours[4..start], stock[4..start]);
}

#[test]
fn whose_a_message_is_is_said_where_the_address_does_not_tell() {
    for (address, prefix) in
        [("any", "!001!#AES:"), ("10.0.0.0/8", "!001!#AES:"), ("10.0.0.1", "#AES:"), ("fd00::1", "#AES:")]
    {
        let mut out = Vec::new();
        Sealer::new(&key(address), Counter::default()).seal(b"x", &mut out).unwrap();
        assert!(out[4..].starts_with(prefix.as_bytes()), "{address}");
        assert_eq!(out.len(), 4 + usize::try_from(u32::from_le_bytes(*out.first_chunk().unwrap())).unwrap());
    }
}

#[test]
fn frames_are_appended_and_their_counters_grow() {
    let (mut out, mut opener) = (Vec::new(), Opener::new(&key("any")));
    let mut sealer = Sealer::new(&key("10.0.0.1"), Counter::starting_at(7));
    for message in ["one", "two", ""] {
        sealer.seal(message.as_bytes(), &mut out).unwrap();
    }
    assert_eq!((sealer.counter().global(), sealer.counter().local()), (7, 3));
    for (number, message) in (1..).zip(["one", "two", ""]) {
        let (length, rest) = out.split_first_chunk().unwrap();
        let (frame, rest) = rest.split_at(usize::try_from(u32::from_le_bytes(*length)).unwrap());
        assert_eq!(opener.open(frame).unwrap(), message.as_bytes());
        assert_eq!(opener.clear_text(frame).unwrap()[37..53], *format!("0000000007:{number:04}:").as_bytes());
        out = rest.to_vec();
    }
    assert!(out.is_empty());
}

#[test]
fn the_longest_message_fits_whatever_it_holds() {
    let mut random = vec![0; MESSAGE_BYTES + 1];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let message = &random[..MESSAGE_BYTES];
    let long = AgentKey::parse(&format!("0123456789 node1 any {SECRET}")).unwrap();
    let mut out = Vec::new();
    Sealer::new(&long, Counter::default()).seal(message, &mut out).unwrap();
    assert_eq!(open(&out[4 + b"!0123456789!".len()..]).unwrap(), message);

    let mut out = b"kept".to_vec();
    let sealed = Sealer::new(&key("any"), Counter::default()).seal(&random, &mut out);
    assert_eq!(
        (sealed, out.as_slice()),
        (Err(SealError::TooLong { bytes: MESSAGE_BYTES + 1 }), b"kept".as_slice())
    );
}

#[test]
fn frames_of_others_are_refused_by_what_is_wrong() {
    let rest = b"123450000000000:0001:hello";
    let whole = [md5_digits(&[rest]).as_slice(), rest].concat();
    let summed = |rest: &[u8]| sealed(&packed(&[md5_digits(&[rest]).as_slice(), rest].concat()));
    let zeros = vec![0; CLEAR_BYTES + 1];
    let cases = [
        ("as it should be", sealed(&packed(&whole)), None),
        ("no scheme", b"hello".to_vec(), Some(OpenError::Scheme)),
        ("another scheme", b":0123456789abcdef".to_vec(), Some(OpenError::Scheme)),
        ("whose it is", [b"!001!", frame(b"x").as_slice()].concat(), Some(OpenError::Scheme)),
        ("nothing", SCHEME.to_vec(), Some(OpenError::Cipher(CipherError))),
        ("part of a block", [SCHEME, b"0123456789"].concat(), Some(OpenError::Cipher(CipherError))),
        ("no filling", sealed(&packed(&whole)[1..]), Some(OpenError::Filling)),
        ("nothing but filling", sealed(b"!!!!!!!!"), Some(OpenError::Compressed)),
        ("not compressed", sealed(&[b"!", whole.as_slice()].concat()), Some(OpenError::Compressed)),
        ("more behind it", sealed(&[packed(&whole).as_slice(), b"x"].concat()), Some(OpenError::Compressed)),
        ("cut", sealed(packed(&whole).split_last().unwrap().1), Some(OpenError::Compressed)),
        ("grows over the limit", sealed(&packed(&zeros)), Some(OpenError::TooLong)),
        ("grows to the limit", sealed(&packed(&zeros[1..])), Some(OpenError::Sum)),
        ("short", sealed(&packed(&whole[..52])), Some(OpenError::TooShort)),
        ("another text", sealed(&packed(&[whole.as_slice(), b"!"].concat())), Some(OpenError::Sum)),
        ("no counters", summed(b"123450000000000.0001:hello"), Some(OpenError::Counters)),
        ("no end of counters", summed(b"123450000000000:0001.hello"), Some(OpenError::Counters)),
    ];
    for (what, frame, error) in cases {
        assert_eq!(open(&frame).err(), error, "{what}");
    }
}

#[test]
fn what_is_shown_of_a_sealer_and_an_opener_holds_no_message() {
    let (mut out, mut sealer, mut opener) =
        (Vec::new(), Sealer::new(&key("10.0.0.1"), Counter::default()), Opener::new(&key("any")));
    sealer.seal(b"hello", &mut out).unwrap();
    opener.open(&out[4..]).unwrap();
    assert_eq!(
        format!("{sealer:?} {opener:?}"),
        "Sealer { counter: Counter { global: 0, local: 1 }, .. } Opener { .. }"
    );
}

#[test]
fn another_key_opens_nothing() {
    let other = AgentKey::parse(&format!("001 node1 any {}", SECRET.replace('0', "1"))).unwrap();
    assert!(Opener::new(&other).open(&frame(b"hello")).is_err());
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened(message in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(open(&frame(&message)).unwrap(), message);
    }

    #[test]
    fn anything_has_an_answer(text in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&text).is_err());
        prop_assert!(open(&[SCHEME, &text].concat()).is_err());
        prop_assert!(open(&sealed(&text)).is_err());
        prop_assert!(open(&sealed(&packed(&text))).is_err());
    }

    #[test]
    fn no_bit_can_be_changed(message in prop::collection::vec(any::<u8>(), 0..300), at: prop::sample::Index, bit in 0..8_u8) {
        let mut frame = frame(&message);
        *at.get_mut(&mut frame) ^= 1_u8 << bit;
        prop_assert!(open(&frame).is_err());
    }
}
