//! A fixed list of words that every name of a text is looked up in: what is in none is ruled out by its length and first letter.

/// The longest word that a list may have, in bytes.
const LONGEST: usize = 21;

/// A list of words.
pub(crate) struct Words {
    words: &'static [&'static str],
    /// The first letters of the words, by their length, a bit for the low five bits of each.
    first: [u32; LONGEST + 1],
}

impl Words {
    /// Makes a list. It is made at compile time, where an empty or too long word does not compile.
    pub(crate) const fn new(words: &'static [&'static str]) -> Words {
        let mut first = [0; LONGEST + 1];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            first[word.len()] |= 1 << (word[0] & 31);
            at += 1;
        }
        Words { words, first }
    }

    /// The words, in their order.
    pub(crate) fn all(&self) -> &'static [&'static str] {
        self.words
    }

    /// Whether a word is in the list.
    pub(crate) fn has(&self, word: &[u8]) -> bool {
        match (word, self.first.get(word.len())) {
            ([letter, ..], Some(first)) => {
                first >> (letter & 31) & 1 == 1
                    && self.words.iter().any(|known| known.as_bytes() == word)
            }
            _ => false,
        }
    }
}

/// Whether a text has a word in it anywhere. The standard library's own search has no vector instructions in WebAssembly and takes several
/// times as long.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_words_and_no_other() {
        static WORDS: Words = Words::new(&["in", "of", "instanceof", "requestAnimationFrame"]);
        for &word in WORDS.all() {
            assert!(WORDS.has(word.as_bytes()), "{word}");
        }
        // Of the same length and first letter, of another length, none at all.
        for word in ["is", "or", "Of", "i", "ins", "requestAnimationFrames", ""] {
            assert!(!WORDS.has(word.as_bytes()), "{word}");
        }
    }
}
