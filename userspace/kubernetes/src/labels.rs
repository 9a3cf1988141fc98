use crate::KubernetesError;

/// Most labels, or prefixes of labels, that can be chosen.
pub(crate) const LABELS: usize = 32;

/// Longest name of a label with its prefix, in bytes: 253 for the prefix, a slash, 63 for the name.
const NAME: usize = 317;

/// Which labels of pods go into findings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelChoice {
    names: Vec<Box<str>>,
    /// Each with its slash.
    prefixes: Vec<Box<str>>,
}

impl LabelChoice {
    /// Those with these names, each exact or `prefix/*`; at most 32.
    ///
    /// # Errors
    /// [`KubernetesError::Label`] names the one that no pod can have, [`KubernetesError::Labels`] says that there are too many.
    pub fn new(names: &[String]) -> Result<Self, KubernetesError> {
        if names.len() > LABELS {
            return Err(KubernetesError::Labels(names.len()));
        }
        let mut choice = Self::default();
        for name in names {
            let bad = || KubernetesError::Label(name.clone());
            match name.strip_suffix("/*") {
                Some(prefix) if is_prefix(prefix) => choice.prefixes.push(format!("{prefix}/").into()),
                None if is_label(name) => choice.names.push(name.as_str().into()),
                Some(_) | None => return Err(bad()),
            }
        }
        Ok(choice)
    }

    /// Whether a label is among them.
    pub(crate) fn has(&self, label: &str) -> bool {
        self.names.iter().any(|name| **name == *label)
            || self.prefixes.iter().any(|prefix| label.starts_with(&**prefix))
    }
}

fn is_label(label: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    label.len() <= NAME
        && match label.split_once('/') {
            Some((prefix, name)) => is_prefix(prefix) && is_name(name),
            None => is_name(label),
        }
}

fn is_prefix(prefix: &str) -> bool {
    is_subdomain(prefix)
}

/// Whether it is a DNS subdomain, as names of most things in Kubernetes are.
pub(crate) fn is_subdomain(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(names: &[&str]) -> Result<LabelChoice, KubernetesError> {
        LabelChoice::new(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn exact_names_and_prefixes_choose() {
        let choice = choice(&["app", "app.kubernetes.io/*", "example.com/tier"]).unwrap();
        for (label, chosen) in [
            ("app", true),
            ("apps", false),
            ("app.kubernetes.io/name", true),
            ("app.kubernetes.io.example.com/name", false),
            ("example.com/tier", true),
            ("example.com/tiers", false),
        ] {
            assert_eq!(choice.has(label), chosen, "{label}");
        }
    }

    #[test]
    fn what_no_pod_can_have_is_refused_by_name() {
        let long = format!("example.com/{}", "x".repeat(NAME));
        for name in ["", "*", "/*", "a*", "a/b/*", "/a", "a/", "a b", "Example.com/a", "-a.com/b", &long] {
            let error = choice(&[name]).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
        assert!(choice(&["a"; LABELS]).is_ok());
        assert!(choice(&["a"; LABELS + 1]).unwrap_err().to_string().contains("at most 32"));
    }
}
