//! How a request is authorised: nothing, a key in a header, or AWS's signature. Where a key comes from is the secret's business, and how a
//! signature is reckoned the signer's.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::Served;
use crate::provider::error::{Error, ErrorKind};
use crate::provider::secret::{Secret, SecretError};
use crate::provider::sigv4::{self, Signer};

/// How a request is authorised.
pub(crate) enum Auth {
    /// Not at all: a server on the user's own machine.
    None,
    /// A key in a header.
    Header {
        name: &'static str,
        prefix: &'static str,
        secret: Secret,
    },
    /// AWS's signature.
    Aws(Box<Signer>),
}

impl Served {
    /// The headers that authorise a request, and the key to keep out of words.
    pub(super) async fn authorise(
        &self,
        url: &reqwest::Url,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<Option<SecretString>, Error> {
        let no_key = |e: SecretError| Error {
            vendor_words: Some(e.to_string()),
            ..self.fail(ErrorKind::Authentication, false)
        };
        let unusable = || self.fail(ErrorKind::Authentication, false);
        match &self.auth {
            Auth::None => Ok(None),
            Auth::Header {
                name,
                prefix,
                secret,
            } => {
                let key = secret.get().await.map_err(no_key)?;
                let value = format!("{prefix}{}", key.expose_secret());
                let mut value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
                value.set_sensitive(true);
                headers.insert(HeaderName::from_static(name), value);
                Ok(Some(key))
            }
            Auth::Aws(signer) => {
                let path = url.path().to_owned();
                let host = sigv4::host_of(url);
                let signed = signer
                    .sign("POST", &host, &path, body, jiff::Timestamp::now())
                    .map_err(|words| Error {
                        vendor_words: Some(words),
                        ..self.fail(ErrorKind::Authentication, false)
                    })?;
                for (name, value) in signed {
                    let mut value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
                    value.set_sensitive(true);
                    headers.insert(HeaderName::from_static(name), value);
                }
                Ok(None)
            }
        }
    }

    pub(super) async fn renew_key(&self) -> bool {
        match &self.auth {
            Auth::Header { secret, .. } => secret.forget().await,
            _ => false,
        }
    }
}
