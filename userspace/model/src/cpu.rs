/// How much of a processor a process has used, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CpuUsage {
    /// Of one processor's time over all those seconds, rounded: several threads together can use more than 100.
    pub percent: u32,
    /// For how long without a break.
    pub seconds: u32,
}
