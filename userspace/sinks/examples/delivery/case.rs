//! What is measured.

mod agent;
mod keeping;

use std::{
    path::Path,
    sync::Arc,
    thread::{self, Scope, ScopedJoinHandle},
    time::Duration,
};

use rampart_bus::{Dispatch, Encode as _, Message, Overflow, channel, outbox};
use rampart_sinks::wazuh::WazuhEncoder;
use rampart_wazuh::{AgentKey, Counter, Sealer};
use tokio::sync::Notify;

use crate::{
    Outcome,
    figures::Figures,
    load::Load,
    manager::Station,
    meter::{Meter, peak_kibibytes, thread_seconds},
};

/// Findings between who makes them and who keeps them.
const CHANNEL: usize = 1024;

/// How often it is looked whether all are on disk.
const LOOK: Duration = Duration::from_millis(2);

/// The agent's own word that it has started, which the manager counts as well.
const GREETING: u64 = 1;

/// Findings become messages.
pub(crate) fn encode(count: u64) -> Figures {
    let (load, mut bytes) = (Load::new(), 0);
    let meter = Meter::start();
    for finding in load.take(count) {
        bytes += WazuhEncoder.encode(finding).map_or(0, |message| message.len() as u64);
    }
    let seconds = meter.wall_seconds();
    Figures { seconds, message_bytes: bytes, ..end(count, &meter) }
}

/// Messages become frames.
pub(crate) fn seal(count: u64) -> Outcome<Figures> {
    let key = AgentKey::parse(&format!("001 node-1 any {}", "0123456789abcdef".repeat(4)))?;
    let messages: Vec<_> =
        Load::new().different().iter().filter_map(|finding| WazuhEncoder.encode(finding)).collect();
    let (mut sealer, mut out, mut wire_bytes) = (Sealer::new(&key, Counter::default()), Vec::new(), 0);
    let meter = Meter::start();
    for (_, message) in (0..count).zip(messages.iter().cycle()) {
        out.clear();
        sealer.seal(message, &mut out)?;
        wire_bytes += out.len() as u64;
    }
    let seconds = meter.wall_seconds();
    Ok(Figures { seconds, wire_bytes, ..end(count, &meter) })
}

/// Findings are kept, and confirmed as soon as they are offered.
pub(crate) fn spool(count: u64, folder: &Path) -> Outcome<Figures> {
    let load = Load::new();
    let (keeper, mut outbox) = keeping::open(folder)?;
    let (sender, receiver) = channel("findings", CHANNEL, Overflow::Block);
    let meter = Meter::start();
    thread::scope(|scope| {
        let keeper = timed(scope, "keeper", move || keeping::run(keeper, receiver, None))?;
        let consumer = timed(scope, "consumer", move || {
            current_thread()?.block_on(async {
                let mut taken = 0;
                loop {
                    let messages = outbox.next().await.len();
                    outbox.confirm(messages);
                    taken += messages as u64;
                    if messages == 0 {
                        return Ok(taken);
                    }
                }
            })
        })?;
        for finding in load.take(count) {
            sender.send_blocking(Arc::clone(finding))?;
        }
        drop(sender);
        let ((), keeper_seconds) = joined(keeper)?;
        let seconds = meter.wall_seconds();
        let (taken, _) = joined(consumer)?;
        expect(taken, count)?;
        let file_bytes = keeping::file_bytes(folder);
        Ok(Figures { seconds, keeper_seconds, file_bytes, ..end(count, &meter) })
    })
}

/// Findings go to a manager, kept nowhere.
pub(crate) fn direct(count: u64, folder: &Path) -> Outcome<Figures> {
    let load = Load::new();
    let mut station = Station::start()?;
    let changed = Arc::<Notify>::default();
    let (outbox, dispatch) = outbox(Arc::clone(&changed));
    let (agent, status) = agent::new(folder, &station.place, outbox)?;
    let meter = Meter::start();
    thread::scope(|scope| {
        let sender = timed(scope, "sender", move || agent::run(agent))?;
        current_thread()?.block_on(offer_all(&load, count, &dispatch, &changed));
        station.wait(count + GREETING)?;
        let seconds = meter.wall_seconds();
        drop(dispatch);
        let ((), sender_seconds) = joined(sender)?;
        expect(status.counters().events_confirmed.get(), count)?;
        let wire_bytes = status.counters().bytes_sent.get();
        Ok(Figures { seconds, sender_seconds, wire_bytes, ..end(count, &meter) })
    })
}

