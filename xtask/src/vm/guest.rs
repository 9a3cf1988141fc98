//! One kernel with one variant: prepared, booted, judged.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::{
    console,
    contents::Contents,
    image::{self, Found, Image},
    initramfs,
    kernel::{Kernel, Variant},
    machine::{Ended, Machine},
};
use crate::{
    outcome::Outcome,
    probe::{self, Probe},
    workspace::Workspace,
};

/// What a guest is booted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// To play scenarios.
    Test,
    /// To keep what `rampart probe` says there.
    Record,
}

/// A guest by what is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guest<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) kernel: Kernel,
    pub(super) variant: Variant,
    pub(super) contents: &'a Contents,
    pub(super) errand: Errand,
}

impl Guest<'_> {
    /// Boots it and says what came of it.
    pub(super) fn run(&self) -> Result<Outcome> {
        let image = match image::get(self.workspace, self.kernel)? {
            Found::Image(image) => image,
            Found::Unavailable(reason) => {
                println!("{reason:#}");
                return Ok(Outcome::Skipped(reason.to_string()));
            }
        };
        println!("Linux {}", image.release);
        let folder = image::folder(self.workspace, self.kernel);
        let log = folder.join(format!("console-{}.log", self.variant));
        let ended = self.boot(&image, &folder, &log)?;
        if ended.status != 0 {
            let status = ended.status;
            return Ok(Outcome::Failed(format!("status {status} in the guest: see {}", log.display())));
        }
        if self.variant != Variant::Auto {
            return Ok(Outcome::Passed);
        }
        let said = console::probe(&ended.lines)
            .with_context(|| format!("`rampart probe` has no end in {}", log.display()))?;
        self.judge(&said)
    }

    fn boot(&self, image: &Image, folder: &Path, log: &Path) -> Result<Ended> {
        let initramfs = folder.join("initramfs.cpio");
        initramfs::write(&initramfs, self.contents, image)?;
        let machine = Machine {
            name: self.kernel.name,
            vmlinuz: &image.vmlinuz,
            initramfs: &initramfs,
            variables: [("RAMPART_KERNEL", self.kernel.name), ("RAMPART_VARIANT", self.variant.name())],
            log,
        };
        machine.boot()
    }

    /// Keeps what `rampart probe` said, or holds it against what was kept.
    fn judge(&self, said: &str) -> Result<Outcome> {
        let found = Probe::parse(said)?;
        let path = probe::path(self.workspace, self.kernel.name);
        if self.errand == Errand::Record {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
            }
            fs::write(&path, format!("{said}\n"))
                .with_context(|| format!("cannot write {}", path.display()))?;
            println!("wrote {}", path.display());
            return Ok(Outcome::Passed);
        }
        let differences = Probe::read(&path)?.differences(&found);
        if differences.is_empty() {
            return Ok(Outcome::Passed);
        }
        let (path, differences) = (path.display(), differences.join(", "));
        let remedy = "if that is meant, run `cargo xtask vm --record` and `cargo xtask codegen`";
        Ok(Outcome::Failed(format!("the hooks are not those of {path} ({differences}); {remedy}")))
    }
}

/// What a guest is called in a report.
pub(super) fn name(kernel: Kernel, variant: Variant) -> String {
    format!("Linux {}, {variant}", kernel.name)
}
