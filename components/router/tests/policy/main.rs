//! What a policy decides and learns, and what holds for any input.

mod any_input;
mod exploration;
mod learning;
mod limits;
mod snapshots;

use tinydancer_router::{Classification, Features, Feedback, Level, Settings, TierPrice};

const MICRO: u64 = 1_000_000;

fn settings() -> Settings {
    let price = |tier, input, output, output_tokens| TierPrice {
        tier,
        input,
        output,
        output_tokens,
    };
    Settings {
        prices: vec![
            price(1, MICRO / 10, MICRO / 2, 500),
            price(2, 2 * MICRO, 10 * MICRO, 1_500),
            price(3, 2 * MICRO, 10 * MICRO, 4_000),
            price(4, 4 * MICRO, 20 * MICRO, 5_000),
        ],
        quality_target: 0.8,
        security_confidence: 0.85,
        review_confidence: 0.8,
        review_uncertainty: 0.2,
        exploration_share: 0.0,
    }
}

fn task(complexity: u8, kind: &str) -> Classification {
    Classification {
        kind: kind.into(),
        domain: String::new(),
        complexity,
        level: Level::Moderate,
        security: false,
        transform: None,
        bare_code: false,
        language: String::new(),
        input_tokens: 1_000,
        features: Features {
            indices: vec![0, 1, 200, 5_000],
            values: vec![1.0, f32::from(complexity) / 100.0, 0.7, 0.7],
        },
    }
}

fn feedback(of: &Classification, tier: u8, quality: f32, weight: f32) -> Feedback {
    Feedback {
        kind: of.kind.clone(),
        complexity: of.complexity,
        features: of.features.clone(),
        tier,
        quality,
        weight,
    }
}
