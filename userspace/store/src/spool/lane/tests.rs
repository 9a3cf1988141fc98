use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use rampart_bus::{Outbox, outbox};
use rampart_testkit::sample;

use super::*;

/// A message is the number of findings before it.
struct Count(AtomicU32);

impl Encode for Count {
    fn encode(&self, _finding: &Finding) -> Option<Box<[u8]>> {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        Some(count.to_string().into_bytes().into())
    }
}

fn write(queue: &mut Queue, store: &Store) {
    let written = store.with(|database| {
        queue.look(database, false)?;
        let write = database.begin_write()?;
        let written = queue.write(&write)?;
        write.commit()?;
        Ok(written)
    });
    queue.committed(&written.unwrap());
}

async fn receive(queue: &mut Queue, outbox: &mut Outbox) -> Vec<String> {
    let messages = outbox.next().await;
    outbox.confirm(messages.len());
    queue.settle(|_| {});
    messages.iter().map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
}

fn queue() -> (Queue, Outbox) {
    let (name, encoder) = (Arc::<str>::from("a"), Box::new(Count(0.into())));
    let state = Arc::new(LaneState::new(Arc::clone(&name)));
    let (outbox, dispatch) = outbox(Arc::default());
    (Queue::new(&name, Severity::Informational, encoder, Limits::default(), state, dispatch), outbox)
}

#[test]
fn what_is_gone_when_the_file_is_opened_again_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| Store::new(&folder.path().join(name)));
    let ((mut queue, _outbox), finding) = (queue(), sample::finding());
    (0..3).for_each(|_| queue.take(&finding));
    write(&mut queue, &old);
    for (store, held, dropped) in [(&old, 3, 0), (&new, 0, 3)] {
        store.with(|database| queue.look(database, true)).unwrap();
        let counted = (queue.held.unwrap().messages(), queue.state.dropped(finding.severity()));
        assert_eq!(counted, (held, dropped));
    }
}

#[tokio::test]
async fn newer_messages_do_not_wait_for_a_disk_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let [good, bad] = ["good", "bad"].map(|name| Store::new(&folder.path().join(name)));
    fs::write(folder.path().join("bad"), "no folder").unwrap();
    let (mut queue, mut outbox) = queue();
    let finding = sample::finding();
    let all = u32::try_from(WINDOW).unwrap() + 2;
    (0..all).for_each(|_| queue.take(&finding));
    write(&mut queue, &good);
    assert!(queue.is_behind(), "the window is full");

    // The disk goes, and two more come.
    (0..2).for_each(|_| queue.take(&finding));
    let mut received = 0;
    while received < WINDOW {
        received += receive(&mut queue, &mut outbox).await.len();
    }
    queue.advance(&bad, true, true).unwrap_err();
    assert_eq!(receive(&mut queue, &mut outbox).await, [all.to_string(), (all + 1).to_string()]);
    queue.take(&finding);
    queue.advance(&bad, false, true).unwrap();
    assert_eq!(receive(&mut queue, &mut outbox).await, [(all + 2).to_string()]);

    // The disk is back, and so are those that were on it alone.
    queue.take(&finding);
    write(&mut queue, &good);
    queue.advance(&good, true, false).unwrap();
    let last = [all - 2, all - 1, all + 3].map(|number| number.to_string());
    assert_eq!(receive(&mut queue, &mut outbox).await, last);
    assert!(!queue.is_behind());
    write(&mut queue, &good);
    assert_eq!(queue.held.unwrap().messages(), 0);
}
