use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use rampart_api::{Admission, Gate};

/// Knows four tokens, decides on one never, and writes down what it was asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeGate {
    asked: Arc<Mutex<Vec<String>>>,
}

impl FakeGate {
    /// Paths and tokens.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Gate for FakeGate {
    async fn admit(&self, token: &str, path: &str) -> Admission {
        self.asked.lock().unwrap().push(format!("{path} {token}"));
        // The worst that an API server may say: it quotes the token.
        let why = format!("says {token}");
        match token {
            "reader" => Admission::Allowed { user: "collector".to_owned() },
            "other" => {
                Admission::Forbidden { user: "somebody\r\nelse".to_owned(), why: "no role".to_owned() }
            }
            "quoted" => Admission::Forbidden { user: why.clone(), why },
            "away" => Admission::Undecided { why },
            "stuck" => pending().await,
            _ => Admission::Unauthenticated { why },
        }
    }
}
