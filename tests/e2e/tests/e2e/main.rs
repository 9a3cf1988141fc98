//! The whole daemon on the running kernel.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, also in the functions that it shares with others"
)]

mod accounting;
mod alerts;
mod assessment;
mod capture;
mod churn;
mod containers;
mod delivery;
mod detection;
mod enrolment;
mod full_disk;
mod hot_reload;
mod outage;
mod overload;
mod privilege;
mod processor;
mod quiet;
mod refusal;
mod reload;
mod scan;
mod shutdown;
mod site;
mod stalled_manager;
mod swap;
mod telemetry;
mod wazuh_command;
