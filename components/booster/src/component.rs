//! The component's skin: forwards the interface's functions, nothing else.

use crate::wit::{self, exports::tinydancer::routing::booster as interface};

struct Booster;

impl interface::Guest for Booster {
    fn transforms() -> Vec<interface::TransformInfo> {
        crate::transforms()
    }

    fn detect(
        file: interface::SourceFile,
        options: interface::Options,
    ) -> Result<Vec<interface::Opportunity>, interface::Refusal> {
        crate::detect(&file, &options)
    }

    fn transform(
        file: interface::SourceFile,
        name: String,
        options: interface::Options,
    ) -> Result<interface::Transformation, interface::Refusal> {
        crate::transform(&file, &name, &options)
    }
}

wit::export!(Booster with_types_in wit);
