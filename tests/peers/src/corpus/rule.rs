//! Rules of Linux in the style of public ones: programs by their names, pieces of command lines, parents, filters.

use std::fmt::Write as _;

use fastrand::Rng;

use super::{
    one_of,
    word::{made_up, tool},
};

/// The rules that the few matching events match, by their place in every set.
const KNOWN: [&str; 2] = [
    "  selection:\n    Image|endswith: [/xmrig, /minerd]\n    CommandLine|contains: [stratum+tcp://, stratum+ssl://]\n  condition: selection\n",
    "  selection_image:\n    Image|endswith: [/nc, /ncat, /netcat]\n  selection_cli:\n    CommandLine|contains: [' -e /bin/', ' -c /bin/']\n  condition: all of selection_*\n",
];

/// So many rules, each one YAML document. A shorter list is the beginning of a longer one.
#[must_use]
pub fn set(count: usize) -> Vec<String> {
    let mut rng = Rng::with_seed(2026);
    (0..count)
        .map(|number| match KNOWN.get(number) {
            Some(detection) => document(number, "process_creation", detection),
            None => any(&mut rng, number),
        })
        .collect()
}

fn any(rng: &mut Rng, number: usize) -> String {
    match rng.u32(0..100) {
        0..85 => document(number, "process_creation", &process(rng)),
        85..93 => document(number, "network_connection", &network(rng)),
        _ => document(number, "file_event", &file(rng)),
    }
}

fn document(number: usize, category: &str, detection: &str) -> String {
    format!(
        "title: Measured rule {number}\nid: 10000000-0000-4000-8000-{number:012x}\nstatus: test\n\
         description: Made to be measured.\nauthor: rampart\ndate: 2026-01-15\nlogsource:\n  product: linux\n  \
         category: {category}\ndetection:\n{detection}level: medium\n"
    )
}

/// One test: a key, and a list of quoted values.
fn test(detection: &mut String, indent: &str, key: &str, values: &[String]) {
    writeln!(detection, "{indent}{key}:").expect("strings take everything");
    for value in values {
        writeln!(detection, "{indent}  - '{}'", value.replace('\'', "''")).expect("strings take everything");
    }
}

fn process(rng: &mut Rng) -> String {
    let mut text = String::new();
    let out = &mut text;
    match rng.u32(0..100) {
        // A program and what it is told.
        0..24 => {
            *out += "  selection:\n";
            test(out, "    ", "Image|endswith", &images(rng));
            test(out, "    ", "CommandLine|contains", &needles(rng, 2, 9));
            *out += "  condition: selection\n";
        }
        // The same in parts, all of which must be there.
        24..40 => {
            *out += "  selection_image:\n";
            test(out, "    ", "Image|endswith", &images(rng));
            *out += "  selection_cli:\n";
            let mut all = vec![common(rng)];
            all.extend(needles(rng, 1, 3));
            test(out, "    ", "CommandLine|contains|all", &all);
            *out += "  condition: all of selection_*\n";
        }
        // Somebody's child.
        40..50 => {
            *out += "  selection:\n";
            test(out, "    ", "ParentImage|endswith", &images(rng));
            test(out, "    ", "Image|endswith", &images(rng));
            test(out, "    ", "CommandLine|contains", &needles(rng, 1, 4));
            *out += "  condition: selection\n";
        }
        // With what is known to be harmless.
        50..64 => {
            *out += "  selection:\n";
            test(out, "    ", "CommandLine|contains", &needles(rng, 2, 6));
            *out += "  filter_main_parent:\n";
            test(out, "    ", "ParentImage|endswith", &images(rng));
            *out += "  filter_optional_user:\n";
            test(out, "    ", "User", &[one_of(rng, ["root", "nagios", "backup"]).to_owned()]);
            test(out, "    ", "CommandLine|contains", &[common(rng)]);
            *out += "  condition: selection and not 1 of filter_main_* and not 1 of filter_optional_*\n";
        }
        // Any of several ways.
        64..74 => {
            *out += "  selection:\n";
            for key in ["Image|endswith", "CommandLine|startswith"] {
                let values = [format!("/{}", made_up(rng)), format!("./{} -x", made_up(rng))];
                let mut one = String::new();
                test(&mut one, "      ", key, &values);
                *out += &one.replacen("      ", "    - ", 1);
            }
            *out += "  condition: selection\n";
        }
        // A list of indicators.
        74..84 => {
            *out += "  keywords_cli:\n";
            test(out, "    ", "CommandLine|contains", &needles(rng, 5, 16));
            *out += "  condition: keywords_cli\n";
        }
        84..88 => {
            *out += "  selection:\n";
            let (word, tool) = (made_up(rng), tool(rng));
            let expression = one_of(
                rng,
                [
                    format!(r"(curl|wget)\s.*{word}\.(com|net|onion)"),
                    format!(r"\b{tool}\s+-[a-z]*e\s+/tmp/{word}"),
                    format!("/dev/(tcp|udp)/{word}"),
                    format!("{word}=[0-9a-f]{{16,}}"),
                ]
                .each_ref()
                .map(String::as_str),
            )
            .to_owned();
            test(out, "    ", "CommandLine|re", &[expression]);
            *out += "  condition: selection\n";
        }
        // A service that runs what it should not.
        88..94 => {
            *out += "  selection:\n";
            test(out, "    ", "User", &[one_of(rng, ["www-data", "postgres", "nobody", "mysql"]).to_owned()]);
            test(
                out,
                "    ",
                "Image|startswith",
                &[format!("/tmp/{}", made_up(rng)), format!("/dev/shm/{}", made_up(rng))],
            );
            *out += "  condition: selection\n";
        }
        _ => {
            *out += "  selection:\n";
            test(
                out,
                "    ",
                "CurrentDirectory|startswith",
                &[one_of(rng, ["/tmp", "/var/tmp", "/dev/shm"]).to_owned()],
            );
            test(out, "    ", "Image|endswith", &images(rng));
            test(out, "    ", "CommandLine|endswith", &needles(rng, 1, 4));
            *out += "  condition: selection\n";
        }
    }
    text
}

