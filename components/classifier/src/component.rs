//! The component's skin: forwards the interface's function, nothing else.

use crate::wit::{self, exports::tinydancer::routing::classifier as interface};

struct Classifier;

impl interface::Guest for Classifier {
    fn classify(task: interface::Task) -> interface::Assessment {
        crate::classify(&task)
    }
}

wit::export!(Classifier with_types_in wit);