async fn offer_all(load: &Load, count: u64, dispatch: &Dispatch, changed: &Notify) {
    for finding in load.take(count) {
        let Some(message) = WazuhEncoder.message(finding).map(Arc::<Message>::new) else { continue };
        while !dispatch.offer(Arc::clone(&message)) {
            changed.notified().await;
        }
    }
}

/// Findings are kept and go to a manager.
pub(crate) fn whole(count: u64, folder: &Path) -> Outcome<Figures> {
    delivered(count, count, folder)
}

/// Findings are kept, and there is no manager.
pub(crate) fn fill(count: u64, folder: &Path) -> Outcome<Figures> {
    let load = Load::new();
    let (keeper, _outbox) = keeping::open(folder)?;
    let (sender, receiver) = channel("findings", CHANNEL, Overflow::Block);
    let (state, stop) = (keeper.state(), rampart_bus::CancellationToken::new());
    let meter = Meter::start();
    thread::scope(|scope| {
        let stopped = stop.clone();
        let keeper = timed(scope, "keeper", move || keeping::run(keeper, receiver, Some(stopped)))?;
        for finding in load.take(count) {
            sender.send_blocking(Arc::clone(finding))?;
        }
        drop(sender);
        while !keeping::is_on_disk(&state, count) && !keeper.is_finished() {
            thread::sleep(LOOK);
        }
        let seconds = meter.wall_seconds();
        stop.cancel();
        let ((), keeper_seconds) = joined(keeper)?;
        keeping::expect_none_dropped(&state)?;
        let file_bytes = keeping::file_bytes(folder);
        Ok(Figures { seconds, keeper_seconds, file_bytes, ..end(count, &meter) })
    })
}

/// What [`fill`] has left goes to a manager.
pub(crate) fn drain(count: u64, folder: &Path) -> Outcome<Figures> {
    delivered(0, count, folder)
}

/// Keeps `new` findings, and waits until the manager has `count`.
fn delivered(new: u64, count: u64, folder: &Path) -> Outcome<Figures> {
    let load = Load::new();
    let mut station = Station::start()?;
    let (keeper, outbox) = keeping::open(folder)?;
    let (agent, status) = agent::new(folder, &station.place, outbox)?;
    let (sender, receiver) = channel("findings", CHANNEL, Overflow::Block);
    let state = keeper.state();
    let meter = Meter::start();
    thread::scope(|scope| {
        let keeper = timed(scope, "keeper", move || keeping::run(keeper, receiver, None))?;
        let agent = timed(scope, "sender", move || agent::run(agent))?;
        for finding in load.take(new) {
            sender.send_blocking(Arc::clone(finding))?;
        }
        drop(sender);
        station.wait(count + GREETING)?;
        let seconds = meter.wall_seconds();
        let ((), keeper_seconds) = joined(keeper)?;
        let ((), sender_seconds) = joined(agent)?;
        keeping::expect_none_dropped(&state)?;
        expect(status.counters().events_confirmed.get(), count)?;
        let (wire_bytes, file_bytes) = (status.counters().bytes_sent.get(), keeping::file_bytes(folder));
        let figures = end(count, &meter);
        Ok(Figures { seconds, keeper_seconds, sender_seconds, wire_bytes, file_bytes, ..figures })
    })
}

/// What is the same for all.
fn end(findings: u64, meter: &Meter) -> Figures {
    let process_seconds = meter.process_seconds();
    Figures { findings, process_seconds, peak_kibibytes: peak_kibibytes(), ..Figures::default() }
}

fn expect(count: u64, expected: u64) -> Outcome<()> {
    if count == expected { Ok(()) } else { Err(format!("{count} findings in place of {expected}").into()) }
}

fn current_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// A thread, and the processor time that it takes.
fn timed<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> Outcome<T> + Send + 'scope,
) -> std::io::Result<ScopedJoinHandle<'scope, Outcome<(T, f64)>>> {
    let work = move || Ok((work()?, thread_seconds()));
    thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work)
}

fn joined<T>(thread: ScopedJoinHandle<'_, Outcome<(T, f64)>>) -> Outcome<(T, f64)> {
    thread.join().unwrap_or_else(|_| Err("a thread has panicked".into()))
}
