//! Builds the eBPF object and embeds it. Where bpf-linker or the library sources are missing, an empty object
//! is embedded instead, so that `cargo check` works everywhere; the daemon then says what to do.

use std::{
    env,
    error::Error,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use object::build::elf::{Builder, SectionData};

const PACKAGE: &str = "rampart-programs";
/// In the workspace's Cargo.toml.
const PROFILE: &str = "ebpf";
const TARGET: &str = "bpfel-unknown-none";

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let ebpf = manifest.join("../../ebpf");
    println!("cargo:rerun-if-changed={}", ebpf.join("abi/src").display());
    println!("cargo:rerun-if-changed={}", ebpf.join("programs/src").display());
    println!("cargo:rerun-if-changed={}", ebpf.join("programs/Cargo.toml").display());
    // The programs' profile and the versions of their dependencies.
    println!("cargo:rerun-if-changed={}", manifest.join("../../Cargo.toml").display());
    println!("cargo:rerun-if-changed={}", manifest.join("../../Cargo.lock").display());
    println!("cargo:rerun-if-env-changed=PATH");

    let out = PathBuf::from(variable("OUT_DIR")?);
    let embedded = out.join("programs.o");
    match missing() {
        None => {
            let object = fs::read(build(&ebpf, &out.join("ebpf"))?)?;
            fs::write(&embedded, without_debugging(&object)?)?;
        }
        Some(what) => {
            println!("cargo:warning=no {what}: embedding no eBPF programs (cargo xtask setup installs it)");
            fs::write(&embedded, [])?;
            // A file that is never there makes cargo ask again each time, until what lacks has been installed.
            println!("cargo:rerun-if-changed={}", out.join("missing").display());
        }
    }
    Ok(())
}

/// What the eBPF build lacks on this machine.
fn missing() -> Option<&'static str> {
    if !runs(Command::new("bpf-linker").arg("--version")) {
        return Some("bpf-linker");
    }
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let library = sysroot.join("lib/rustlib/src/rust/library");
    (!library.join("core/src/lib.rs").exists()).then_some("library sources")
}

fn runs(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs cargo for the BPF target and gives the object's path.
///
/// The stable compiler is told to accept `-Zbuild-std`: there is no prebuilt `core` for the target, and one
/// toolchain for both sides is worth more than the name of the channel.
fn build(ebpf: &Path, target_dir: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let arch = variable("CARGO_CFG_TARGET_ARCH")?;
    let flags =
        [&format!("--cfg=bpf_target_arch=\"{arch}\""), "-Cdebuginfo=2", "-Clink-arg=--btf"].join("\x1f");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(ebpf)
        .args(["build", "--profile", PROFILE, "--package", PACKAGE, "--target", TARGET, "-Zbuild-std=core"])
        .arg("--target-dir")
        .arg(target_dir)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        // What cargo sets for the host build must not reach the nested one.
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_TARGET_DIR")
        .output()?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the eBPF build failed:\n{log}").into());
    }
    Ok(target_dir.join(TARGET).join(PROFILE).join(PACKAGE))
}

/// The object without what only debuggers read: five sixths of it. Type information (BTF) stays.
fn without_debugging(object: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut builder = Builder::read(object)?;
    for section in &mut builder.sections {
        let name = section.name.to_string();
        section.delete |= name.starts_with(".debug_") || name.starts_with(".rel.debug_");
    }
    builder.delete_orphans();
    // LLVM keeps the names of sections and of symbols in one table, the builder in two.
    let names = builder.sections.add();
    names.name = b".shstrtab"[..].into();
    names.sh_type = object::elf::SHT_STRTAB;
    names.data = SectionData::SectionString;
    let mut stripped = Vec::new();
    builder.write(&mut stripped)?;
    Ok(stripped)
}

fn variable(name: impl AsRef<OsStr>) -> Result<String, Box<dyn Error>> {
    let name = name.as_ref();
    env::var(name).map_err(|error| format!("{}: {error}", name.display()).into())
}
