//! The outcome of a transform that was asked for by name, on a text, without a task around it. Only where the caller wants it kept.

use std::time::Duration;

use crate::execute::unspent;
use crate::fallback::Fallback;
use crate::host::Host;
use crate::money::Picodollars;
use crate::outcome::{Durations, HashedFeatures, Outcome, Status};
use crate::runtime::BoosterError;
use crate::store::Recorded;
use crate::tier::Tier;
use crate::wit::Transformation;

impl Host {
    /// Records what became of one text: a success where something was changed, a failure where nothing could be. A text in which there
    /// was nothing to do is no work and leaves no row. The reason why it was not recorded comes back, if it was not.
    pub async fn record_transform(
        &self,
        names: &[String],
        text: &str,
        ended: &Result<Transformation, BoosterError>,
        took: Duration,
    ) -> Option<String> {
        let (done, error) = match ended {
            Ok(done) if done.sites_changed == 0 && done.sites_refused.is_empty() => return None,
            Ok(done) if done.sites_changed == 0 => {
                (Some(done), Some("every site was left alone".to_owned()))
            }
            Ok(done) => (Some(done), None),
            // The words of a parser can quote the text, which is not kept.
            Err(e) => (None, Some(Fallback::from(e).code().to_owned())),
        };
        let success = error.is_none();
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let row = Outcome {
            id: uuid::Uuid::now_v7().to_string(),
            started_at: self.now(),
            status: if success {
                Status::Success
            } else {
                Status::Failure
            },
            kind: "transform".to_owned(),
            domain: String::new(),
            caller: String::new(),
            complexity: 0,
            tier_asked: Some(Tier::Booster),
            tier_decided: Some(Tier::Booster),
            tier_done: Some(Tier::Booster),
            model: None,
            provider: None,
            hops: Vec::new(),
            cached: false,
            quality: success.then_some(1.0),
            cost: Picodollars::default(),
            baseline: match done.filter(|_| success) {
                Some(done) => unspent(self, (text.len() / 3) as u64, done.text.len()),
                None => Picodollars::default(),
            },
            usage: None,
            durations: Durations {
                transform: took,
                total: took,
                ..Durations::default()
            },
            confidence: done.map_or(0.0, |done| done.confidence),
            propensity: 1.0,
            reasons: vec!["a transform asked for by name".to_owned()],
            fallback_reason: None,
            transform: Some(names.join(",")),
            error,
            features: HashedFeatures::default(),
            prompt: None,
        };
        match self.store().record(row, None).await {
            Recorded::Queued => None,
            Recorded::Unrecorded(reason) => Some(reason),
        }
    }
}
