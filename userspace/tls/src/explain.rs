use std::{error, io};

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

use crate::verifier::AUTHORITY_AS_SERVER;

/// Errors have causes; one whose causes go on for ever does not hold us up.
const CAUSES: usize = 16;

/// Names of a certificate that are told; it may have thousands.
const NAMES: usize = 4;

/// Longest name that is told, in characters.
const NAME: usize = 100;

const DAY: u64 = 24 * 60 * 60;

/// One sentence on what went wrong with a connection, and what to do. Finds TLS's own error among the causes of another; an error that
/// has nothing to do with TLS speaks for itself.
#[must_use]
pub fn explain(error: &(dyn error::Error + 'static)) -> String {
    let mut cause = Some(error);
    let mut of_connection = None;
    for _ in 0..CAUSES {
        let Some(error) = cause else { break };
        if let Some(error) = error.downcast_ref::<Error>() {
            return of_tls(error);
        }
        cause = match error.downcast_ref::<io::Error>() {
            Some(error) => {
                of_connection = of_connection.or_else(|| of_io(error));
                // What it wraps is not its source: that is the source of what it wraps.
                match error.get_ref() {
                    Some(inner) => Some(inner),
                    None => None,
                }
            }
            None => error.source(),
        };
    }
    of_connection.unwrap_or_else(|| error.to_string())
}

fn of_io(error: &io::Error) -> Option<String> {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            Some(format!(
                "the server has closed the connection ({error}): it may not speak TLS on that port, or want no connections from here"
            ))
        }
        io::ErrorKind::ConnectionRefused => {
            Some(format!("nobody listens there ({error}): is the address right, and the service running?"))
        }
        io::ErrorKind::TimedOut => {
            Some(format!("no answer in time ({error}): does a firewall keep us from it?"))
        }
        _ => None,
    }
}

fn of_tls(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::AlertReceived(alert) => of_alert(*alert),
        Error::PeerIncompatible(reason) => format!(
            "the server speaks no TLS that we do ({reason:?}): it must allow version 1.2 or 1.3 with ECDHE and AES-GCM or ChaCha20"
        ),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "what answers does not speak TLS: is the port right?".to_owned()
        }
        Error::NoCertificatesPresented => "the server shows no certificate: it must be given one".to_owned(),
        error => format!("TLS has failed: {error}"),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "the server's certificate is of nobody whom we trust: \
            give the certificate of the authority that has signed it"
            .to_owned(),
        CertificateError::BadSignature => "the server's certificate is of an authority that only has the name of one \
            whom we trust, and another key: give the certificate of the authority that has signed it"
            .to_owned(),
        CertificateError::Expired => "the server's certificate expired: it must be renewed".to_owned(),
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the server's certificate expired {} days ago: it must be renewed (or this machine's clock is wrong)",
            time.as_secs().saturating_sub(not_after.as_secs()) / DAY
        ),
        CertificateError::NotValidYet => {
            "the server's certificate is not valid yet: is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the server's certificate is not valid yet, but in {} days: is this machine's clock right?",
            not_before.as_secs().saturating_sub(time.as_secs()).div_ceil(DAY)
        ),
        CertificateError::NotValidForName => wrong_name("the one we asked for", &[]),
        CertificateError::NotValidForNameContext { expected, presented } => {
            wrong_name(&expected.to_str(), presented)
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the server's certificate is not meant for servers: it must have the extended key usage serverAuth".to_owned()
        }
        CertificateError::Revoked => "the server's certificate was revoked: it must be replaced".to_owned(),
        CertificateError::Other(other) => match other.0.to_string().as_str() {
            AUTHORITY_AS_SERVER => "the server shows the certificate of an authority: \
                give this very certificate as trusted, or have the authority sign one for the server"
                .to_owned(),
            "UnsupportedCertVersion" => "the server's certificate is of version 1, which is not believed: \
                make one of version 3 (`openssl x509 -req` with -extfile)"
                .to_owned(),
            other => format!("the server's certificate is not believed: {other}"),
        },
        error => format!("the server's certificate is not believed: {error}"),
    }
}

fn wrong_name(expected: &str, presented: &[String]) -> String {
    // The names are the server's to choose, and what it writes must not reach a terminal.
    let names = presented.iter().take(NAMES);
    let names: Vec<String> = names.map(|name| name.escape_debug().take(NAME).collect()).collect();
    let (names, more) = (names.join(", "), if presented.len() > NAMES { ", …" } else { "" });
    let names = if names.is_empty() { "none".to_owned() } else { names };
    format!(
        "the server's certificate is for other names ({names}{more}) than `{expected}`: \
         connect by one of them, or have it made for this one"
    )
}

fn of_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "the server wants to know who we are: give a client certificate and its key".to_owned()
        }
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => format!(
            "the server has refused the handshake ({alert:?}): it may want a client certificate, or ciphers that we do not have"
        ),
        AlertDescription::UnknownCA => "the server does not know the authority of our client certificate: \
            give one that it trusts"
            .to_owned(),
        AlertDescription::CertificateExpired => {
            "our client certificate has expired, says the server: renew it".to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRevoked
        | AlertDescription::DecryptError
        | AlertDescription::AccessDenied => {
            format!("the server does not accept our client certificate ({alert:?}): give another one")
        }
        AlertDescription::ProtocolVersion => {
            "the server speaks neither TLS 1.2 nor 1.3: it must allow one of them".to_owned()
        }
        AlertDescription::UnrecognisedName => {
            "the server does not know the name that we asked for: is it right?".to_owned()
        }
        alert => format!("the server has ended the connection: {alert:?}"),
    }
}

#[cfg(test)]
mod tests {
    use rustls::PeerIncompatible;

    use super::*;

    #[test]
    fn every_error_says_what_to_do() {
        let certificate = |error| Error::InvalidCertificate(error);
        for (error, expected) in [
            (certificate(CertificateError::UnknownIssuer), "give the certificate of the authority"),
            (certificate(CertificateError::BadSignature), "give the certificate of the authority"),
            (certificate(CertificateError::Expired), "must be renewed"),
            (certificate(CertificateError::NotValidYet), "clock"),
            (certificate(CertificateError::NotValidForName), "other names (none)"),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "give a client certificate"),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "may want a client certificate"),
            (Error::AlertReceived(AlertDescription::UnknownCA), "authority of our client certificate"),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), "must allow one of them"),
            (Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13), "version 1.2 or 1.3"),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS"),
        ] {
            // However deep it is: in an error of the file system, as connections give it, and that in another one.
            let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error.clone()));
            for text in [explain(&error), explain(&wrapped)] {
                assert!(text.contains(expected), "{error:?}: {text}");
            }
        }
    }

    #[test]
    fn errors_that_are_not_of_tls_speak_for_themselves() {
        for (error, expected) in [
            (io::Error::from(io::ErrorKind::ConnectionRefused), "nobody listens there"),
            (io::Error::from(io::ErrorKind::UnexpectedEof), "may not speak TLS"),
            (io::Error::other("no such thing"), "no such thing"),
        ] {
            let text = explain(&error);
            assert!(text.contains(expected), "{error:?}: {text}");
        }
    }

    #[test]
    fn a_certificates_names_are_cut_and_harmless() {
        let names: Vec<_> = (0..9).map(|number| format!("\u{1b}[31m{number}{}", "x".repeat(NAME))).collect();
        let text = wrong_name("manager", &names);
        assert!(text.len() < 1000 && text.contains(", …)") && !text.contains('\u{1b}'), "{text}");
    }
}
