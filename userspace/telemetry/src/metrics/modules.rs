use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges},
    registrar::Registrar,
};

/// How the agent's parts are.
#[derive(Debug)]
pub(super) struct Modules {
    ok: Gauges,
    restarts: Counters,
}

impl Modules {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            ok: registrar.gauges(
                "rampart_module_ok",
                "Whether a module does its work, as /readyz tells it: 1, or 0 where it has not begun, is degraded or has failed.",
                &["module"],
            )?,
            restarts: registrar.counters(
                "rampart_module_restarts_total",
                "Modules started again after a failure.",
                &["module"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets whether a module does its work.
    pub(crate) fn module_ok(&self, module: &str, ok: bool) {
        self.families.modules.ok.set(&[module], ok.into());
    }

    /// Sets how often a module was restarted.
    pub fn restarts(&self, module: &str, total: u64) {
        self.families.modules.restarts.raise(&[module], total);
    }
}