fn network(rng: &mut Rng) -> String {
    let mut text = "  selection:\n".to_owned();
    test(&mut text, "    ", "Image|endswith", &images(rng));
    if rng.bool() {
        let ip = format!("198.51.100.{}", rng.u8(..));
        test(&mut text, "    ", "DestinationIp|cidr", &[format!("{ip}/32"), "203.0.113.0/24".to_owned()]);
    } else {
        writeln!(text, "    DestinationPort: [{}, {}]", rng.u16(1024..), rng.u16(1024..))
            .expect("strings take everything");
    }
    text + "  condition: selection\n"
}

fn file(rng: &mut Rng) -> String {
    let mut text = "  selection:\n".to_owned();
    let folder = one_of(rng, ["/etc/cron.d/", "/etc/systemd/system/", "/usr/lib/", "/root/.ssh/"]);
    test(&mut text, "    ", "TargetFilename|startswith", &[folder.to_owned()]);
    test(&mut text, "    ", "TargetFilename|contains", &[made_up(rng), made_up(rng)]);
    text += "  filter:\n";
    test(&mut text, "    ", "Image|endswith", &["/dpkg".to_owned(), "/rpm".to_owned()]);
    text + "  condition: selection and not filter\n"
}

/// Names of programs, mostly such as there are.
fn images(rng: &mut Rng) -> Vec<String> {
    let count = rng.usize(1..5);
    (0..count)
        .map(|_| if rng.u32(0..4) == 0 { format!("/{}", made_up(rng)) } else { format!("/{}", tool(rng)) })
        .collect()
}

/// What ordinary command lines have in them too.
fn common(rng: &mut Rng) -> String {
    one_of(rng, [" -c ", "http", "/tmp/", ".sh", " --", "/etc/", "-x", "sudo "]).to_owned()
}

/// Pieces of command lines that no ordinary one has.
fn needles(rng: &mut Rng, least: usize, end: usize) -> Vec<String> {
    let count = rng.usize(least..end);
    (0..count).map(|_| needle(rng)).collect()
}

fn needle(rng: &mut Rng) -> String {
    let (word, other) = (made_up(rng), made_up(rng));
    match rng.u32(0..10) {
        0 => format!(" --{word}"),
        1 => format!("/{word}/{other}.sh"),
        2 => format!("{word}.{}", one_of(rng, ["com", "net", "onion", "xyz"])),
        3 => format!(" -o {word}"),
        4 => format!("/etc/{word}.conf"),
        5 => format!("| base64 -d | {word}"),
        6 => format!("chmod +x /tmp/{word}"),
        7 => format!("{word}={other}"),
        8 => format!("/usr/lib/{word}.so"),
        _ => format!("{word} {other}"),
    }
}
