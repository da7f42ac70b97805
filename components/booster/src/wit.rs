//! The generated bindings: the contract's types, used natively and in the component alike. Nothing is written by hand here.
#![allow(
    missing_docs,
    clippy::all,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "generated; the WIT package documents every item"
)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "booster-component",
    additional_derives: [PartialEq],
    pub_export_macro: false,
});
