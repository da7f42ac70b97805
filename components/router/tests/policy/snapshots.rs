//! Snapshots: they go on to the bit, stay small, and are refused where they are damaged.

use tinydancer_router::{Classification, Features, Limits, Policy, SnapshotError};

use crate::{feedback, settings, task};

#[test]
fn a_snapshot_goes_on_to_the_bit() {
    let mut policy = Policy::new(&settings());
    let own = task(30, "é");
    for at in 0..40_u8 {
        policy.learn(&feedback(
            &task(at, "k"),
            1 + at % 4,
            f32::from(at) / 40.0,
            1.0,
        ));
    }
    let bytes = policy.snapshot();
    let mut again = Policy::restore(&settings(), &bytes).unwrap();
    assert_eq!(again.snapshot(), bytes);
    policy.learn(&feedback(&own, 2, 0.2, 0.7));
    again.learn(&feedback(&own, 2, 0.2, 0.7));
    assert_eq!(again.snapshot(), policy.snapshot());
    assert_eq!(
        again.decide(&own, &Limits::default()),
        policy.decide(&own, &Limits::default())
    );
    assert_eq!(again.learned(), 41);
    assert!(bytes.len() < 512 << 10);
}

#[test]
fn a_damaged_snapshot_is_refused_with_its_reason() {
    let mut policy = Policy::new(&settings());
    policy.learn(&feedback(&task(10, "k"), 1, 0.5, 1.0));
    let good = policy.snapshot();
    let refused = |bytes: &[u8]| Policy::restore(&settings(), bytes).map(|_| ()).unwrap_err();
    assert_eq!(refused(b""), SnapshotError::Malformed);
    assert_eq!(refused(&good[..good.len() - 1]), SnapshotError::Malformed);
    let mut other = good.clone();
    other[3] = b'9';
    assert_eq!(refused(&other), SnapshotError::Version);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    assert_eq!(refused(&flipped), SnapshotError::Checksum);
}

#[test]
fn a_snapshot_with_weights_that_no_learning_leads_to_is_refused() {
    let mut policy = Policy::new(&settings());
    policy.learn(&feedback(&task(10, "k"), 1, 0.5, 1.0));
    let good = policy.snapshot();
    // Behind the frame, how often it learned, how many rows there are and the row's place stand its means and then its variances.
    let first_row = 8 + 8 + 4 + 2;
    for (at, value) in [(0, 1e20_f32), (0, -3e38), (16, 2.0), (16, 0.0)] {
        let mut bytes = good.clone();
        bytes[first_row + at..][..4].copy_from_slice(&value.to_le_bytes());
        let end = bytes.len() - 8;
        let sum = bytes[8..end]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        bytes[end..].copy_from_slice(&sum.to_le_bytes());
        let refused = Policy::restore(&settings(), &bytes).map(|_| ());
        assert_eq!(refused, Err(SnapshotError::Malformed), "{value} at {at}");
    }
}

#[test]
fn the_largest_snapshot_stays_below_512_kilobytes() {
    let mut policy = Policy::new(&settings());
    for at in 0..700_u32 {
        let indices: Vec<u32> = (at * 13..(at + 1) * 13).collect();
        let own = Classification {
            kind: format!("{at:0<200}"),
            features: Features {
                values: vec![1.0; indices.len()],
                indices,
            },
            ..task(30, "")
        };
        policy.learn(&feedback(&own, 2, 0.5, 1.0));
    }
    let bytes = policy.snapshot();
    assert!((300_000..512_000).contains(&bytes.len()), "{}", bytes.len());
    assert!(Policy::restore(&settings(), &bytes).is_ok());
}
