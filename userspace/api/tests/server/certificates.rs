use rcgen::date_time_ymd;

use crate::{
    secret::{Pair, Secret, params},
    station::{LOOK_INTERVAL, Station},
};

/// So often the files are looked at before a test gives up.
const LOOKS: u32 = 500;

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so().await {
            return;
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    panic!("never: {what}");
}

async fn shown(station: &Station) -> Option<Vec<u8>> {
    let stream = station.handshake().await.ok()?;
    let (_, connection) = stream.get_ref();
    connection.peer_certificates().map(|chain| chain[0].to_vec())
}

fn swap(station: &mut Station, pair: &Pair) {
    station.secret.swap(&pair.certificate, &pair.key);
}

#[tokio::test]
async fn each_new_certificate_is_shown() {
    let mut station = Station::start().await;
    for _ in 0..3 {
        let pair = station.secret.new_pair();
        swap(&mut station, &pair);
        until("it is shown", async || shown(&station).await.as_ref() == Some(&pair.der)).await;
        assert!(station.ask_as("reader").await.contains("No empty passwords"));
    }
}

#[tokio::test]
async fn a_pair_that_is_not_sound_leaves_the_old_one() {
    let mut station = Station::start().await;
    let old = shown(&station).await;
    let (one, two) = (station.secret.new_pair(), station.secret.new_pair());
    let cut: String = one.certificate.chars().take(200).collect();
    for (certificate, key, expected) in [
        (&one.certificate, &two.key, "not the private key of the certificate"),
        (&cut, &one.key, "it has no end"),
        (&one.certificate, &String::new(), "no private key"),
        (&String::new(), &one.key, "no certificate in PEM form"),
    ] {
        station.secret.swap(certificate, key);
        until(expected, async || station.health().contains(expected)).await;
        assert!(station.health().contains("degraded: the certificate is an old one"), "{}", station.health());
        assert_eq!(shown(&station).await, old, "{expected}");
    }
    swap(&mut station, &two);
    until("the next sound one is shown", async || shown(&station).await.as_ref() == Some(&two.der)).await;
    assert!(station.health().contains("results: ok"), "{}", station.health());
}

#[tokio::test]
async fn a_certificate_may_come_later() {
    let mut station = Station::start_with(Secret::new()).await;
    assert_eq!(shown(&station).await, None);
    assert!(
        station.health().contains("results: degraded: there is no certificate: "),
        "{}",
        station.health()
    );
    assert!(station.shows("rampart_api_cut_total{reason=\"uncertified\"} 1"), "{}", station.metrics());
    assert!(station.shows("rampart_api_certificate_expiry_timestamp_seconds NaN"), "{}", station.metrics());
    let pair = station.secret.new_pair();
    swap(&mut station, &pair);
    until("it is shown", async || shown(&station).await.as_ref() == Some(&pair.der)).await;
    assert!(station.health().contains("results: ok"), "{}", station.health());
}

#[tokio::test]
async fn when_it_expires_is_told() {
    let mut station = Station::start().await;
    for (year, expected) in [(2030, "results: ok"), (2026, "expired at 2026-01-01T00:00:00")] {
        let mut params = params();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let pair = station.secret.sign(&params);
        swap(&mut station, &pair);
        let line =
            format!("rampart_api_certificate_expiry_timestamp_seconds {}", params.not_after.unix_timestamp());
        until(&line, async || station.shows(&line)).await;
        assert!(station.health().contains(expected), "{}", station.health());
    }
}
