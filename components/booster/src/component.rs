//! The component's skin: forwards the interface's functions, with room in memory for what they are handed.

use crate::wit::{self, exports::tinydancer::routing::booster as interface};

struct Booster;

/// Lets the memory grow once to what a call usually needs: a syntax tree with its analysis takes some forty times its text.
fn make_room(text: &str) {
    let room = text.len().saturating_mul(40).saturating_add(128 << 10);
    tinydancer_memory::reserve(room.min(64 << 20));
}

impl interface::Guest for Booster {
    fn transforms() -> Vec<interface::TransformInfo> {
        crate::transforms()
    }

    fn assumptions() -> Vec<interface::AssumptionInfo> {
        crate::assumptions()
    }

    fn detect(
        file: interface::SourceFile,
        options: interface::Options,
    ) -> Result<Vec<interface::Opportunity>, interface::Refusal> {
        make_room(&file.text);
        crate::detect(&file, &options)
    }

    fn transform(
        file: interface::SourceFile,
        names: Vec<String>,
        options: interface::Options,
    ) -> Result<interface::Transformation, interface::Refusal> {
        make_room(&file.text);
        crate::transform(&file, &names, &options)
    }
}

wit::export!(Booster with_types_in wit);
