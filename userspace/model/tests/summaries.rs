//! What is said of each sample event.

#![forbid(unsafe_code)]

use rampart_testkit::sample;

/// In the order of the samples.
const SUMMARIES: &[&str] = &[
    "executed xmrig -o pool:3333",
    "executed /bin/bash ./backup.sh --all",
    "began, made by sh (pid 40)",
    "ended with code 1",
    "was ended by signal 9",
    "connected to 10.0.0.1:3333 by tcp (success)",
    "connected to [fd00::1]:443 by tcp (refused)",
    "mounted /run/docker.sock on /mnt/docker.sock, flags bind",
    "mounted proc on /mnt/proc, type proc",
    "unmounted /mnt/proc, flags detach",
    "mounted /dev/sda1 on /mnt, type ext4, flags nosuid,relatime",
    "mounted /etc on /mnt/etc, type ext4, flags bind",
    "moved the mount /mnt/a to /mnt/b, flags move",
    "made a mount of /dev/sda1, type ext4, flags ro",
    "opened a file system to mount, type overlay",
    "opened the mount /etc, flags clone",
    "changed the mount /mnt, flags nosuid,rw,rec",
    "made /newroot its root, the old one at /newroot/old",
    "tried to execute /tmp/.x/loader (refused, errno 13)",
    "bound a socket (inet stream) at 0.0.0.0:4444",
    "bound a socket (inet dgram) at 127.0.0.1:53",
    "listens on a socket (inet6 stream) at [::]:4444",
    "accepted a socket (inet stream) at 10.0.0.2:4444 from 192.0.2.9:51000",
    "made a socket (packet raw), protocol 3",
    "connected a socket (unix stream) at /run/docker.sock",
    "connected a socket (unix stream) at @session",
    "listens on a socket (unix stream)",
    "entered other namespaces: mnt,pid",
    "went into new namespaces: user",
    "made a process in new namespaces: net",
    "made /host its root",
    "opened /etc/shadow for reading",
    "opened /etc/passwd for writing",
    "created /etc/cron.d/job",
    "renamed /var/log/auth.log to /tmp/old (io_uring, outcome not seen)",
    "deleted /root/.bash_history",
    "removed the directory /var/log/audit",
    "linked /tmp/sh to /bin/sh",
    "made the symbolic link /root/.bash_history to /dev/null",
    "changed the mode of /tmp/sh to 4755",
    "changed the owner of /etc/shadow to 33: (refused, errno 13)",
    "changed the owner of /tmp/sh to :0",
    "made the node /tmp/disk with mode 60600",
    "put a socket (inet stream) at 10.0.0.2:4444 from 192.0.2.9:51000 onto descriptor 0",
    "attached to backup.sh (pid 52)",
    "attached to backup.sh (pid 52)",
    "lets itself be traced by backup.sh (pid 52)",
    "wrote to the memory of backup.sh (pid 52)",
    "read the memory of process 77",
    "wrote to the memory of process 78",
    "made the memory file `payload`",
    "loaded the kernel module /tmp/rootkit.ko",
    "loaded a kernel module of 81920 bytes from memory",
    "unloaded the kernel module kvm_intel",
    "loaded the BPF program `hide_pid` (kprobe)",
    "made the BPF map `events` (ringbuf)",
    "called bpf: prog_attach",
    "called bpf: 999",
    "changed its credentials: uid 33 to 0, euid 33 to 0, gid 33 to 0, egid 33 to 0, gained net_raw,sys_admin",
    "changed its credentials: uid 0 to 33, euid 0 to 33, gid 0 to 33, egid 0 to 33",
    "changed its credentials: fewer capabilities",
    "sent signal 9 to backup.sh (pid 52)",
    "set up io_uring with 32 entries",
    "submitted uring_cmd to io_uring",
    "has used 198 % of a processor for 65 seconds",
];

#[test]
fn each_is_told_in_words() {
    let events = sample::all_events();
    for (event, expected) in events.iter().zip(SUMMARIES) {
        assert_eq!(event.summary(), *expected, "{:?}", event.action);
    }
    assert_eq!(events.len(), SUMMARIES.len());
}
