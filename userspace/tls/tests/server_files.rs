//! What a server makes of files that others replace.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{fs, path::Path};

use rampart_tls::{Identity, Look, ServerFiles};
use rcgen::{CertificateParams, KeyPair, SerialNumber, date_time_ymd};

fn pair(serial: &[u8]) -> (String, String) {
    let mut params = CertificateParams::new(["node".to_owned()]).unwrap();
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.not_after = date_time_ymd(2030, 1, 1);
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// What a look brings, in words.
fn look(files: &mut ServerFiles) -> String {
    match files.look() {
        Look::Same => "same".to_owned(),
        Look::New(pair) => format!("{} until {}", pair.serial(), pair.expires()),
        Look::Unusable(error) => error.to_string(),
    }
}

fn files(folder: &Path) -> (Identity, ServerFiles) {
    let identity = Identity { certificate: folder.join("tls.crt"), key: folder.join("tls.key") };
    (identity.clone(), ServerFiles::new(identity))
}

#[test]
fn each_change_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let (identity, mut files) = files(folder.path());
    let (one, two) = (pair(&[0x2a, 0x0b]), pair(&[0x7f; 30]));
    let long = format!("{} until 1893456000", "7f".repeat(20));
    let der = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/version_1.pem")).unwrap();
    let version_1 = String::from_utf8(der).unwrap();
    for (certificate, key, expected) in [
        (&one.0, &one.1, "2a0b until 1893456000"),
        (&two.0, &two.1, &*long),
        (&two.0, &one.1, "not the private key of the certificate"),
        (&version_1, &version_1, "certificate 1 cannot be read"),
        (&one.0, &two.0, "no private key"),
        (&String::new(), &one.1, "no certificate"),
        (&one.0, &one.1, "2a0b until"),
    ] {
        fs::write(&identity.certificate, certificate).unwrap();
        fs::write(&identity.key, key).unwrap();
        let found = look(&mut files);
        assert!(found.contains(expected), "{expected}: {found}");
        assert_eq!(look(&mut files), "same", "{expected}");
    }
}

#[test]
fn files_that_are_not_there_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let (identity, mut files) = files(folder.path());
    assert!(look(&mut files).contains("tls.crt"));
    assert_eq!(look(&mut files), "same");
    let (certificate, key) = pair(&[1]);
    fs::write(&identity.certificate, &certificate).unwrap();
    assert!(look(&mut files).contains("tls.key"));
    fs::write(&identity.key, &key).unwrap();
    assert!(look(&mut files).starts_with("01 until"));
    fs::remove_file(&identity.key).unwrap();
    assert!(look(&mut files).contains("tls.key"));
}
