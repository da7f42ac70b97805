//! The component's skin: forwards the interface's functions, nothing else.

use crate::wit::{self, exports::tinydancer::routing::booster as interface};

struct Booster;

/// Lets the memory grow once to what a call usually needs. The allocator would ask for it in steps of 64 KiB, each a call into the
/// operating system; a block that is given back stays with the allocator.
fn make_room(text: &str) {
    let room = text
        .len()
        .saturating_mul(64)
        .saturating_add(256 << 10)
        .min(64 << 20);
    // Seen by nobody the block would be optimised away.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(room)));
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
