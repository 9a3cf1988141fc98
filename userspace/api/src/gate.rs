/// Who may ask.
pub trait Gate: Send + Sync + 'static {
    /// Whether whoever bears `token` may get `path`. Asked for each request, so it should remember; who takes longer than five
    /// seconds has not decided. `token` is one by RFC 6750's grammar, of at most 16 KiB.
    fn admit(&self, token: &str, path: &str) -> impl Future<Output = Admission> + Send;
}

/// What a [`Gate`] says of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Known, and allowed to.
    Allowed {
        /// Who it is.
        user: String,
    },
    /// Known, and not allowed to.
    Forbidden {
        /// Who it is.
        user: String,
        /// Why not, for people.
        why: String,
    },
    /// Not known.
    Unauthenticated {
        /// Why not. It goes into the log alone.
        why: String,
    },
    /// It cannot be told: nobody is let in.
    Undecided {
        /// Why not. It goes into the log alone.
        why: String,
    },
}
