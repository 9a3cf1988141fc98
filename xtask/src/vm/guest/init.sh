#!/bin/sh
# The first program of a guest. It moves everything to a tmpfs: a kernel's first file system cannot be left by
# pivot_root, and making a container is just that.
set -eu
/bin/busybox --install -s /bin
export PATH=/bin

mount -t tmpfs -o size=80% tmpfs /sysroot
for entry in /*; do
    case $entry in
    /sysroot) ;;
    *) cp -a "$entry" /sysroot/ ;;
    esac
done
exec switch_root /sysroot /suite
