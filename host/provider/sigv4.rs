//! AWS's signature, version 4, of a request with a body and without a query, and where its credentials come from: the configuration's
//! variables, the environment, or a profile of the shared credentials file. Pure but for reading that file.
//!
//! Source: "Create a signed AWS API request", AWS Identity and Access Management user guide. It asks no instance metadata, no single
//! sign-on and no role to be assumed: `api_key_command` and `aws configure export-credentials` serve those.

use std::path::PathBuf;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs.
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretString,
    pub(crate) session_token: Option<SecretString>,
}

/// Signs requests for one region.
pub(crate) struct Signer {
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
    pub(crate) service: &'static str,
}

/// A URL's host as the header has it.
pub(crate) fn host_of(url: &reqwest::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Signer {
    /// The headers to be added to a request for `path`, which is percent-encoded as it is sent.
    ///
    /// # Errors
    /// A key that HMAC does not take: none is known.
    pub(crate) fn sign(
        &self,
        method: &str,
        host: &str,
        path: &str,
        body: &[u8],
        at: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, String> {
        let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut headers = vec![("host", host.to_owned()), ("x-amz-date", time.clone())];
        if let Some(token) = &self.credentials.session_token {
            headers.push(("x-amz-security-token", token.expose_secret().to_owned()));
        }
        // Services other than S3 want the path as it is sent encoded once more.
        let canonical = self.canonical_request(method, &encode_again(path), "", &headers, body);
        let authorization = self.authorization(&time, &headers, &canonical)?;
        headers.retain(|(name, _)| *name != "host");
        headers.push(("authorization", authorization));
        Ok(headers)
    }

    fn canonical_request(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> String {
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        let path = if path.is_empty() { "/" } else { path };
        format!(
            "{method}\n{path}\n{query}\n{lines}\n{}\n{}",
            names(headers),
            hex::encode(Sha256::digest(body))
        )
    }

    fn authorization(
        &self,
        time: &str,
        headers: &[(&str, String)],
        canonical: &str,
    ) -> Result<String, String> {
        let day = time.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!(
            "{ALGORITHM}\n{time}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let secret = format!("AWS4{}", self.credentials.secret_access_key.expose_secret());
        let mut key = mac(secret.as_bytes(), day)?;
        for part in [self.region.as_str(), self.service, "aws4_request"] {
            key = mac(&key, part)?;
        }
        Ok(format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
            self.credentials.access_key_id,
            names(headers),
            hex::encode(mac(&key, &to_sign)?)
        ))
    }
}

fn names(headers: &[(&str, String)]) -> String {
    headers
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(";")
}

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|_| "the secret access key cannot be used".to_owned())?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

fn encode_again(path: &str) -> String {
    path.split('/')
        .map(super::wire::segment)
        .collect::<Vec<_>>()
        .join("/")
}

impl Credentials {
    /// From the environment, or a profile of the shared credentials file. None where neither has any.
    ///
    /// # Errors
    /// A profile that was named and has no keys.
    pub(crate) fn find(
        profile: Option<&str>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Credentials>, String> {
        let set = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        if profile.is_none()
            && let (Some(id), Some(secret)) =
                (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY"))
        {
            return Ok(Some(Credentials {
                access_key_id: id.trim().to_owned(),
                secret_access_key: SecretString::from(secret.trim().to_owned()),
                session_token: set("AWS_SESSION_TOKEN")
                    .map(|token| SecretString::from(token.trim().to_owned())),
            }));
        }
        let named = profile.map(str::to_owned).or_else(|| set("AWS_PROFILE"));
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        let path = set("AWS_SHARED_CREDENTIALS_FILE")
            .map(PathBuf::from)
            .or_else(|| {
                set("HOME")
                    .or_else(|| set("USERPROFILE"))
                    .map(|home| PathBuf::from(home).join(".aws").join("credentials"))
            });
        let found = path
            .as_ref()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .and_then(|text| profile_of(&text, &name));
        if found.is_none() && named.is_some() {
            return Err(format!(
                "the profile `{name}` has no aws_access_key_id and aws_secret_access_key in the shared credentials file"
            ));
        }
        Ok(found)
    }
}

/// A profile's keys in the text of a shared credentials file.
fn profile_of(text: &str, wanted: &str) -> Option<Credentials> {
    let (mut inside, mut id, mut secret, mut token) = (false, None, None, None);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            let name = name.trim();
            inside = name.strip_prefix("profile ").map_or(name, str::trim) == wanted;
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            let value = value.trim().to_owned();
            match key.trim() {
                "aws_access_key_id" => id = Some(value),
                "aws_secret_access_key" => secret = Some(SecretString::from(value)),
                "aws_session_token" => token = Some(SecretString::from(value)),
                _ => {}
            }
        }
    }
    Some(Credentials {
        access_key_id: id?,
        secret_access_key: secret?,
        session_token: token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(service: &'static str, token: Option<&str>) -> Signer {
        Signer {
            credentials: Credentials {
                access_key_id: "AKIDEXAMPLE".into(),
                secret_access_key: SecretString::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                session_token: token.map(SecretString::from),
            },
            region: "us-east-1".into(),
            service,
        }
    }

    /// Figures of AWS's signing test suite (aws-c-auth, tests/aws-signing-test-suite/v4, Apache-2.0): the cases whose headers are the
    /// ones that are signed here.
    #[test]
    fn signatures_are_those_of_awss_test_suite() {
        let at: Timestamp = "2015-08-30T12:36:00Z".parse().unwrap();
        for (method, path, token, signature) in VECTORS {
            let signed = signer("service", token.then_some(TOKEN))
                .sign(method, "example.amazonaws.com", path, b"", at)
                .unwrap();
            let (_, authorization) = signed.last().unwrap();
            assert!(
                authorization.ends_with(&format!("Signature={signature}")),
                "{method} {path}: {authorization}"
            );
        }
    }

    const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    const VECTORS: [(&str, &str, bool, &str); 5] = [
        (
            "GET",
            "/",
            false,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "POST",
            "/",
            false,
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "GET",
            "/ሴ",
            false,
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "GET",
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            false,
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        (
            "GET",
            "/",
            true,
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
    ];

    #[test]
    fn a_profile_is_found_among_others() {
        let text = "[default]\naws_access_key_id = a\naws_secret_access_key = b\n\n[work]\n# mine\naws_access_key_id=c\naws_secret_access_key=d==\naws_session_token=e\n";
        let work = profile_of(text, "work").unwrap();
        assert_eq!(
            (
                work.access_key_id.as_str(),
                work.secret_access_key.expose_secret()
            ),
            ("c", "d==")
        );
        assert!(work.session_token.is_some());
        assert!(profile_of(text, "default").unwrap().session_token.is_none());
        assert!(profile_of(text, "other").is_none());
    }
}
