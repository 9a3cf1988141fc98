use super::*;

const SECOND: u64 = NANOS_PER_SECOND;
const PERCENT: u64 = SECOND / 100;

fn follower(percent: u32, seconds: u64, interval: u64) -> Follower {
    let threshold = CpuThreshold { percent, span_ns: seconds * SECOND, interval_ns: interval * SECOND };
    Follower::new(threshold)
}

/// A process that had used much before it is first looked at.
const PROCESS: ProcessKey = ProcessKey { pid: 10, start_ns: 50_000_000 };

/// What is told, and after which interval, of a process that uses so many percent in each of them.
fn told(follower: &mut Follower, interval: u64, used: &[u64]) -> Vec<(usize, u32, u32)> {
    let mut now = Point { at_ns: 100 * SECOND, used_ns: 10_000 * SECOND };
    let mut found = Vec::new();
    for (number, percent) in std::iter::once(&0).chain(used).enumerate() {
        if number > 0 {
            now.at_ns += interval * SECOND;
            now.used_ns += percent * PERCENT * interval;
        }
        let usage = follower.look(Sample { process: PROCESS, used_ns: now.used_ns }, now.at_ns);
        found.extend(usage.map(|usage| (number, usage.percent, usage.seconds)));
        follower.end_round();
    }
    found
}

#[test]
fn busy_is_what_is_so_in_every_interval_of_the_whole_time() {
    for (what, used, expected) in [
        ("idle", &[0; 20][..], &[][..]),
        ("just enough", &[90; 12], &[(12, 90, 60)]),
        ("too short", &[100; 11], &[]),
        ("several threads", &[350; 14], &[(12, 350, 60)]),
        ("told once", &[100; 40], &[(12, 100, 60)]),
        ("a break", &[100, 100, 100, 100, 100, 100, 20, 100, 100, 100, 100, 100, 100, 100], &[]),
        ("a short burst of many threads", &[0, 0, 3000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[]),
        ("a little less", &[89; 40], &[]),
    ] {
        assert_eq!(told(&mut follower(90, 60, 5), 5, used), expected, "{what}");
    }
}

#[test]
fn what_was_calm_and_comes_again_is_told_again() {
    let used: Vec<u64> = [[100; 12].as_slice(), &[3], &[100; 13]].concat();
    assert_eq!(told(&mut follower(90, 60, 5), 5, &used), [(12, 100, 60), (25, 100, 60)]);
}

#[test]
fn what_lasts_is_told_again_after_an_hour() {
    let used = [200; 200];
    assert_eq!(
        told(&mut follower(90, 60, 60), 60, &used),
        [(1, 200, 60), (61, 200, 3660), (121, 200, 7260), (181, 200, 10_860)]
    );
    // Not sooner than the time that is asked for.
    assert_eq!(told(&mut follower(90, 2 * 3600, 3600), 3600, &[100; 5]), [(2, 100, 7200), (4, 100, 14_400)]);
}

/// A process that has one processor all the time may look as if it had a tick less.
#[test]
fn what_the_kernel_cuts_off_is_not_missed() {
    let mut follower = follower(100, 3, 1);
    let mut found = Vec::new();
    for (second, ticks) in [(1, 1000), (2, 1099), (3, 1199), (4, 1298), (5, 1398)] {
        let used_ns = ticks * ProcessKey::TICK_NS;
        found.extend(follower.look(Sample { process: PROCESS, used_ns }, second * SECOND));
    }
    assert_eq!(found, [CpuUsage { percent: 99, seconds: 3 }]);
}

#[test]
fn a_pid_given_again_is_another_process() {
    let mut follower = follower(90, 2, 1);
    let mut now = SECOND;
    for start_ns in [1, 2, 3] {
        for used in 0..2 {
            let process = ProcessKey::new(10, start_ns * SECOND);
            let sample = Sample { process, used_ns: 500 * SECOND + used * SECOND };
            assert_eq!(follower.look(sample, now), None);
            now += SECOND;
        }
        follower.end_round();
    }
    assert_eq!(follower.tracks.len(), 1, "those that have ended are forgotten");
}

#[test]
fn clocks_and_counts_that_go_back_do_no_harm() {
    let mut follower = follower(90, 1, 1);
    for (at, used) in [(10, 100), (10, 200), (9, 300), (12, 10), (11, 0)] {
        let sample = Sample { process: PROCESS, used_ns: used * SECOND };
        assert_eq!(follower.look(sample, at * SECOND), None, "{at} {used}");
    }
}

#[test]
fn many_that_sleep_take_no_room_from_one_that_does_not() {
    let mut follower = follower(90, 60, 5);
    let sample = |pid, used_ns| Sample { process: ProcessKey::new(pid, SECOND), used_ns };
    for pid in 0..100_000 {
        follower.look(sample(pid, SECOND), SECOND);
    }
    assert_eq!((follower.tracks.len(), follower.unfollowed()), (0, 0));
    // There is a bound all the same, and room again when some have ended.
    let many = u32::try_from(MAX_FOLLOWED).unwrap();
    for pid in 0..many + 7 {
        follower.look(sample(pid, 10 * SECOND), SECOND);
    }
    follower.end_round();
    assert_eq!((follower.tracks.len(), follower.unfollowed()), (MAX_FOLLOWED, 7));
    follower.look(sample(many + 3, 11 * SECOND), SECOND);
    follower.end_round();
    assert_eq!((follower.tracks.len(), follower.unfollowed()), (0, 8));
    follower.look(sample(many + 3, 12 * SECOND), SECOND);
    assert_eq!(follower.tracks.len(), 1);
}
