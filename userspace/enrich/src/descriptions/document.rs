//! What runtimes write of their containers.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value as Json;

/// Longest text that is kept, in bytes. Names in Kubernetes have 253, references to images a few more.
const MAX_TEXT: usize = 512;

/// What a document says of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Description {
    pub(super) name: Option<Arc<str>>,
    /// A better one, of a container that is in a pod.
    pub(super) name_in_pod: Option<Arc<str>>,
    pub(super) image: Option<Arc<str>>,
    pub(super) pod_name: Option<Arc<str>>,
    pub(super) pod_namespace: Option<Arc<str>>,
    pub(super) pod_uid: Option<Arc<str>>,
    /// Whether it only holds a pod's namespaces.
    pub(super) is_sandbox: bool,
}

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An OCI bundle's config.json, with the annotations of containerd's CRI plugin, nerdctl or CRI-O.
    Bundle,
    /// Docker's config.v2.json.
    Docker,
    /// The list of containers of containers/storage, which Podman uses.
    Store,
}

/// Labels and annotations by which names are given; what each means, in the order of preference.
const NAMES: [&str; 3] = ["io.kubernetes.cri.container-name", "io.kubernetes.container.name", "nerdctl/name"];
const IMAGES: [&str; 3] = ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName", "image-name"];
const POD_NAMES: [&str; 2] = ["io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"];
const POD_NAMESPACES: [&str; 2] = ["io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"];
const POD_UIDS: [&str; 2] = ["io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"];
/// What a container is to its pod, and the words for one that only holds its namespaces.
const TYPES: [&str; 3] =
    ["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType", "io.kubernetes.docker.type"];
const SANDBOX: [&str; 2] = ["sandbox", "podsandbox"];
/// JSON in a text of JSON, with `name` in it.
const CRIO_METADATA: &str = "io.kubernetes.cri-o.Metadata";

/// The description in a document; none where it is not of that form, or is of other containers.
pub(super) fn read(form: Form, id: &str, document: &[u8]) -> Option<Description> {
    // Somebody's label that is not UTF-8 must not hide the rest.
    let document = String::from_utf8_lossy(document);
    match form {
        Form::Bundle => bundle(&document),
        Form::Docker => docker(&document),
        Form::Store => store(&document, id),
    }
}

#[derive(Deserialize)]
struct Bundle {
    annotations: Option<Labels>,
}

fn bundle(document: &str) -> Option<Description> {
    let Bundle { annotations } = serde_json::from_str(document).ok()?;
    let annotations = annotations.unwrap_or_default();
    let described = annotations.describe();
    let name = described.name.or_else(|| name_in(annotations.get(&[CRIO_METADATA])?));
    Some(Description { name, ..described })
}

fn name_in(json: &str) -> Option<Arc<str>> {
    #[derive(Deserialize)]
    struct Metadata {
        name: String,
    }
    let metadata: Metadata = serde_json::from_str(json).ok()?;
    kept(&metadata.name)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Docker {
    name: Option<String>,
    config: Option<DockerConfig>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct DockerConfig {
    image: Option<String>,
    labels: Option<Labels>,
}

fn docker(document: &str) -> Option<Description> {
    let Docker { name, config } = serde_json::from_str(document).ok()?;
    let DockerConfig { image, labels } = config.unwrap_or_default();
    let described = labels.unwrap_or_default().describe();
    Some(Description {
        name: name.and_then(|name| kept(name.trim_start_matches('/'))),
        name_in_pod: described.name,
        image: image.and_then(|image| kept(&image)),
        // The UID that counts is the cgroup's.
        pod_uid: None,
        ..described
    })
}

#[derive(Deserialize)]
struct Stored<'d> {
    #[serde(borrow)]
    id: Cow<'d, str>,
    #[serde(default)]
    names: Vec<String>,
    metadata: Option<String>,
}

fn store(document: &str, id: &str) -> Option<Description> {
    let list: Vec<Stored<'_>> = serde_json::from_str(document).ok()?;
    let stored = list.into_iter().find(|stored| stored.id == id)?;
    let metadata = stored.metadata.unwrap_or_default();
    let image = serde_json::from_str::<Labels>(&metadata).ok().and_then(|metadata| metadata.describe().image);
    Some(Description {
        name: stored.names.first().and_then(|name| kept(name)),
        image,
        ..Description::default()
    })
}

/// Those labels of a container that are asked for; the others are not kept.
#[derive(Debug, Default)]
struct Labels(Vec<(&'static str, String)>);

impl Labels {
    fn get(&self, keys: &[&str]) -> Option<&str> {
        let get = |key: &&str| self.0.iter().find(|(known, _)| known == key).map(|(_, text)| text.as_str());
        keys.iter().filter_map(get).find(|text| !text.is_empty())
    }

    fn describe(&self) -> Description {
        let get = |keys: &[&str]| self.get(keys).and_then(kept);
        Description {
            name: get(&NAMES),
            name_in_pod: None,
            image: get(&IMAGES),
            pod_name: get(&POD_NAMES),
            pod_namespace: get(&POD_NAMESPACES),
            pod_uid: get(&POD_UIDS),
            is_sandbox: self.get(&TYPES).is_some_and(|word| SANDBOX.contains(&word)),
        }
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Wanted)
    }
}

struct Wanted;

impl<'de> Visitor<'de> for Wanted {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let wanted = || {
            let lists: [&[&'static str]; 6] =
                [&NAMES, &IMAGES, &POD_NAMES, &POD_NAMESPACES, &POD_UIDS, &TYPES];
            lists.into_iter().flatten().copied().chain([CRIO_METADATA])
        };
        let mut labels = Labels::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let Some(known) = wanted().find(|known| *known == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let is_new = labels.get(&[known]).is_none();
            if let (Json::String(text), true) = (map.next_value()?, is_new) {
                labels.0.push((known, text));
            }
        }
        Ok(labels)
    }
}

/// Text that says something, and not more of it than is bearable.
fn kept(text: &str) -> Option<Arc<str>> {
    let end = text.floor_char_boundary(MAX_TEXT);
    text.get(..end).filter(|text| !text.is_empty()).map(Into::into)
}
