//! One test for all sinks: whatever happens to a destination, all findings arrive, in order, at least once, and nobody learns a
//! secret. A sink is added by a [`Destination`](destination::Destination) and a row.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

mod certificate;
mod collector;
mod course;
mod destination;
mod disk;
mod finding;
mod gate;
mod log;
mod receiver;
mod station;
mod writer;

use course::conforms;

macro_rules! sinks {
    ($($name:ident: $destination:ty;)*) => {$(
        #[tokio::test]
        async fn $name() {
            conforms::<$destination>().await;
        }
    )*};
}

sinks! {
    stdout_delivers_all_and_shows_no_secret: writer::Pipe;
    file_delivers_all_and_shows_no_secret: disk::Disk;
    webhook_delivers_all_and_shows_no_secret: receiver::Receiver<receiver::Signed>;
    slack_delivers_all_and_shows_no_secret: receiver::Receiver<receiver::Channel>;
    syslog_over_tls_delivers_all_and_shows_no_secret: collector::Collector<true>;
    syslog_over_tcp_delivers_all_and_shows_no_secret: collector::Collector<false>;
    wazuh_delivers_all_and_shows_no_secret: station::Station;
}
