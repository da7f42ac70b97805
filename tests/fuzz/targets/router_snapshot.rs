//! Bytes for `restore`, and feedback for `learn`. The first character says which: `r`, the bytes as they are; `b`, the content of a
//! snapshot, around which its length and checksum are put; anything else, settings, feedback and a task made of the bytes.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use tinydancer_router::{
    Classification, Decision, Features, Feedback, Level, Limits, Policy, Settings,
    TierPrice,
};

fuzz_target!(|bytes: &[u8]| {
    match bytes {
        [b'r', bytes @ ..] => restored(bytes),
        [b'b', content @ ..] => restored(&framed(content)),
        [_, bytes @ ..] => {
            let _ = learned(&mut Unstructured::new(bytes));
        }
        [] => {}
    }
});

/// A snapshot of such a content.
fn framed(content: &[u8]) -> Vec<u8> {
    let mut bytes = b"TDR3".to_vec();
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    let sum = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// What restores, goes on: its snapshot restores to the same, and it decides.
fn restored(bytes: &[u8]) {
    let settings = usual_settings();
    let Ok(mut policy) = Policy::restore(&settings, bytes) else {
        return;
    };
    settles(&policy, &settings);
    let task = task(Features {
        indices: (0..400).collect(),
        values: vec![0.5; 400],
    });
    decides(&policy, &task, &Limits::default());
    let before = policy.learned();
    policy.learn(&Feedback {
        kind: task.kind.clone(),
        complexity: task.complexity,
        features: task.features.clone(),
        tier: 2,
        quality: 0.5,
        weight: 1.0,
    });
    assert_eq!(policy.learned(), before.saturating_add(1));
    decides(&policy, &task, &Limits::default());
    settles(&policy, &settings);
}

/// A policy that learned whatever it was told decides, and its snapshot restores.
fn learned(bytes: &mut Unstructured<'_>) -> Result<()> {
    let settings = settings(bytes)?;
    let mut policy = Policy::new(&settings);
    let mut count = 0;
    for _ in 0..bytes.int_in_range(0..=6)? {
        let feedback = Feedback {
            kind: kind(bytes)?,
            complexity: u8::arbitrary(bytes)?,
            features: features(bytes)?,
            tier: bytes.int_in_range(0..=6)?,
            quality: number(bytes)?,
            weight: number(bytes)?,
        };
        // A task may come again and again.
        for _ in 0..=bytes.int_in_range(0..=63)? {
            policy.learn(&feedback);
            count += 1;
        }
    }
    assert_eq!(policy.learned(), count);
    let task = Classification {
        kind: kind(bytes)?,
        complexity: u8::arbitrary(bytes)?,
        security: bool::arbitrary(bytes)?,
        transform: bool::arbitrary(bytes)?.then(|| "var-to-const".to_owned()),
        bare_code: bool::arbitrary(bytes)?,
        input_tokens: u32::arbitrary(bytes)?,
        ..task(features(bytes)?)
    };
    let limits = Limits {
        manual_tier: Option::arbitrary(bytes)?,
        critical: bool::arbitrary(bytes)?,
        allow_booster: bool::arbitrary(bytes)?,
        available: Vec::arbitrary(bytes)?,
        budget: Option::arbitrary(bytes)?,
        may_downgrade: bool::arbitrary(bytes)?,
        exploration: bool::arbitrary(bytes)?.then(|| number(bytes)).transpose()?,
    };
    decides(&policy, &task, &Limits::default());
    decides(&policy, &task, &limits);
    settles(&policy, &settings);
    Ok(())
}

/// Its snapshot restores, to a policy with the same snapshot.
fn settles(policy: &Policy, settings: &Settings) {
    let snapshot = policy.snapshot();
    assert!(snapshot.len() <= 348 << 10, "{} bytes", snapshot.len());
    let again = Policy::restore(settings, &snapshot).expect("its own snapshot");
    assert_eq!(again.learned(), policy.learned());
    assert_eq!(again.snapshot(), snapshot);
}

/// It decides, by finite numbers within their ranges, and again the same.
fn decides(policy: &Policy, task: &Classification, limits: &Limits) {
    let decided = policy.decide(task, limits);
    assert_eq!(
        format!("{decided:?}"),
        format!("{:?}", policy.decide(task, limits))
    );
    let Ok(decision) = decided else { return };
    let Decision {
        tier,
        confidence,
        uncertainty,
        propensity,
        ..
    } = decision;
    assert!(tier <= 4);
    is_share(&[confidence, uncertainty, propensity], &decision);
    assert!(!decision.reasons.is_empty());
    let tiers = decision.estimates.iter().map(|estimate| estimate.tier);
    assert!(tiers.eq(0..=4), "{decision:?}");
    for estimate in &decision.estimates {
        is_share(&[estimate.quality, estimate.uncertainty], &decision);
    }
    assert!(
        decision
            .alternatives
            .iter()
            .all(|other| *other <= 4 && *other != tier)
    );
    match limits.manual_tier {
        Some(wanted) => assert_eq!(tier, wanted),
        None => {
            assert!(tier == 0 || limits.available.contains(&tier));
            assert!(!limits.critical || tier >= 2, "the floor of critical work");
            let cost = decision.estimates[usize::from(tier)].cost;
            assert!(limits.budget.is_none_or(|budget| cost <= budget));
            assert!(decision.estimates[usize::from(tier)].excluded.is_none());
        }
    }
}

fn is_share(values: &[f32], decision: &Decision) {
    for value in values {
        assert!((0.0..=1.0).contains(value), "{value} in {decision:?}");
    }
}

fn usual_settings() -> Settings {
    let price = |tier: u8| TierPrice {
        tier,
        input: 1_000_000 * u64::from(tier),
        output: 5_000_000 * u64::from(tier),
        output_tokens: 500,
    };
    Settings {
        prices: (1..=4).map(price).collect(),
        quality_target: 0.8,
        security_confidence: 0.85,
        review_confidence: 0.8,
        review_uncertainty: 0.2,
        exploration_share: 0.0,
    }
}

fn task(features: Features) -> Classification {
    Classification {
        kind: "k".into(),
        domain: String::new(),
        complexity: 30,
        level: Level::Moderate,
        security: false,
        transform: None,
        bare_code: false,
        language: String::new(),
        input_tokens: 100,
        features,
    }
}

fn settings(bytes: &mut Unstructured<'_>) -> Result<Settings> {
    let mut settings = usual_settings();
    if bool::arbitrary(bytes)? {
        for price in &mut settings.prices {
            price.input = u64::arbitrary(bytes)?;
            price.output = u64::arbitrary(bytes)?;
            price.output_tokens = u32::arbitrary(bytes)?;
        }
        settings.prices.truncate(bytes.int_in_range(0..=4)?);
    }
    if bool::arbitrary(bytes)? {
        settings.quality_target = number(bytes)?;
        settings.security_confidence = number(bytes)?;
        settings.review_confidence = number(bytes)?;
        settings.review_uncertainty = number(bytes)?;
        settings.exploration_share = number(bytes)?;
    }
    Ok(settings)
}

fn kind(bytes: &mut Unstructured<'_>) -> Result<String> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 | 1 => "k".to_owned(),
        2 => String::arbitrary(bytes)?,
        _ => "é".repeat(bytes.int_in_range(0..=300)?),
    })
}

/// A usual number more often than an odd one.
fn number(bytes: &mut Unstructured<'_>) -> Result<f32> {
    Ok(match bytes.int_in_range(0..=9)? {
        0 => f32::arbitrary(bytes)?,
        1 => *bytes.choose(&[f32::NAN, f32::INFINITY, -1.0, 1e30, 4.0, f32::MIN_POSITIVE])?,
        _ => f32::from(u8::arbitrary(bytes)?) / 255.0,
    })
}

/// Places in a row or at random; lists of two lengths too.
fn features(bytes: &mut Unstructured<'_>) -> Result<Features> {
    if bool::arbitrary(bytes)? {
        return Ok(Features {
            indices: Vec::arbitrary(bytes)?,
            values: Vec::arbitrary(bytes)?,
        });
    }
    let (first, step) = (u16::arbitrary(bytes)?, u16::arbitrary(bytes)?);
    let count = bytes.int_in_range(0..=5_000_usize)?;
    let indices = (0..count as u32).map(|at| u32::from(first) + at * u32::from(step));
    Ok(Features {
        indices: indices.collect(),
        values: vec![number(bytes)?; count],
    })
}
