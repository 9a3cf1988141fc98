use rampart_bus::Encode;
use rampart_model::Finding;

/// A finding as one JSON object with ECS field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// Alone.
    Object,
    /// With the end of its line.
    Line,
}

impl Encode for Json {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        let mut json = serde_json::to_vec(finding).ok()?;
        if matches!(self, Self::Line) {
            json.push(b'\n');
        }
        Some(json.into())
    }
}
