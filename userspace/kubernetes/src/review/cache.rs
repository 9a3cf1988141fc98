use std::{num::NonZeroUsize, time::Duration};

use lru::LruCache;
use tokio::time::Instant;

use super::Review;

/// Most answers that are remembered.
const ANSWERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// How long: who may now may not for so long after that has been taken back, or the token was.
const ALLOWED: Duration = Duration::from_mins(1);
const REFUSED: Duration = Duration::from_secs(10);

/// The hash of a question.
pub(super) type Key = [u8; 32];

/// What was answered lately.
pub(super) struct Cache {
    answers: LruCache<Key, (Instant, Review)>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { answers: LruCache::new(ANSWERS) }
    }
}

impl Cache {
    pub(super) fn get(&mut self, key: &Key, now: Instant) -> Option<Review> {
        let (until, review) = self.answers.get(key)?;
        if now < *until {
            return Some(review.clone());
        }
        self.answers.pop(key);
        None
    }

    pub(super) fn put(&mut self, key: Key, review: Review, now: Instant) {
        let validity = match &review {
            Review::Allowed { .. } => ALLOWED,
            Review::Forbidden { .. } | Review::Unauthenticated { .. } => REFUSED,
        };
        self.answers.put(key, (now + validity, review));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u16) -> Key {
        let mut key = Key::default();
        key[..2].copy_from_slice(&number.to_le_bytes());
        key
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_remembered_for_a_time_and_so_many() {
        let now = Instant::now();
        let who = || "u".to_owned();
        for (review, seconds) in [
            (Review::Allowed { user: who() }, 60),
            (Review::Forbidden { user: who(), why: String::new() }, 10),
            (Review::Unauthenticated { why: String::new() }, 10),
        ] {
            let mut cache = Cache::default();
            cache.put(key(0), review.clone(), now);
            assert_eq!(cache.get(&key(0), now + Duration::from_secs(seconds - 1)), Some(review.clone()));
            assert_eq!(cache.get(&key(0), now + Duration::from_secs(seconds)), None);
            assert_eq!(cache.get(&key(0), now), None, "it is forgotten");
            for number in 0..=1024 {
                cache.put(key(number), review.clone(), now);
            }
            assert_eq!((cache.get(&key(0), now), cache.answers.len()), (None, 1024));
        }
    }
}
