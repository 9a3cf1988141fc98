use std::{collections::HashMap, net::IpAddr};

/// Which of the connections, the oldest first, is to make room for another: the oldest of whoever has most. So one peer that comes in
/// a crowd takes the place of none but its own, and the kubelet and Prometheus are answered all the while.
#[must_use]
pub fn to_make_room(peers: impl Iterator<Item = IpAddr>) -> Option<usize> {
    let mut crowds = HashMap::<IpAddr, (usize, usize)>::new();
    for (index, peer) in peers.enumerate() {
        crowds.entry(peer).or_insert((0, index)).0 += 1;
    }
    // Of crowds as large as each other, the one that came first.
    crowds
        .into_values()
        .max_by_key(|(size, oldest)| (*size, std::cmp::Reverse(*oldest)))
        .map(|(_, oldest)| oldest)
}

#[cfg(test)]
mod tests {
    use super::to_make_room;

    #[test]
    fn the_oldest_of_the_largest_crowd_goes() {
        for (peers, expected) in [
            (&[][..], None),
            (&[1], Some(0)),
            (&[1, 2, 3], Some(0)),
            (&[1, 2, 2], Some(1)),
            (&[1, 2, 1, 2, 3], Some(0)),
            (&[1, 2, 3, 3, 2, 3], Some(2)),
        ] {
            let peers = peers.iter().map(|last| [10, 0, 0, *last].into());
            assert_eq!(to_make_room(peers), expected);
        }
    }
}
