use std::{collections::VecDeque, sync::Arc};

use rampart_bus::{Dispatch, Encode, Message, WINDOW};
use rampart_model::{Finding, Severity, Timestamp};
use redb::{Database, WriteTransaction};

use super::{
    Limits,
    disk::{self, Key},
    state::LaneState,
    tally::{Tally, rank},
};
use crate::{Store, StoreError};

/// Most bytes of messages offered to a sink that it has not confirmed. One message may be larger.
const IN_FLIGHT_BYTES: u64 = 4 * 1024 * 1024;

/// What is worth a transaction of its own.
const BATCH: usize = 1024;
const BATCH_BYTES: u64 = 1024 * 1024;

/// One sink's queue.
pub(super) struct Queue {
    table: String,
    encoder: Box<dyn Encode>,
    minimum: Severity,
    limits: Limits,
    state: Arc<LaneState>,
    dispatch: Dispatch,
    /// What is on disk; not known before it could be read.
    held: Option<Tally>,
    /// All numbers of this run are larger, and those of what runs before have left are not.
    first: u64,
    /// The number given last.
    last: u64,
    /// All up to this number were written, or dropped.
    written: u64,
    /// All up to this number were offered.
    offered: u64,
    /// What is on disk before what was offered last: of runs before, found when this run had begun to offer, or of a time when the
    /// disk could not be read and newer messages went out from memory. Of each gap all up to the first number were offered, and
    /// the second comes after it.
    gaps: VecDeque<(u64, u64)>,
    /// There are messages on disk that were not offered.
    behind: bool,
    /// Not written yet.
    memory: VecDeque<(u64, Arc<Message>)>,
    in_memory: Tally,
    in_flight: VecDeque<InFlight>,
    in_flight_bytes: u64,
    confirmed: u64,
    /// Confirmed, and still on disk.
    removals: Vec<Key>,
}

struct InFlight {
    number: u64,
    severity: Severity,
    bytes: u64,
    time: Timestamp,
}

/// What a transaction has done, to be believed when it has been committed.
pub(super) struct Written {
    held: Tally,
    dropped: Tally,
}

impl Queue {
    pub(super) fn new(
        name: &Arc<str>,
        minimum: Severity,
        encoder: Box<dyn Encode>,
        limits: Limits,
        state: Arc<LaneState>,
        dispatch: Dispatch,
    ) -> Self {
        Self {
            table: disk::table_name(name),
            encoder,
            minimum,
            limits,
            state,
            dispatch,
            held: None,
            first: 0,
            last: 0,
            written: 0,
            offered: 0,
            gaps: VecDeque::new(),
            behind: false,
            memory: VecDeque::new(),
            in_memory: Tally::default(),
            in_flight: VecDeque::new(),
            in_flight_bytes: 0,
            confirmed: 0,
            removals: Vec::new(),
        }
    }

    /// Takes a finding in.
    pub(super) fn take(&mut self, finding: &Finding) {
        if finding.severity() < self.minimum && !self.encoder.is_needed(finding) {
            return;
        }
        let Some(message) = self.encoder.message(finding) else { return };
        self.last += 1;
        self.in_memory.add(message.severity, disk::size_of_message(&message));
        self.memory.push_back((self.last, Arc::new(message)));
    }

    /// Learns what runs before have left, where that is not known yet; and what is left after the file was opened again.
    pub(super) fn look(&mut self, database: &Database, opened_again: bool) -> Result<(), StoreError> {
        if self.held.is_some() && !opened_again {
            return Ok(());
        }
        let contents = disk::contents(database, &self.table)?;
        if let Some(held) = self.held.replace(contents.held) {
            // Lost with a file that was put aside, or written though the disk said that it was not.
            self.drop_counted(&held.without(&contents.held));
            return Ok(());
        }
        if contents.held.messages() > 0 {
            tracing::info!(
                queue = self.table,
                messages = contents.held.messages(),
                "messages wait from before"
            );
            self.stand_behind(contents.last);
            self.gaps.push_front((0, self.first.saturating_add(1)));
        }
        Ok(())
    }

