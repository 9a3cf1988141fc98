use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::ManagerAddress;

/// A question that a manager answers to anybody: no key, no encryption. The length goes before it as before any message.
const PING: &[u8] = b"\x05\0\0\0#ping";
const PONG: &[u8] = b"\x05\0\0\0#pong";

/// Whether the manager takes connections and answers, all in `limit`.
pub async fn ping(manager: &ManagerAddress, limit: Duration) -> bool {
    let exchange = async {
        let mut stream = manager.connect(manager.port, limit).await.ok()?;
        stream.write_all(PING).await.ok()?;
        let mut answer = [0; PONG.len()];
        stream.read_exact(&mut answer).await.ok()?;
        (answer == PONG).then_some(())
    };
    timeout(limit, exchange).await.is_ok_and(|answer| answer.is_some())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn only_the_right_answer_counts() {
        for (answer, good) in
            [(PONG, true), (b"\x05\0\0\0#pong more".as_slice(), true), (PING, false), (b"\x05\0", false)]
        {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let manager = ManagerAddress { port, ..ManagerAddress::new("127.0.0.1").unwrap() };
            let serve = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut question = [0; PING.len()];
                stream.read_exact(&mut question).await.unwrap();
                assert_eq!(question, PING);
                stream.write_all(answer).await.unwrap();
            };
            let (answered, ()) = tokio::join!(ping(&manager, Duration::from_secs(20)), serve);
            assert_eq!(answered, good, "{answer:?}");
        }
    }
}
