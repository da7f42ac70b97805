//! Reasons put into words. The formatting machinery of the standard library took two thirds of a decision's instructions, for a handful of short
//! numbers; this writes those alone.

/// A sentence that is being written.
pub(crate) struct Words(pub(crate) String);

impl Words {
    pub(crate) fn new() -> Words {
        // Room for the longest reason, so that it never moves.
        Words(String::with_capacity(128))
    }

    pub(crate) fn say(&mut self, words: &str) -> &mut Words {
        self.0.push_str(words);
        self
    }

    /// A tier's number.
    pub(crate) fn tier(&mut self, tier: u8) -> &mut Words {
        self.whole(u32::from(tier))
    }

    /// A share from 0 to 1 with two places.
    pub(crate) fn share(&mut self, share: f32) -> &mut Words {
        let hundredths = libm::roundf(share.clamp(0.0, 1.0) * 100.0) as u32;
        self.whole(hundredths / 100).say(".");
        self.0.push(digit(hundredths / 10));
        self.0.push(digit(hundredths));
        self
    }

    fn whole(&mut self, number: u32) -> &mut Words {
        let mut unit = 1;
        while number / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.0.push(digit(number / unit));
            unit /= 10;
        }
        self
    }
}

/// The last digit of a number.
fn digit(number: u32) -> char {
    char::from(b'0' + (number % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for hundredths in 0..=100_u8 {
            let share = f32::from(hundredths) / 100.0;
            assert_eq!(Words::new().share(share).0, format!("{share:.2}"));
        }
        for tier in [0, 4, 10, 255] {
            assert_eq!(Words::new().tier(tier).0, tier.to_string());
        }
    }
}