    /// What this run has numbered already comes after all that runs before have left.
    fn stand_behind(&mut self, last: u64) {
        for number in self
            .memory
            .iter_mut()
            .map(|(number, _)| number)
            .chain(self.in_flight.iter_mut().map(|message| &mut message.number))
            .chain([&mut self.first, &mut self.last, &mut self.written, &mut self.offered])
        {
            *number = number.saturating_add(last);
        }
    }

    /// Whether it could not be seen yet what is on disk.
    pub(super) const fn is_unknown(&self) -> bool {
        self.held.is_none()
    }

    pub(super) fn has_unwritten(&self) -> bool {
        !self.memory.is_empty()
    }

    /// Whether so much waits that it is worth a transaction of its own.
    pub(super) fn has_batch(&self) -> bool {
        self.memory.len() >= BATCH || self.in_memory.bytes() >= BATCH_BYTES
    }

    pub(super) fn bytes_on_disk(&self) -> u64 {
        self.held.unwrap_or_default().bytes()
    }

    pub(super) fn removals(&self) -> usize {
        self.removals.len()
    }

    /// Writes what is in memory, and removes what was confirmed.
    pub(super) fn write(&self, write: &WriteTransaction) -> Result<Written, StoreError> {
        let mut written = Written { held: self.held.unwrap_or_default(), dropped: Tally::default() };
        if self.memory.is_empty() && self.removals.is_empty() {
            return Ok(written);
        }
        let mut table = disk::open(write, &self.table)?;
        for key in &self.removals {
            disk::remove(&mut table, *key, &mut written.held)?;
        }
        for (number, message) in &self.memory {
            disk::append(&mut table, *number, message, &mut written.held)?;
        }
        written.held.add_all(&self.in_memory);
        let excess = written.held.bytes().saturating_sub(self.limits.disk_bytes);
        if excess > 0 {
            written.dropped = disk::make_room(&mut table, excess, |number| self.was_offered(number))?;
            written.held.take_all(&written.dropped);
        }
        Ok(written)
    }

    /// What was written is on disk.
    pub(super) fn committed(&mut self, written: &Written) {
        self.held = Some(written.held);
        self.drop_counted(&written.dropped);
        self.removals.clear();
        self.written = self.last;
        self.in_memory = Tally::default();
        let mut memory = std::mem::take(&mut self.memory);
        memory.retain(|(number, _)| *number > self.offered);
        if memory.is_empty() {
            return;
        }
        // What was dropped may be among them.
        if written.dropped != Tally::default() || self.is_behind() {
            self.behind = true;
            return;
        }
        for (number, message) in memory {
            if !self.offer(number, &message) {
                self.behind = true;
                return;
            }
        }
    }

    /// Nothing could be written: there is only so much room in memory.
    pub(super) fn not_written(&mut self) {
        let mut excess = self.in_memory.bytes().saturating_sub(self.limits.memory_bytes);
        if excess == 0 {
            return;
        }
        let mut dropped = Tally::default();
        for severity in Severity::ALL {
            let offered = self.offered;
            self.memory.retain(|(number, message)| {
                let goes = excess > 0 && *number > offered && message.severity == severity;
                if goes {
                    let bytes = disk::size_of_message(message);
                    excess = excess.saturating_sub(bytes);
                    dropped.add(severity, bytes);
                }
                !goes
            });
        }
        self.in_memory.take_all(&dropped);
        self.drop_counted(&dropped);
    }

    /// The file was put aside, and with it what was in it.
    pub(super) fn lost(&mut self) {
        let held = self.held.replace(Tally::default()).unwrap_or_default();
        self.drop_counted(&held);
        self.gaps.clear();
        self.behind = false;
        self.removals.clear();
    }

    /// Whether a message is in the sink's hands, or has been.
    fn was_offered(&self, number: u64) -> bool {
        let is_in = |(after, before): &(u64, u64)| number > *after && number < *before;
        number <= self.offered && !self.gaps.iter().any(is_in)
    }

    fn drop_counted(&self, dropped: &Tally) {
        self.state.add_dropped(dropped);
    }

