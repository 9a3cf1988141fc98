use prometheus::{
    Counter, CounterVec, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector,
};

use super::{
    MetricsError,
    bound::{Counters, Gauges, Histograms, Seconds},
    description::{Description, MetricKind},
};

/// Names that people's dashboards and rules know, of which each carries the node's name.
const FIXED_NAMES: &str = "wazuh_";

const NODE: &str = "node";

/// Makes metrics, and writes down what it has made.
pub(super) struct Registrar {
    registry: Registry,
    node: String,
    descriptions: Vec<Description>,
    /// What found no room in a metric, made with the first that has a bound.
    refused: Option<IntCounterVec>,
}

impl Registrar {
    pub(super) fn new(node: &str) -> Self {
        let node = node.to_owned();
        Self { registry: Registry::new(), node, descriptions: Vec::new(), refused: None }
    }

    /// What has been made, by name.
    pub(super) fn finish(mut self) -> (Registry, Vec<Description>) {
        self.descriptions.sort_unstable_by_key(|description| description.name);
        (self.registry, self.descriptions)
    }

    pub(super) fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Result<IntCounter, MetricsError> {
        let metric = IntCounter::with_opts(self.describe(name, MetricKind::Counter, help, &[]))?;
        self.register(metric)
    }

    pub(super) fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
    ) -> Result<Counters, MetricsError> {
        let metric = IntCounterVec::new(self.describe(name, MetricKind::Counter, help, labels), labels)?;
        Ok(Counters::new(self.register(metric)?, self.refused(name)?))
    }

    pub(super) fn seconds(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
    ) -> Result<Seconds, MetricsError> {
        let metric = CounterVec::new(self.describe(name, MetricKind::Counter, help, labels), labels)?;
        Ok(Seconds::new(self.register(metric)?, self.refused(name)?))
    }

    pub(super) fn gauge(&mut self, name: &'static str, help: &'static str) -> Result<IntGauge, MetricsError> {
        let metric = IntGauge::with_opts(self.describe(name, MetricKind::Gauge, help, &[]))?;
        self.register(metric)
    }

    /// A gauge that is no whole number, or not always one.
    pub(super) fn real(&mut self, name: &'static str, help: &'static str) -> Result<Gauge, MetricsError> {
        let metric = Gauge::with_opts(self.describe(name, MetricKind::Gauge, help, &[]))?;
        self.register(metric)
    }

    pub(super) fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
    ) -> Result<Gauges, MetricsError> {
        let metric = IntGaugeVec::new(self.describe(name, MetricKind::Gauge, help, labels), labels)?;
        Ok(Gauges::new(self.register(metric)?, self.refused(name)?))
    }

    /// `buckets` are upper bounds in seconds.
    pub(super) fn histogram(
        &mut self,
        name: &'static str,
        help: &'static str,
        buckets: &[f64],
    ) -> Result<Histogram, MetricsError> {
        let common_opts = self.describe(name, MetricKind::Histogram, help, &[]);
        self.register(Histogram::with_opts(HistogramOpts { common_opts, buckets: buckets.to_vec() })?)
    }

    /// `buckets` are upper bounds in seconds.
    pub(super) fn histograms(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
        buckets: &[f64],
    ) -> Result<Histograms, MetricsError> {
        let common_opts = self.describe(name, MetricKind::Histogram, help, labels);
        let metric = HistogramVec::new(HistogramOpts { common_opts, buckets: buckets.to_vec() }, labels)?;
        Ok(Histograms::new(self.register(metric)?, self.refused(name)?))
    }

    /// A metric that whoever collects it registers.
    pub(super) fn collected_gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Result<Gauge, MetricsError> {
        Ok(Gauge::with_opts(self.describe(name, MetricKind::Gauge, help, &[]))?)
    }

    /// The same for a counter.
    pub(super) fn collected_counter(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Result<Counter, MetricsError> {
        Ok(Counter::with_opts(self.describe(name, MetricKind::Counter, help, &[]))?)
    }

    /// Shows what `collector` collects.
    pub(super) fn register<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, MetricsError> {
        self.registry.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    fn describe(
        &mut self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        labels: &[&'static str],
    ) -> Opts {
        let mut opts = Opts::new(name, help);
        let mut labels = labels.to_vec();
        if name.starts_with(FIXED_NAMES) {
            opts = opts.const_label(NODE, &self.node);
            labels.push(NODE);
        }
        self.descriptions.push(Description { name, kind, labels, help });
        opts
    }

    fn refused(&mut self, name: &str) -> Result<IntCounter, MetricsError> {
        let metric = if let Some(metric) = &self.refused {
            metric
        } else {
            let help = "What was not shown, or went under `other`, because a metric had a thousand series.";
            let labels = ["metric"];
            let opts = self.describe("rampart_metrics_refused_total", MetricKind::Counter, help, &labels);
            let metric = self.register(IntCounterVec::new(opts, &labels)?)?;
            self.refused.insert(metric)
        };
        Ok(metric.get_metric_with_label_values(&[name])?)
    }
}
