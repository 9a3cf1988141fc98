/// The id of a run of a container, without the runtime's name before it: `containerd://…`.
pub(super) fn container_id(text: &str) -> Option<&str> {
    let id = text.split_once("://").map_or(text, |(_, id)| id);
    let is_sound = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (is_sound && !id.is_empty()).then_some(id)
}

/// The digest in what a kubelet says of an image: `repository@sha256:…`, `docker-pullable://repository@sha256:…`, `sha256:…`, or
/// the bare digits. Where there is no repository before it, it is that of the image's configuration, which no registry knows.
pub(super) fn image_digest(text: &str) -> Option<String> {
    let text = text.split_once("://").map_or(text, |(_, image)| image);
    let digest = text.rsplit_once('@').map_or(text, |(_, digest)| digest);
    match digest.split_once(':') {
        Some((algorithm, digits)) => {
            let is_sound = is_algorithm(algorithm) && is_hexadecimal(digits, 32);
            is_sound.then(|| digest.to_owned())
        }
        None => (digest.len() == 64 && is_hexadecimal(digest, 64)).then(|| format!("sha256:{digest}")),
    }
}

/// As the image specification has them: `sha256`, `sha512`, `multihash+base58`.
fn is_algorithm(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'.' | b'_' | b'-'))
}

pub(super) fn is_hexadecimal(text: &str, least: usize) -> bool {
    text.len() >= least && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_images_id_has_its_digest() {
        let digits = "0123456789abcdef".repeat(4);
        let sha256 = format!("sha256:{digits}");
        for (form, expected) in [
            (format!("docker.io/library/nginx@{sha256}"), Some(&sha256)),
            (format!("docker-pullable://registry.example:5000/a/b@{sha256}"), Some(&sha256)),
            (format!("docker://{sha256}"), Some(&sha256)),
            (sha256.clone(), Some(&sha256)),
            (digits.clone(), Some(&sha256)),
            (String::new(), None),
            ("nginx:1.27".to_owned(), None),
            ("sha256:".to_owned(), None),
            (format!("sha256:{}", digits.to_uppercase()), None),
            (format!("a@sha256:{digits}/../x"), None),
            ("registry.example:5000/a".to_owned(), None),
        ] {
            assert_eq!(image_digest(&form).as_ref(), expected, "{form}");
        }
    }

    #[test]
    fn ids_of_containers_lose_their_runtime() {
        for (text, expected) in [
            ("containerd://4f5e", Some("4f5e")),
            ("cri-o://4f5e", Some("4f5e")),
            ("4f5e", Some("4f5e")),
            ("", None),
            ("containerd://", None),
            ("containerd://a/../b", None),
            ("containerd://a\u{1b}[2J", None),
        ] {
            assert_eq!(container_id(text), expected, "{text:?}");
        }
    }
}
