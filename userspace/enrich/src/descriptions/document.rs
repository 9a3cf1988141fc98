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
    /// An OCI bundle's config.json, with the annotations of containerd's CRI plugin or nerdctl.
    Containerd,
    /// The same, with the annotations of CRI-O.
    CriO,
    /// Docker's config.v2.json.
    Docker,
    /// The list of containers of containers/storage, which Podman uses.
    Store,
}

/// Labels and annotations by which a runtime gives names: what each means, in the order of preference.
///
/// A runtime overwrites its own keys and no other's. Whoever makes a pod or an image chooses the rest, which CRI-O copies from
/// the pod and Docker from the image: another runtime's keys would be his word.
struct Keys {
    names: &'static [&'static str],
    images: &'static [&'static str],
    pod_names: &'static [&'static str],
    pod_namespaces: &'static [&'static str],
    pod_uids: &'static [&'static str],
    /// What a container is to its pod.
    types: &'static [&'static str],
}

const CONTAINERD: Keys = Keys {
    names: &["io.kubernetes.cri.container-name", "nerdctl/name"],
    images: &["io.kubernetes.cri.image-name"],
    pod_names: &["io.kubernetes.cri.sandbox-name"],
    pod_namespaces: &["io.kubernetes.cri.sandbox-namespace"],
    pod_uids: &["io.kubernetes.cri.sandbox-uid"],
    types: &["io.kubernetes.cri.container-type"],
};

const CRIO: Keys = Keys {
    images: &["io.kubernetes.cri-o.ImageName"],
    pod_uids: &["io.kubernetes.pod.uid"],
    types: &["io.kubernetes.cri-o.ContainerType"],
    ..DOCKER
};

/// Through cri-dockerd. The image is not a label's to tell, and the UID that counts is the cgroup's.
const DOCKER: Keys = Keys {
    names: &["io.kubernetes.container.name"],
    images: &[],
    pod_names: &["io.kubernetes.pod.name"],
    pod_namespaces: &["io.kubernetes.pod.namespace"],
    pod_uids: &[],
    types: &["io.kubernetes.docker.type"],
};

/// Podman's own notes on a container.
const STORE: Keys = Keys {
    names: &[],
    images: &["image-name"],
    pod_names: &[],
    pod_namespaces: &[],
    pod_uids: &[],
    types: &[],
};

/// The words for a container that only holds its pod's namespaces.
const SANDBOX: [&str; 2] = ["sandbox", "podsandbox"];
/// JSON in a text of JSON, with `name` in it.
const CRIO_METADATA: &str = "io.kubernetes.cri-o.Metadata";

impl Keys {
    fn all(&self) -> impl Iterator<Item = &'static str> + use<> {
        let Self { names, images, pod_names, pod_namespaces, pod_uids, types } = *self;
        [names, images, pod_names, pod_namespaces, pod_uids, types].into_iter().flatten().copied()
    }
}

/// The description in a document; none where it is not of that form, or is of other containers.
pub(super) fn read(form: Form, id: &str, document: &[u8]) -> Option<Description> {
    // Somebody's label that is not UTF-8 must not hide the rest.
    let document = String::from_utf8_lossy(document);
    match form {
        Form::Containerd => Some(bundle(&document)?.describe(&CONTAINERD)),
        Form::CriO => crio(&document),
        Form::Docker => docker(&document),
        Form::Store => store(&document, id),
    }
}

#[derive(Deserialize)]
struct Bundle {
    annotations: Option<Labels>,
}

fn bundle(document: &str) -> Option<Labels> {
    let Bundle { annotations } = serde_json::from_str(document).ok()?;
    Some(annotations.unwrap_or_default())
}

fn crio(document: &str) -> Option<Description> {
    let annotations = bundle(document)?;
    let described = annotations.describe(&CRIO);
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
    let described = labels.unwrap_or_default().describe(&DOCKER);
    Some(Description {
        name: name.and_then(|name| kept(name.trim_start_matches('/'))),
        name_in_pod: described.name,
        image: image.and_then(|image| kept(&image)),
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
    let metadata = serde_json::from_str::<Labels>(&metadata).ok();
    let image = metadata.and_then(|metadata| metadata.describe(&STORE).image);
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

    fn describe(&self, keys: &Keys) -> Description {
        let get = |keys: &[&str]| self.get(keys).and_then(kept);
        Description {
            name: get(keys.names),
            name_in_pod: None,
            image: get(keys.images),
            pod_name: get(keys.pod_names),
            pod_namespace: get(keys.pod_namespaces),
            pod_uid: get(keys.pod_uids),
            is_sandbox: self.get(keys.types).is_some_and(|word| SANDBOX.contains(&word)),
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
            let all = [&CONTAINERD, &CRIO, &DOCKER, &STORE].into_iter();
            all.flat_map(Keys::all).chain([CRIO_METADATA])
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