    /// Learns what the sink has confirmed, and tells when each of these was made.
    pub(super) fn settle(&mut self, mut told: impl FnMut(Timestamp)) {
        let confirmed = self.dispatch.confirmed();
        while self.confirmed < confirmed {
            self.confirmed += 1;
            let Some(message) = self.in_flight.pop_front() else { continue };
            self.in_flight_bytes = self.in_flight_bytes.saturating_sub(message.bytes);
            told(message.time);
            if message.number <= self.written {
                self.removals.push((rank(message.severity), message.number));
            } else if let Some(index) = self.memory.iter().position(|(number, _)| *number == message.number) {
                self.memory.remove(index);
                self.in_memory.take(message.severity, message.bytes);
            }
        }
    }

    /// Offers what is next, as far as there is room: what is on disk, and while the disk takes nothing also what is not. Where the
    /// disk cannot even be read, newer messages do not wait for those on it.
    pub(super) fn advance(
        &mut self,
        store: &Store,
        may_read: bool,
        unwritten: bool,
    ) -> Result<(), StoreError> {
        let read = if may_read { self.advance_on_disk(store) } else { Ok(()) };
        let is_stuck = self.is_behind() && (read.is_err() || !may_read);
        if !unwritten || (self.is_behind() && !is_stuck) {
            return read;
        }
        self.leave_gap();
        while let Some((number, message)) = self.next_in_memory()
            && self.offer(number, &message)
        {}
        read
    }

    fn next_in_memory(&self) -> Option<(u64, Arc<Message>)> {
        let next = self.memory.partition_point(|(number, _)| *number <= self.offered);
        self.memory.get(next).cloned()
    }

    fn advance_on_disk(&mut self, store: &Store) -> Result<(), StoreError> {
        while self.is_behind() && self.has_room() {
            let newest = (self.offered, self.written.saturating_add(1));
            let (after, before) = self.gaps.front().copied().unwrap_or(newest);
            let count = WINDOW.saturating_sub(self.in_flight.len());
            let bytes = IN_FLIGHT_BYTES.saturating_sub(self.in_flight_bytes);
            let messages =
                store.with(|database| disk::read(database, &self.table, after..before, count, bytes))?;
            if messages.is_empty() {
                self.caught_up();
                continue;
            }
            for (number, message) in messages {
                if !self.offer(number, &message) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Goes on with what is in memory; what is on disk before that is offered when it can be read.
    fn leave_gap(&mut self) {
        let next = self.memory.iter().find(|(number, _)| *number > self.offered);
        let Some((next, _)) = next.filter(|_| self.behind) else { return };
        match self.gaps.back_mut() {
            // Nothing was offered since the last one.
            Some((_, before)) if *before == self.offered.saturating_add(1) => *before = *next,
            _ => self.gaps.push_back((self.offered, *next)),
        }
        self.offered = next.saturating_sub(1);
        self.behind = false;
    }

    /// Whether messages are to be read from the disk.
    pub(super) fn is_behind(&self) -> bool {
        self.behind || !self.gaps.is_empty()
    }

    fn has_room(&self) -> bool {
        self.in_flight.len() < WINDOW && self.in_flight_bytes < IN_FLIGHT_BYTES
    }

    fn caught_up(&mut self) {
        if self.gaps.pop_front().is_none() {
            self.behind = false;
        }
    }

    fn offer(&mut self, number: u64, message: &Arc<Message>) -> bool {
        if !self.has_room() || !self.dispatch.offer(Arc::clone(message)) {
            return false;
        }
        match self.gaps.front_mut() {
            Some((offered, before)) if number < *before => *offered = number,
            _ => self.offered = number,
        }
        let bytes = disk::size_of_message(message);
        self.in_flight_bytes += bytes;
        self.in_flight.push_back(InFlight { number, severity: message.severity, bytes, time: message.time });
        true
    }

    /// Whether all that was taken in has arrived, or nobody is there to take it.
    pub(super) fn is_done(&self) -> bool {
        let all = !self.is_behind() && self.memory.is_empty() && self.in_flight.is_empty();
        all || self.dispatch.is_closed()
    }

    pub(super) fn account(&self) {
        self.state.set_held(&self.held.unwrap_or_default(), &self.in_memory);
    }
}

#[cfg(test)]
mod tests;
