use std::{any::type_name, collections::BTreeSet, sync::Arc, time::Duration};

use rampart_bus::{Dispatch, SinkState, outbox};

use crate::{
    destination::{Delivery as _, Destination, Mood, Trouble},
    finding::{COUNT, POISONED, finding, numbers},
    log::Log,
};

/// So many findings come before the trouble.
const BEFORE: u64 = 5;

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// All troubles of a destination, one after the other; and what is said of them shows no secret.
pub(crate) async fn conforms<D: Destination>() {
    let log = Log::capture();
    for trouble in D::TROUBLES {
        let mut destination = D::start().await;
        let sink = format!("{:?}", destination.sink());
        let said = run(&mut destination, *trouble).await;
        let log = log.text();
        assert!(log.contains(&said), "not in the log: {said}");
        for secret in destination.secrets() {
            for (place, text) in [("sink", &sink), ("trouble", &said), ("log", &log)] {
                assert!(!text.contains(&secret), "{place} shows {secret}: {text}");
            }
        }
    }
}

/// Some findings, then trouble and more findings, then none: what the sink said of the trouble.
async fn run<D: Destination>(destination: &mut D, (mood, expected): Trouble) -> String {
    let sink = destination.sink();
    let bodies: Vec<_> = (1..=COUNT).map(|number| Arc::new(sink.encoded(&finding(number)))).collect();
    let offer = |dispatch: &Dispatch, numbers: std::ops::RangeInclusive<u64>| {
        for (_, message) in (1..).zip(&bodies).filter(|(number, _)| numbers.contains(number)) {
            assert!(dispatch.offer(Arc::clone(message)));
        }
    };
    let (outbox, dispatch) = outbox(Arc::default());
    let state = Arc::<SinkState>::default();
    let script = async {
        offer(&dispatch, 1..=BEFORE);
        until(mood, &state, || dispatch.confirmed() == BEFORE).await;
        destination.set(mood).await;
        offer(&dispatch, BEFORE + 1..=COUNT);
        let mut said = String::new();
        if let Some(expected) = expected {
            let is_told = || state.trouble().is_some_and(|trouble| trouble.contains(expected));
            until(mood, &state, is_told).await;
            assert!(dispatch.confirmed() < COUNT, "{mood:?}: nothing is held back");
            said = state.trouble().unwrap_or_default().to_string();
            destination.set(Mood::Well).await;
        }
        until(mood, &state, || dispatch.confirmed() == COUNT).await;
        drop(dispatch);
        said
    };
    let ((), said) = tokio::join!(sink.deliver(type_name::<D>(), outbox, &state), script);
    assert_eq!(state.trouble(), None, "{mood:?}");
    account::<D>(mood, &state, &numbers(&destination.arrived()));
    said
}

fn account<D: Destination>(mood: Mood, state: &SinkState, arrived: &[u64]) {
    let mut seen = BTreeSet::new();
    let firsts: Vec<u64> = arrived.iter().copied().filter(|number| seen.insert(*number)).collect();
    let expected: Vec<u64> = (1..=COUNT).filter(|number| !(D::IS_CHOOSY && *number == POISONED)).collect();
    assert_eq!(firsts, expected, "{mood:?}: {arrived:?}");
    assert_eq!(state.refused(), u64::from(D::IS_CHOOSY), "{mood:?}");
    assert_eq!(state.delivered() + state.refused(), COUNT, "{mood:?}");
}

async fn until(mood: Mood, state: &SinkState, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "{mood:?}: stuck with {state:?}");
}
