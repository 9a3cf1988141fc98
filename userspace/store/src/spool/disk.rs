//! A sink's queue in the store's file: `(severity, number)` to a message. So what goes first at the bound stands first, and
//! what is to be sent next is the lowest number of five ranges.

use std::sync::Arc;

use rampart_bus::Message;
use rampart_model::{Severity, Timestamp};
use redb::{
    Database, Range, ReadTransaction, ReadableDatabase as _, ReadableTable as _, Table, TableDefinition,
    TableError,
};

use super::tally::{Tally, rank};
use crate::StoreError;

pub(super) type Key = (u8, u64);

/// First byte of a value: how the rest is to be read.
const FORMAT: u8 = 1;

/// Format and time, before the body.
const HEADER: usize = 1 + size_of::<i64>();

/// What a queue's table is called in the file.
pub(super) fn table_name(sink: &str) -> String {
    format!("spool/{sink}")
}

const fn definition(name: &str) -> TableDefinition<'_, Key, &'static [u8]> {
    TableDefinition::new(name)
}

/// What there is when the file has been opened.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) held: Tally,
    /// The largest number; 0 where there is none.
    pub(super) last: u64,
}

/// Counts what a queue holds.
pub(super) fn contents(database: &Database, name: &str) -> Result<Contents, StoreError> {
    let read = database.begin_read()?;
    let mut contents = Contents::default();
    for severity in Severity::ALL {
        let Some(messages) = range(&read, name, severity, 0, u64::MAX)? else { return Ok(contents) };
        for entry in messages {
            let (key, value) = entry?;
            contents.held.add(severity, size(value.value()));
            contents.last = contents.last.max(key.value().1);
        }
    }
    Ok(contents)
}

/// The next messages after one number and before the other, at most `count` of at most `bytes` together (but at least one),
/// in order.
pub(super) fn read(
    database: &Database,
    name: &str,
    numbers: std::ops::Range<u64>,
    count: usize,
    bytes: u64,
) -> Result<Vec<(u64, Arc<Message>)>, StoreError> {
    let read = database.begin_read()?;
    let mut queues = Vec::new();
    for severity in Severity::ALL {
        let Some(mut messages) = range(&read, name, severity, numbers.start.saturating_add(1), numbers.end)?
        else {
            return Ok(Vec::new());
        };
        if let Some(head) = next(&mut messages, severity)? {
            queues.push((head, severity, messages));
        }
    }
    let mut out = Vec::new();
    let mut total = 0;
    while out.len() < count && (out.is_empty() || total < bytes) {
        let heads = queues.iter_mut().enumerate();
        let Some((index, (head, severity, messages))) = heads.min_by_key(|(_, (head, ..))| head.0) else {
            break;
        };
        let (number, message) = if let Some(following) = next(messages, *severity)? {
            std::mem::replace(head, following)
        } else {
            queues.swap_remove(index).0
        };
        total += message.body.len() as u64;
        out.push((number, Arc::new(message)));
    }
    Ok(out)
}

fn range(
    read: &ReadTransaction,
    name: &str,
    severity: Severity,
    from: u64,
    before: u64,
) -> Result<Option<Range<'static, Key, &'static [u8]>>, StoreError> {
    match read.open_table(definition(name)) {
        Ok(table) => Ok(Some(table.range((rank(severity), from)..(rank(severity), before.max(from)))?)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn next(
    messages: &mut Range<'static, Key, &'static [u8]>,
    severity: Severity,
) -> Result<Option<(u64, Message)>, StoreError> {
    let Some(entry) = messages.next() else { return Ok(None) };
    let (key, value) = entry?;
    Ok(Some((key.value().1, decode(value.value(), severity))))
}

/// Writes the message `number` of a queue. What the disk has taken before, though it said that it had not, is taken off what is held.
pub(super) fn append(
    table: &mut Table<'_, Key, &'static [u8]>,
    number: u64,
    message: &Message,
    held: &mut Tally,
) -> Result<(), StoreError> {
    let mut value = Vec::with_capacity(HEADER + message.body.len());
    value.push(FORMAT);
    value.extend(i64::try_from(message.time.as_nanos()).unwrap_or(i64::MAX).to_le_bytes());
    value.extend(&*message.body);
    if let Some(before) = table.insert((rank(message.severity), number), value.as_slice())? {
        held.take(message.severity, size(before.value()));
    }
    Ok(())
}

/// Removes a message, and takes it off what is held.
pub(super) fn remove(
    table: &mut Table<'_, Key, &'static [u8]>,
    key: Key,
    held: &mut Tally,
) -> Result<(), StoreError> {
    if let Some(value) = table.remove(key)? {
        let severity = Severity::ALL.into_iter().find(|severity| rank(*severity) == key.0);
        held.take(severity.unwrap_or(Severity::Critical), size(value.value()));
    }
    Ok(())
}

/// Removes the oldest of the mildest until at least `bytes` are gone, and tells what that was. Those that are spared, by their
/// numbers, stay.
pub(super) fn make_room(
    table: &mut Table<'_, Key, &'static [u8]>,
    bytes: u64,
    is_spared: impl Fn(u64) -> bool,
) -> Result<Tally, StoreError> {
    let mut removed = Tally::default();
    for severity in Severity::ALL {
        let from = (rank(severity), 0);
        let mut last = None;
        let mut found = 0;
        for entry in table.range(from..=(rank(severity), u64::MAX))? {
            if removed.bytes() + found >= bytes {
                break;
            }
            let (key, value) = entry?;
            if is_spared(key.value().1) {
                continue;
            }
            found += size(value.value());
            last = Some(key.value());
        }
        if let Some(last) = last {
            table.retain_in(from..=last, |(_, number), value| {
                let stays = is_spared(number);
                if !stays {
                    removed.add(severity, size(value));
                }
                stays
            })?;
        }
    }
    Ok(removed)
}

/// Opens a queue's table to write to it.
pub(super) fn open<'t>(
    write: &'t redb::WriteTransaction,
    name: &str,
) -> Result<Table<'t, Key, &'static [u8]>, StoreError> {
    Ok(write.open_table(definition(name))?)
}

/// A message's size as the bounds count it.
pub(super) const fn size_of_message(message: &Message) -> u64 {
    (HEADER + message.body.len()) as u64
}

const fn size(value: &[u8]) -> u64 {
    value.len() as u64
}

/// What this version did not write is delivered as it is, without a time.
fn decode(value: &[u8], severity: Severity) -> Message {
    let header = value.split_first().filter(|(format, _)| **format == FORMAT);
    match header.and_then(|(_, rest)| rest.split_first_chunk()) {
        Some((time, body)) => {
            let time = Timestamp::from_nanos(i64::from_le_bytes(*time).into());
            Message { time, severity, body: body.into() }
        }
        None => Message { time: Timestamp::EPOCH, severity, body: value.into() },
    }
}
