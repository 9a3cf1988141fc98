//! The wire between this machine and the node.

use std::{path::Path, process::Command};

use anyhow::Result;

use super::node::Node;
use crate::command;

/// This machine's end of it.
const LINK: &str = "rampart-node";

/// The range is for measurements between networks, so that no real network has it.
const MACHINE_ADDRESS: &str = "198.18.0.1";

/// Where the API server is reached from this machine.
pub(super) const NODE_ADDRESS: &str = "198.18.0.2";

const PREFIX: &str = "30";

/// The addresses of pods. Only the node has a route to them.
pub(super) const PODS: &str = "10.244.0.0/24";

/// Lays it. What leaves a pod for this machine comes from the node's address, because no other one has a way back.
const WITHIN: &str = "\
    ip link set lo up
    ip address add $1/$3 dev eth0
    ip link set eth0 up
    ip route add default via $2
    echo 1 > /proc/sys/net/ipv4/ip_forward
    nft -f - <<END
    table ip node {
        chain postrouting {
            type nat hook postrouting priority srcnat
            ip saddr $4 oifname eth0 masquerade
        }
    }
END
";

/// Lays the wire.
pub(super) fn lay(node: &Node) -> Result<()> {
    let id = node.id().to_string();
    ip(&["link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", &id])?;
    ip(&["address", "add", &format!("{MACHINE_ADDRESS}/{PREFIX}"), "dev", LINK])?;
    ip(&["link", "set", LINK, "up"])?;
    node.shell("network", WITHIN, &[NODE_ADDRESS, MACHINE_ADDRESS, PREFIX, PODS])
}

/// Takes the wire away. It goes with the node by itself, but a moment later.
pub(super) fn remove() -> Result<()> {
    if Path::new("/sys/class/net").join(LINK).exists() {
        ip(&["link", "delete", LINK])?;
    }
    Ok(())
}

fn ip(arguments: &[&str]) -> Result<()> {
    command::capture(Command::new("ip").args(arguments)).map(drop)
}
