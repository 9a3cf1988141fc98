//! Which crate may know which: the direction of dependencies, in one table.

/// What a crate of ours may use of ours. `rampart-testkit` is not listed: every crate's tests may use it.
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) uses: &'static [&'static str],
}

/// The crate that knows all others, so its row is not written out.
pub(super) const ASSEMBLY: &str = "rampart-daemon";

/// For tests only.
pub(super) const TESTKIT: &str = "rampart-testkit";

/// The modules that meet in bus and model, and never in each other.
#[cfg(test)]
pub(super) const SIBLINGS: [&str; 7] = [
    "rampart-runtime",
    "rampart-sca",
    "rampart-fim",
    "rampart-vuln",
    "rampart-remediate",
    "rampart-admission",
    "rampart-report",
];

/// From the inside out: a crate uses only what stands above it.
pub(super) const LAYERS: [Layer; 27] = [
    layer("rampart-abi", &[]),
    layer("rampart-programs", &["rampart-abi"]),
    layer("rampart-model", &[]),
    layer("rampart-pattern", &[]),
    layer("rampart-tls", &[]),
    layer("rampart-wazuh", &["rampart-tls"]),
    layer("rampart-bus", &["rampart-model"]),
    layer("rampart-telemetry", &["rampart-model", "rampart-bus"]),
    layer("rampart-store", &["rampart-model", "rampart-bus", "rampart-telemetry"]),
    layer("rampart-policy", &["rampart-model", "rampart-pattern"]),
    layer("rampart-kernel", &["rampart-abi", "rampart-model", "rampart-telemetry"]),
    layer("rampart-enrich", &["rampart-model", "rampart-telemetry", "rampart-bus", "rampart-kernel"]),
    layer("rampart-kubernetes", &["rampart-model", "rampart-bus"]),
    layer("rampart-api", &["rampart-model", "rampart-bus", "rampart-telemetry", "rampart-tls"]),
    layer("rampart-runtime", MODULE),
    layer("rampart-sca", MODULE),
    layer("rampart-fim", MODULE),
    layer("rampart-vuln", MODULE),
    layer("rampart-remediate", MODULE),
    layer("rampart-admission", MODULE),
    layer("rampart-report", MODULE),
    layer(
        "rampart-sinks",
        &[
            "rampart-model",
            "rampart-telemetry",
            "rampart-bus",
            "rampart-tls",
            "rampart-wazuh",
            "rampart-store",
        ],
    ),
    layer(TESTKIT, &["rampart-model", "rampart-bus", "rampart-policy"]),
    layer("rampart-actor", &[]),
    layer("rampart-e2e", &["rampart-model"]),
    layer("rampart-cluster", &[]),
    // The vocabulary, for the pages of docs that are made from it.
    layer("xtask", &["rampart-model"]),
];

/// What the modules may use, all alike.
const MODULE: &[&str] = &[
    "rampart-model",
    "rampart-pattern",
    "rampart-telemetry",
    "rampart-store",
    "rampart-bus",
    "rampart-policy",
];

/// A package from elsewhere that only some of our crates may use.
pub(super) struct Restriction {
    pub(super) package: &'static str,
    pub(super) users: &'static [&'static str],
    pub(super) reason: &'static str,
}

pub(super) const RESTRICTIONS: [Restriction; 8] = [
    restriction("aya", &["rampart-kernel"], ONE_KERNEL_CRATE),
    restriction("aya-obj", &["rampart-kernel"], ONE_KERNEL_CRATE),
    restriction("aya-build", &["rampart-kernel"], ONE_KERNEL_CRATE),
    restriction("aya-ebpf", &["rampart-programs"], "it is the library of the BPF target"),
    restriction("anyhow", ANYHOW_USERS, "libraries have typed errors"),
    restriction("kube", KUBERNETES_USERS, FEW_KNOW_KUBERNETES),
    restriction("kube-runtime", KUBERNETES_USERS, FEW_KNOW_KUBERNETES),
    restriction("k8s-openapi", KUBERNETES_USERS, FEW_KNOW_KUBERNETES),
];

const ANYHOW_USERS: &[&str] = &["rampart-daemon", "rampart-actor", "rampart-e2e", "rampart-cluster", "xtask"];
const ONE_KERNEL_CRATE: &str = "one crate speaks to the kernel";
const FEW_KNOW_KUBERNETES: &str = "the agent detects without an API server";
const KUBERNETES_USERS: &[&str] =
    &["rampart-kubernetes", "rampart-admission", "rampart-remediate", "rampart-report"];

const fn layer(name: &'static str, uses: &'static [&'static str]) -> Layer {
    Layer { name, uses }
}

const fn restriction(
    package: &'static str,
    users: &'static [&'static str],
    reason: &'static str,
) -> Restriction {
    Restriction { package, users, reason }
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, SIBLINGS};

    #[test]
    fn siblings_meet_neither_each_other_nor_the_sinks() {
        for layer in LAYERS.iter().filter(|layer| SIBLINGS.contains(&layer.name)) {
            for used in layer.uses {
                assert!(!SIBLINGS.contains(used), "{} uses {used}", layer.name);
                assert_ne!(*used, "rampart-sinks", "{}", layer.name);
            }
        }
        assert!(SIBLINGS.iter().all(|name| LAYERS.iter().any(|layer| layer.name == *name)));
    }

    #[test]
    fn the_wire_structs_stay_between_the_two_sides() {
        let knows_abi = |name: &&str| {
            LAYERS.iter().any(|layer| layer.name == *name && layer.uses.contains(&"rampart-abi"))
        };
        let users: Vec<&str> = LAYERS.iter().map(|layer| layer.name).filter(knows_abi).collect();
        assert_eq!(users, ["rampart-programs", "rampart-kernel"]);
    }

    #[test]
    fn the_table_goes_from_the_inside_out() {
        for (place, layer) in LAYERS.iter().enumerate() {
            let above: Vec<&str> = LAYERS.iter().take(place).map(|layer| layer.name).collect();
            for used in layer.uses {
                assert!(above.contains(used), "{} uses {used}", layer.name);
            }
        }
    }

    #[test]
    fn the_inner_crates_know_nobody() {
        for inner in ["rampart-model", "rampart-abi"] {
            let layer = LAYERS.iter().find(|layer| layer.name == inner).unwrap();
            assert!(layer.uses.is_empty(), "{inner}");
        }
    }
}
