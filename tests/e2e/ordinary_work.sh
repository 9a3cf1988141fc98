#!/bin/sh
# A day on a node, in short: what its administrators, its package manager and its container runtime do. Nothing of it may be
# found at medium or above (tests/e2e/quiet.rs).
#
#     ordinary_work.sh work FOLDER SOURCE    do it once; FOLDER is empty, SOURCE is a Cargo workspace
#     ordinary_work.sh clean FOLDER          take away what it leaves
set -eu

verb=$1
folder=$2
logs=/var/log/rampart-ordinary
package=tree

# A step that cannot be done here is told, never left out in silence.
step() {
    echo "step: $1"
}

lacks() {
    for program in "$@"; do
        if ! command -v "$program" > /dev/null; then
            echo "skipped: $program is not here"
            return 0
        fi
    done
    return 1
}

# Until something holds, or for 20 seconds.
await() {
    tries=0
    until "$@" > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ]
        sleep 0.2
    done
}

packages() {
    step "a package is installed and removed"
    lacks apt-get && return
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --reinstall $package
    tree --version
    apt-get remove --yes $package
}

build() {
    step "a program is built"
    lacks cargo && return
    cargo build --offline --quiet --manifest-path "$1/Cargo.toml" --package rampart-abi --target-dir "$folder/target"
}

versions() {
    step "a repository is made and cloned"
    mkdir "$folder/repository"
    (
        cd "$folder/repository"
        git init --quiet
        echo text > file
        git add file
        git -c user.name=A -c user.email=a@example.org commit --quiet --message first
    )
    git clone --quiet "file://$folder/repository" "$folder/clone"
}

# In a network of its own: the machine may have an SSH server.
remote() {
    step "somebody logs in by SSH, copies a file and clones a repository"
    lacks sshd ssh && return
    unshare --net "$0" remote "$folder"
}

log_in() {
    busybox ip link set lo up
    mkdir -p /run/sshd "$folder/ssh"
    chmod 700 "$folder/ssh"
    ssh-keygen -q -t ed25519 -N '' -f "$folder/ssh/host"
    ssh-keygen -q -t ed25519 -N '' -f "$folder/ssh/id_ed25519"
    cp "$folder/ssh/id_ed25519.pub" "$folder/ssh/keys"
    cat > "$folder/ssh/server" <<EOF
ListenAddress 127.0.0.1:22
HostKey $folder/ssh/host
AuthorizedKeysFile $folder/ssh/keys
PidFile $folder/ssh/pid
StrictModes no
UsePAM yes
Subsystem sftp internal-sftp
EOF
    cat > "$folder/ssh/client" <<EOF
Host node
    HostName 127.0.0.1
    User root
    IdentityFile $folder/ssh/id_ed25519
    UserKnownHostsFile $folder/ssh/known
    StrictHostKeyChecking accept-new
    LogLevel ERROR
EOF
    "$(command -v sshd)" -f "$folder/ssh/server"
    # It writes that when it listens.
    await test -s "$folder/ssh/pid"
    ssh -F "$folder/ssh/client" node 'id; uname -a; uptime; df -h /; ps aux | head -n 3'
    ssh -tt -F "$folder/ssh/client" node 'ls /etc > /dev/null' < /dev/null
    scp -q -F "$folder/ssh/client" node:/etc/hostname "$folder/hostname"
    GIT_SSH_COMMAND="ssh -F $folder/ssh/client" git clone --quiet "node:$folder/repository" "$folder/clone-by-ssh"
    kill "$(cat "$folder/ssh/pid")"
}

shell() {
    step "a developer works in a shell"
    lacks script && return
    cat > "$folder/session" <<'EOF'
ls -la /etc /var/log
ps aux | grep -v grep | head -n 5
cat /etc/os-release /proc/meminfo > /dev/null
find /usr/share -maxdepth 1 -name 'd*' > /dev/null
printf '#!/bin/sh\necho hello\n' > hello.sh
chmod +x hello.sh
./hello.sh
tar czf hello.tar.gz hello.sh
python3 -c 'print(1)' || true
mount | head -n 2
ip address || true
EOF
    (cd "$folder" && script -qec "bash --norc -i < $folder/session" /dev/null)
}

rotation() {
    step "logs are rotated"
    lacks logrotate && return
    mkdir -p "$logs"
    for day in 1 2 3; do
        echo "day $day" >> "$logs/work.log"
        printf '%s/work.log {\n rotate 1\n compress\n missingok\n create 0640 root adm\n}\n' "$logs" > "$folder/rotation"
        logrotate --force --state "$folder/rotated" "$folder/rotation"
    done
}

# busybox is the whole of it.
root_folder() {
    mkdir -p "$1/bin" "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/etc"
    cp /bin/busybox "$1/bin/"
    for applet in sh ls cat sleep id; do
        ln -s busybox "$1/bin/$applet"
    done
}

runc_containers() {
    step "containers are started and stopped by runc"
    lacks runc && return
    mkdir "$folder/bundle"
    root_folder "$folder/bundle/rootfs"
    (
        cd "$folder/bundle"
        runc spec
        sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"sh", "-c", "ls; cat \/proc\/self\/status; exit 0"/' config.json
        for number in 1 2 3; do
            runc run "ordinary-$$-$number" < /dev/null
        done
    )
}

containerd_containers() {
    step "containers are started and stopped by containerd"
    lacks containerd ctr && return
    state=$folder/containerd
    mkdir "$state"
    root_folder "$state/rootfs"
    cat > "$state/config.toml" <<EOF
version = 2
root = "$state/root"
state = "$state/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$state/socket"
EOF
    containerd --config "$state/config.toml" > "$state/log" 2>&1 &
    containerd=$!
    client() { ctr --address "$state/socket" "$@"; }
    await client version
    for number in 1 2 3; do
        client run --rm --rootfs "$state/rootfs" "ordinary-$number" /bin/sh -c 'id; ls /proc > /dev/null; exit 0'
    done
    client run --detach --rootfs "$state/rootfs" stays /bin/sleep 600
    client task exec --exec-id look stays /bin/cat /proc/1/cmdline
    client task kill --signal 9 stays
    sleep 0.5
    client task delete stays || true
    client container delete stays
    kill $containerd
    wait $containerd || true
}

scheduled() {
    step "cron and periodic work"
    lacks run-parts && return
    mkdir "$folder/daily"
    printf '#!/bin/sh\ndpkg --get-selections > /dev/null 2>&1 || true\nfind /var/cache -maxdepth 1 > /dev/null\n' > "$folder/daily/job"
    chmod 755 "$folder/daily/job"
    run-parts "$folder/daily"
}

case $verb in
work)
    packages
    versions
    build "$3"
    remote
    shell
    rotation
    runc_containers
    containerd_containers
    scheduled
    echo "done"
    ;;
remote)
    log_in
    ;;
clean)
    rm -rf "$logs"
    for mounted in $(grep -o " $folder[^ ]* " /proc/self/mounts | sort -r); do
        umount "$mounted" || true
    done
    rm -rf "$folder"
    ;;
*)
    echo "work or clean, not $verb" >&2
    exit 64
    ;;
esac
