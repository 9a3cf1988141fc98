use std::{
    env, fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};

/// Largest secret, in bytes.
pub const SECRET_BYTES: u64 = 64 << 10;

/// Where a secret is: never the secret itself, so that no configuration, log or argument has it in it.
///
/// It is read each time that it is used. So one that is replaced on disk is in force without a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// In a file, such as a mounted Kubernetes Secret. Line ends at its end do not belong to it.
    File(PathBuf),
    /// In an environment variable.
    Env(String),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The environment has no such variable.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// Nothing is there.
    #[error("{0}: the secret is empty")]
    Empty(String),
    /// More than [`SECRET_BYTES`].
    #[error("{0}: the secret has more than {SECRET_BYTES} bytes")]
    TooLarge(String),
    /// Not text.
    #[error("{0}: the secret is not UTF-8")]
    NotText(String),
    /// Text that cannot be what it is to be used for.
    #[error("{source_name}: {what}")]
    Unusable {
        /// Where the secret is from.
        source_name: String,
        /// What it should be.
        what: &'static str,
    },
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Place)
    }
}

/// Reads where a secret is. What stands there instead may be the secret itself: no error repeats it.
struct Place;

impl<'de> Visitor<'de> for Place {
    type Value = Secret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("where the secret is, and not the secret: {file: PATH} or {env: NAME}")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        Err(inline())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(inline())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(inline())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(inline())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let wrong = || de::Error::custom("give where the secret is: either {file: PATH} or {env: NAME}");
        let secret = match map.next_key::<String>()?.as_deref() {
            Some("file") => Secret::File(map.next_value()?),
            Some("env") => Secret::Env(map.next_value()?),
            _ => return Err(wrong()),
        };
        if map.next_key::<String>()?.is_some() { Err(wrong()) } else { Ok(secret) }
    }
}

fn inline<E: de::Error>() -> E {
    E::custom("a secret does not stand here; give where it is: {file: PATH} or {env: NAME}")
}

impl Secret {
    /// What it is now.
    ///
    /// # Errors
    /// [`SecretError`] names the file or the variable, and never what is in it.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let bytes = match self {
            Self::File(path) => {
                contents(path).map_err(|error| SecretError::Unreadable { path: path.clone(), error })?
            }
            Self::Env(name) => {
                let value = env::var_os(name).ok_or_else(|| SecretError::Unset(name.clone()))?;
                value.into_encoded_bytes()
            }
        };
        if bytes.len() as u64 > SECRET_BYTES {
            return Err(SecretError::TooLarge(self.name()));
        }
        let text = String::from_utf8(bytes).map_err(|_| SecretError::NotText(self.name()))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(SecretError::Empty(self.name()));
        }
        Ok(text.into())
    }

    /// The error for a secret that was read and is of no use.
    pub(crate) fn unusable(&self, what: &'static str) -> SecretError {
        SecretError::Unusable { source_name: self.name(), what }
    }

    /// The file or the variable.
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Env(name) => format!("the environment variable {name}"),
        }
    }
}

/// Links are followed: that is how Kubernetes mounts secrets.
fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_file_is_read_each_time_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let secret: Secret = serde_json::from_value(serde_json::json!({ "file": path })).unwrap();
        for (contents, expected) in [("first\n", "first"), ("second\r\n", "second"), (" a b ", " a b ")] {
            fs::write(&path, contents).unwrap();
            assert_eq!(secret.read().unwrap().expose_secret(), expected);
            let shown = format!("{secret:?} {:?}", secret.read().unwrap());
            assert!(!shown.contains(expected), "{shown}");
        }
    }

    #[test]
    fn what_is_wrong_names_its_source_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (contents, expected) in [
            (&b"\n"[..], "the secret is empty"),
            (b"hunter2\xff", "the secret is not UTF-8"),
            (&b"h".repeat(65_537), "the secret has more than 65536 bytes"),
        ] {
            fs::write(&path, contents).unwrap();
            let error = Secret::File(path.clone()).read().unwrap_err();
            assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        let folder = Secret::File(folder.path().into()).read().unwrap_err().to_string();
        assert!(folder.ends_with("not a regular file"), "{folder}");
        let unset = Secret::Env("RAMPART_NO_SUCH_SECRET".to_owned()).read().unwrap_err().to_string();
        assert_eq!(unset, "the environment variable RAMPART_NO_SUCH_SECRET is not set");
    }

    #[test]
    fn a_secret_does_not_stand_in_the_configuration() {
        for text in [
            r#""hunter2""#,
            r#"["hunter2"]"#,
            r#"{"value": "hunter2"}"#,
            r#"{"file": "/a", "env": "B"}"#,
            "{}",
        ] {
            let error = serde_json::from_str::<Secret>(text).unwrap_err().to_string();
            assert!(error.contains("{file: PATH} or {env: NAME}"), "{text}: {error}");
            assert!(!error.contains("hunter2") && !error.contains("47"), "{error}");
        }
    }
}
