use std::{cell::RefCell, io};

thread_local! {
    // Each test has a thread to itself, and its server runs on it.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        TEXT.with_borrow_mut(|all| all.extend_from_slice(text));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// For the whole process: of two subscribers the one that hears nothing may decide for both. The first of all calls counts.
pub(crate) fn keep() {
    let subscriber =
        tracing_subscriber::fmt().with_env_filter("trace").with_ansi(false).with_writer(|| Writer);
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap_or_default();
}

/// What was logged in this test.
pub(crate) fn text() -> String {
    TEXT.with_borrow(|all| String::from_utf8(all.clone()).unwrap())
}
