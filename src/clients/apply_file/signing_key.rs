//! `[[client.signing_key]]`.

use super::ApplyOptions;
use super::secrets;
use super::section::Section;
use crate::signing::Keyring;
use crate::signing::{SigningAlgorithm, SigningKeyConfig};

pub(super) fn read_signing_keys(
    client: &mut Section<'_>,
    options: &ApplyOptions<'_>,
) -> Vec<SigningKeyConfig> {
    let mut keys: Vec<SigningKeyConfig> = Vec::new();
    for section in client.sections("signing_key") {
        let path = section.path("kid");
        let problems = section.problems();
        let Some(key) = read_signing_key(section, options) else {
            continue;
        };
        if keys.iter().any(|known| known.kid == key.kid) {
            problems.add(
                path,
                "is the kid of another key of this client; each needs its own",
            );
        } else {
            keys.push(key);
        }
    }
    keys
}

fn read_signing_key(
    mut section: Section<'_>,
    options: &ApplyOptions<'_>,
) -> Option<SigningKeyConfig> {
    let kid = section.required_text("kid", 100);
    let algorithm = section.required(
        "algorithm",
        "must be HS256, HS384, HS512, RS256, ES256 or EdDSA",
        SigningAlgorithm::from_name,
    );
    let (secret, public_key) = (section.take("secret"), section.take("public_key"));
    let shared = algorithm.map(SigningAlgorithm::is_shared_secret);
    let (wanted, value, other, other_value) = match shared {
        Some(false) => ("public_key", public_key, "secret", secret),
        _ => ("secret", secret, "public_key", public_key),
    };
    if let (Some(algorithm), Some(_)) = (algorithm, other_value) {
        let message = format!("does not belong to {}; give {wanted}", algorithm.as_str());
        section.problem(other, message);
    }
    if let (Some(algorithm), None) = (algorithm, &value) {
        section.problem(wanted, format!("is required for {}", algorithm.as_str()));
    }
    let material = value.and_then(|value| {
        secrets::resolve(&value, options)
            .map_err(|message| section.problem(wanted, message))
            .ok()
    });
    let key = kid.zip(algorithm).zip(material);
    let key = key.map(|((kid, algorithm), material)| SigningKeyConfig {
        kid,
        algorithm,
        material,
    });
    if let Some(Err(problem)) = key
        .as_ref()
        .map(|key| Keyring::new(std::slice::from_ref(key)))
    {
        section.problem(wanted, problem.to_string());
    }
    section.finish();
    key
}
