use std::{fs::File, io::Read as _, path::Path};

use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2},
    system::uname,
};

/// Most bytes that are read of a description of an operating system.
const OS_RELEASE_BYTES: u64 = 16_384;

/// Where systems describe themselves, the first that is there.
const OS_RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// What a manager shows of the host of an agent. The fields are as the host says; [`Keepalive`](crate::Keepalive) makes them fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct System {
    /// The kernel: `Linux`.
    pub sysname: String,
    /// The host's name.
    pub nodename: String,
    /// The kernel's release: `6.1.0-13-amd64`.
    pub release: String,
    /// The kernel's build: `#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1`.
    pub version: String,
    /// The architecture: `x86_64`.
    pub machine: String,
    /// The operating system: `Debian GNU/Linux`. Where the host does not say, the kernel's name; and so on below.
    pub os_name: String,
    /// Its short name: `debian`.
    pub os_platform: String,
    /// Its version: `12 (bookworm)`.
    pub os_version: String,
}

impl System {
    /// Asks the kernel, and the files of the host whose root is at `root`. Links in them lead to files of the host too.
    #[must_use]
    pub fn detect(root: &Path) -> Self {
        let name = uname();
        let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        let (sysname, release) = (text(name.sysname()), text(name.release()));
        let described = Self::described_by(&os_release(root).unwrap_or_default());
        let or = |said: String, otherwise: &str| if said.is_empty() { otherwise.to_owned() } else { said };
        Self {
            nodename: text(name.nodename()),
            version: text(name.version()),
            machine: text(name.machine()),
            // A manager takes no empty fields.
            os_name: or(described.os_name, &sysname),
            os_platform: or(described.os_platform, &sysname.to_lowercase()),
            os_version: or(described.os_version, &release),
            sysname,
            release,
        }
    }

    /// What an os-release(5) says.
    fn described_by(text: &str) -> Self {
        let value = |wanted: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once('='));
            lines.find(|(key, _)| key.trim() == wanted).map(|(_, value)| unquoted(value.trim()))
        };
        Self {
            os_name: value("NAME").unwrap_or_default(),
            os_platform: value("ID").unwrap_or_default(),
            os_version: value("VERSION").or_else(|| value("VERSION_ID")).unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn os_release(root: &Path) -> Option<String> {
    let folder = openat(CWD, root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    OS_RELEASE.iter().find_map(|path| {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat2(&folder, *path, flags, Mode::empty(), ResolveFlags::IN_ROOT).ok()?;
        let mut bytes = Vec::new();
        File::from(file).take(OS_RELEASE_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// A value without its quotes, as a shell reads it.
fn unquoted(value: &str) -> String {
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let Some(inner) = inner else { return value.to_owned() };
    let mut letters = inner.chars();
    let mut text = String::with_capacity(inner.len());
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n\
                          VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nID=debian\n";

    #[test]
    fn systems_describe_themselves() {
        let cases = [
            (DEBIAN, ["Debian GNU/Linux", "debian", "12 (bookworm)"]),
            ("NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.20.0", ["Alpine Linux", "alpine", "3.20.0"]),
            ("# NAME=x\nNAME=\"a \\\"b\\\" c\\\n", ["\"a \\\"b\\\" c\\", "", ""]),
            ("NAME=\"a \\\"b\\\" c\"\nID=\"", ["a \"b\" c", "\"", ""]),
            ("", ["", "", ""]),
        ];
        for (text, [name, platform, version]) in cases {
            let system = System::described_by(text);
            assert_eq!(
                [system.os_name, system.os_platform, system.os_version],
                [name, platform, version],
                "{text}"
            );
        }
    }

    #[test]
    fn the_hosts_files_are_read_and_no_others() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::create_dir_all(root.path().join("usr/lib")).unwrap();
        fs::write(root.path().join("usr/lib/os-release"), DEBIAN).unwrap();
        let link = root.path().join("etc/os-release");
        assert_eq!(System::detect(root.path()).os_platform, "debian");
        for target in ["../usr/lib/os-release", "/usr/lib/os-release", "../../../../usr/lib/os-release"] {
            symlink(target, &link).unwrap();
            assert_eq!(System::detect(root.path()).os_platform, "debian", "{target}");
            fs::remove_file(&link).unwrap();
        }
        assert_eq!(System::detect(root.path()).sysname, "Linux");
    }

    #[test]
    fn a_host_that_does_not_describe_itself_is_its_kernel() {
        let root = tempfile::tempdir().unwrap();
        for root in [root.path(), Path::new("/nowhere")] {
            let system = System::detect(root);
            assert_eq!([&*system.os_name, &*system.os_platform], ["Linux", "linux"]);
            assert_eq!(system.os_version, system.release);
        }
    }
}
