#!/bin/sh
# What a guest does. Its variables come from the kernel's command line; xtask/src/vm/console.rs reads the lines
# that start with "rampart-vm:".
set -eu

finish() {
    status=$?
    [ "$status" = 0 ] || dmesg | tail -n 30
    echo "rampart-vm: ended with status $status"
    poweroff -f
}
trap finish EXIT

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for folder in /dev/shm /run /tmp; do
    mount -t tmpfs tmpfs "$folder"
done
chmod 1777 /dev/shm /tmp
mount -t tracefs tracefs /sys/kernel/tracing
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
hostname guest
ip link set lo up
for module in /modules/*.ko; do
    insmod "$module"
done

echo "rampart-vm: Linux $(uname -r) for $RAMPART_KERNEL, variant $RAMPART_VARIANT"

# What the kernel says from here on may be the daemon's doing.
dmesg -c > /dev/null

# Once for each kernel is enough: with the other variant it says less.
if [ "$RAMPART_VARIANT" = auto ]; then
    /rampart probe --format json > /tmp/probe || { cat /tmp/probe; exit 1; }
    # A message of the kernel in the midst of it would spoil the JSON.
    levels=$(cat /proc/sys/kernel/printk)
    echo 1 > /proc/sys/kernel/printk
    echo "rampart-vm: probe begins"
    cat /tmp/probe
    echo "rampart-vm: probe ends"
    echo "$levels" > /proc/sys/kernel/printk
fi

set --
while read -r argument; do
    set -- "$@" "$argument"
done < /arguments
if [ $# -gt 0 ]; then
    export RAMPART_BIN=/rampart RAMPART_ACTOR=/actor RAMPART_SCENARIOS=/scenarios RAMPART_KERNELS=/kernels.toml
    export RAMPART_POLICIES=/policies RAMPART_DETECTIONS=/detections
    set -- "$@" --test-threads=1 --nocapture --color=never
    failed=0
    /play "$@" || failed=1
    # Once is enough for what is only kept from other people's machines: an agent with all rules takes its time here.
    if [ "$RAMPART_KERNEL $RAMPART_VARIANT" = "6.12 auto" ]; then
        /detect "$@" || failed=1
    fi
    [ "$failed" = 0 ]
fi
