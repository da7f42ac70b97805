//! Where a vendor is: which addresses are taken, which are on this machine, and what of one may be shown.

use crate::provider::secret::SecretError;

/// Why a provider cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// There is no key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The base URL is none.
    #[error("providers.{provider}.base_url `{url}` is no address such as https://api.example.com")]
    BaseUrl {
        /// Whose.
        provider: String,
        /// What is set.
        url: String,
    },
    /// The key would cross a network in the clear.
    #[error(
        "providers.{provider}.base_url `{url}` is plain http to another machine: use https, or set providers.{provider}.allow_plain_http"
    )]
    PlainHttp {
        /// Whose.
        provider: String,
        /// What is set.
        url: String,
    },
    /// A setting is missing or wrong.
    #[error("providers.{provider}: {reason}")]
    Setting {
        /// Whose.
        provider: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// It is on this machine.
pub(super) fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The base URL, if a key may be sent there.
pub(super) fn address(
    provider: &str,
    base: &str,
    allow_plain: bool,
) -> Result<reqwest::Url, SetupError> {
    let wrong = || SetupError::BaseUrl {
        provider: provider.to_owned(),
        // An address may carry a password; it is not repeated then.
        url: if base.contains('@') {
            "(with a password)".to_owned()
        } else {
            base.to_owned()
        },
    };
    let url = reqwest::Url::parse(base.trim_end_matches('/')).map_err(|_| wrong())?;
    url.host_str().ok_or_else(wrong)?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain || is_loopback(&url) => Ok(url),
        "http" => Err(SetupError::PlainHttp {
            provider: provider.to_owned(),
            url: base.to_owned(),
        }),
        _ => Err(wrong()),
    }
}

/// An address without what may be secret in it.
pub(super) fn shown(url: &reqwest::Url) -> String {
    format!(
        "{}://{}{}{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.port()
            .map_or_else(String::new, |port| format!(":{port}")),
        url.path().trim_end_matches('/')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(url: &str, allow_plain: bool) -> Result<String, SetupError> {
        address("p", url, allow_plain).map(|url| shown(&url))
    }

    #[test]
    fn plain_http_goes_to_this_machine_alone_unless_it_is_allowed() {
        for here in [
            "http://127.0.0.1:8080/v1",
            "http://[::1]:80",
            "http://localhost",
        ] {
            assert!(taken(here, false).is_ok(), "{here}");
        }
        for elsewhere in [
            "http://api.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://0.0.0.0:80",
        ] {
            let refused = taken(elsewhere, false).unwrap_err();
            assert!(
                matches!(refused, SetupError::PlainHttp { .. }),
                "{elsewhere}"
            );
            assert!(refused.to_string().contains("allow_plain_http"));
            assert!(taken(elsewhere, true).is_ok(), "{elsewhere}");
        }
        assert!(taken("https://api.example.com", false).is_ok());
    }

    #[test]
    fn what_is_no_address_or_holds_a_secret_is_refused_without_repeating_it() {
        for wrong in [
            "api.example.com",
            "ftp://api.example.com",
            "https://",
            "https://api.example.com/?key=hush",
        ] {
            assert!(taken(wrong, true).is_err(), "{wrong}");
        }
        let refused = taken("https://me:hush@api.example.com", true).unwrap_err();
        assert!(!refused.to_string().contains("hush"), "{refused}");
    }
}
