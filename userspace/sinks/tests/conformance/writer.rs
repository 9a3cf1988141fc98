use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use rampart_sinks::stdout::{Format, Stdout};
use tokio::io::AsyncWrite;

use crate::destination::{Destination, Mood, Trouble};

/// Standard output, to a disk that fills.
#[derive(Debug, Clone)]
pub(crate) struct Pipe(Arc<Mutex<(Mood, Vec<u8>)>>);

impl Destination for Pipe {
    type Sink = Stdout<Self>;
    const TROUBLES: &[Trouble] =
        &[(Mood::Refusing, Some("no storage space")), (Mood::Closing, Some("no storage space"))];
    const IS_CHOOSY: bool = false;

    async fn start() -> Self {
        Self(Arc::new(Mutex::new((Mood::Well, Vec::new()))))
    }

    fn sink(&self) -> Self::Sink {
        Stdout::new(self.clone(), Format::Json)
    }

    async fn set(&mut self, mood: Mood) {
        self.0.lock().unwrap().0 = mood;
    }

    fn arrived(&self) -> Vec<u8> {
        self.0.lock().unwrap().1.clone()
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock().unwrap();
        let count = match state.0 {
            Mood::Well => bytes.len(),
            Mood::Closing => bytes.len() / 2,
            _ => 0,
        };
        if state.0 == Mood::Closing {
            state.0 = Mood::Refusing;
        }
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::StorageFull.into()));
        }
        state.1.extend(bytes.iter().take(count));
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
