use std::{fs, os::unix::fs::symlink, path::PathBuf};

use rampart_tls::{Identity, Trust};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// A folder as Kubernetes mounts a secret: the files are links through one link, which is replaced.
pub(crate) struct Secret {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
    versions: u32,
}

/// A certificate and its key in PEM form.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) der: Vec<u8>,
}

impl Secret {
    /// There is nothing in it yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(["authority.example".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        fs::write(folder.path().join("ca.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
        for name in ["tls.crt", "tls.key"] {
            symlink(format!("..data/{name}"), folder.path().join(name)).unwrap();
        }
        Self { folder, issuer: Issuer::new(params, key), versions: 0 }
    }

    pub(crate) fn identity(&self) -> Identity {
        let path = |name| self.folder.path().join(name);
        Identity { certificate: path("tls.crt"), key: path("tls.key") }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::Authorities { file: self.folder.path().join("ca.crt") }
    }

    pub(crate) fn sign(&self, params: &CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().to_vec() }
    }

    pub(crate) fn new_pair(&self) -> Pair {
        self.sign(&params())
    }

    /// Puts another pair in place, all at once.
    pub(crate) fn swap(&mut self, certificate: &str, key: &str) {
        self.versions += 1;
        let version = format!("..version-{}", self.versions);
        let path: PathBuf = self.folder.path().join(&version);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("tls.crt"), certificate).unwrap();
        fs::write(path.join("tls.key"), key).unwrap();
        let link = self.folder.path().join("..data_tmp");
        symlink(version, &link).unwrap();
        fs::rename(link, self.folder.path().join("..data")).unwrap();
    }
}

pub(crate) fn params() -> CertificateParams {
    CertificateParams::new(["localhost".to_owned()]).unwrap()
}
