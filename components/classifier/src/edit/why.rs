//! Why a request is not read as one for an edit: bits, so that all that speaks against it can be told together.

/// A set of reasons.
pub(crate) type Why = u32;

/// An error is to be mended that is no linter's.
pub(crate) const MENDS: Why = 1;
/// A sentence asks to know.
pub(crate) const QUESTION: Why = 1 << 1;
/// A clause holds words that have no role.
pub(crate) const STRANGE: Why = 1 << 2;
/// It tells of what was done.
pub(crate) const TELLS: Why = 1 << 3;
/// Only something is named, and no thing of an edit.
pub(crate) const ONLY_PLACE: Why = 1 << 4;
/// Something else is to be used.
pub(crate) const USES: Why = 1 << 5;
/// The edit is denied.
pub(crate) const DENIAL: Why = 1 << 6;
/// Two sentences are about two edits.
pub(crate) const TWO_SENTENCES: Why = 1 << 7;
/// What the edit is about is to stay.
pub(crate) const STAYS: Why = 1 << 8;
/// One sentence is about two edits.
pub(crate) const TWO_EDITS: Why = 1 << 9;
/// A wish is about what an edit leaves alone.
pub(crate) const OTHER_THING: Why = 1 << 10;
/// Words of two edits stand together, and none is clear.
pub(crate) const TWO_THINGS: Why = 1 << 11;
/// A thing of another edit is more than a place.
pub(crate) const FOREIGN: Why = 1 << 12;
/// Something is not to be removed.
pub(crate) const BELONGS: Why = 1 << 13;
/// The wish stands under a condition.
pub(crate) const CONDITION: Why = 1 << 14;
/// Something is touched that is no part of the edit.
pub(crate) const TOUCHES: Why = 1 << 15;
/// The place itself is acted on.
pub(crate) const PLACE_TOO: Why = 1 << 16;
/// What an edit leaves alone is spoken of beside it.
pub(crate) const CHANGES_KEPT: Why = 1 << 17;
/// By the order of the words something else is wished.
pub(crate) const NOT_WISHED: Why = 1 << 18;
/// Nothing is wished.
pub(crate) const NO_WISH: Why = 1 << 19;
/// Something is excepted.
pub(crate) const EXCEPTS: Why = 1 << 20;
/// A part of the places is meant.
pub(crate) const PART_OF: Why = 1 << 21;
/// A clause begins with an act that is no edit's.
pub(crate) const ACTS: Why = 1 << 22;
/// Something is to be made that is no code.
pub(crate) const MAKES: Why = 1 << 23;
/// A verb of the edit acts on a word without a role.
pub(crate) const OBJECT: Why = 1 << 24;
/// Something without a role is to be left alone.
pub(crate) const PROMISES: Why = 1 << 25;
/// A part of the code is named as the place.
pub(crate) const IN_PART: Why = 1 << 26;
/// A verb of the edit acts on a file.
pub(crate) const ON_FILE: Why = 1 << 27;
/// What it is to become has no role.
pub(crate) const BECOMES: Why = 1 << 28;
