# The node's file system: this machine's, with layers for what the node writes. It is mounted in the node's own
# namespace, and is gone with it. $1 is the cluster's folder, the others are what has layers.
folder=$1
shift

# What is behind a link into /run would be out of sight.
if [ -e /etc/resolv.conf ]; then cat /etc/resolv.conf > "$folder/etc/resolv.conf"; fi

mount --bind "$folder/run" /run
# Once there is a layer above it, the folder must have another way to it.
mkdir /run/self
mount --bind "$folder" /run/self
for name; do
    if [ -d "/$name" ]; then
        layers="lowerdir=/$name,upperdir=/run/self/$name,workdir=/run/self/moving/$name"
        mount -t overlay -o "$layers" node "/$name"
    fi
done
mount --bind /run/self "$folder"
# Layers cannot lie on layers, and the kubelet and etcd want a disk.
for name in containerd etcd kubelet; do
    mkdir -p "/run/self/disk/$name" "/var/lib/$name"
    mount --bind "/run/self/disk/$name" "/var/lib/$name"
done
chmod 700 /run/self/disk/etcd
umount /run/self
rmdir /run/self

# The kubelet demands these values, and the machine keeps its own.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=${setting%=*}
    said="$folder/setting/${file##*/}"
    echo "${setting#*=}" > "$said"
    mount --bind "$said" "/proc/sys/$file"
done

# Pods may ask for mounts to be seen by the node.
mount --make-rshared /
