//! What `kill -9` leaves in the store: every paid outcome, and of those that cost nothing all but the last moment's.

#[path = "support/store.rs"]
mod ledger;
mod support;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use ledger::{begin, open, template};
use tinydancer::money::Picodollars;
use tinydancer::store::{Options, Query, Recorded, Store, UnderWay};
use tinydancer::{Outcome, Status};

/// Starts one of the tests that are none as a process of its own, on a store, with the lines that it prints.
fn start(child: &str, store: &Path) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env("TINYDANCER_TEST_STORE", store)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines.map_while(Result::ok))
}

/// xorshift (Marsaglia 2003): another place in each round, the same ones in each run.
fn next_place(place: &mut u64) -> u64 {
    *place ^= *place << 13;
    *place ^= *place >> 7;
    *place ^= *place << 17;
    *place
}

/// Not a test of its own: what the next test kills. It begins calls without end and says what it has been promised.
#[tokio::test]
async fn child_that_is_killed() {
    let Ok(path) = std::env::var("TINYDANCER_TEST_STORE") else {
        return;
    };
    let row = template().await;
    let store = Store::open(std::path::Path::new(&path), Options::default())
        .await
        .unwrap();
    for at in 0.. {
        let id = format!("{}-{at}", std::process::id());
        let reservation = store
            // Under a limit that is never met, so that blocks of it are leased when the end comes.
            .begin(begin(&row, &id, 10, Some(1_000_000_000)))
            .await
            .unwrap();
        println!("begun {id}");
        store
            .record(
                Outcome {
                    id: format!("free-{id}"),
                    ..row.clone()
                },
                None,
            )
            .await;
        if at % 3 != 0 {
            reservation
                .settle(
                    Outcome {
                        id: id.clone(),
                        ..row.clone()
                    },
                    Picodollars::new(7),
                    None,
                )
                .await
                .unwrap();
            println!("settled {id}");
        } else {
            std::mem::forget(reservation);
        }
    }
}

fn is_promise(line: &str) -> bool {
    line.starts_with("begun ") || line.starts_with("settled ")
}

#[tokio::test]
async fn a_killed_process_loses_no_paid_outcome() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    // `TINYDANCER_KILLS=200` is the long run; at its places a plain `cargo test` looks at the first six.
    let rounds = std::env::var("TINYDANCER_KILLS").map_or(6, |count| count.parse().unwrap());
    let mut place = 0x9e37_79b9_u64;
    for _ in 0..rounds {
        let place = next_place(&mut place);
        let (mut child, mut lines) = start("child_that_is_killed", &path);
        let mut said: Vec<String> = Vec::new();
        while said.len() < usize::try_from(4 + place % 60).unwrap() {
            let line = lines.next().expect("it goes on until it is killed");
            said.extend(is_promise(&line).then_some(line));
        }
        // And not only where it has just said something.
        std::thread::sleep(Duration::from_micros(place % 1_500));
        child.kill().unwrap();
        said.extend(lines.filter(|line| is_promise(line)));
        child.wait().unwrap();

        let store = open(&path).await;
        assert!(store.recovered() > 0);
        for line in said {
            let (what, id) = line.split_once(' ').unwrap();
            let kept = store
                .outcome(id)
                .await
                .unwrap_or_else(|e| panic!("{line}: {e}"));
            match what {
                "settled" => assert_eq!((kept.status, kept.cost.get()), (Status::Success, 7)),
                _ => assert_ne!(kept.status, Status::Started),
            }
        }
        assert_eq!(
            store.check_ledger().await.unwrap().faults,
            Vec::<String>::new()
        );
        assert_eq!(store.spending(1).await.unwrap()[0].reserved.get(), 0);
        assert_eq!(store.under_way().await.unwrap(), UnderWay::default());
    }
}

/// Not a test of its own: what the next test kills. It hands over an outcome of tier 0 about each millisecond, and says which and when.
#[tokio::test]
async fn child_that_is_killed_at_tier_0() {
    let Ok(path) = std::env::var("TINYDANCER_TEST_STORE") else {
        return;
    };
    let row = template().await;
    let store = open(Path::new(&path)).await;
    // The harness may have begun a line.
    println!();
    for at in 0_u32.. {
        let row = Outcome {
            id: at.to_string(),
            ..row.clone()
        };
        assert_eq!(store.record(row, None).await, Recorded::Queued);
        println!("handed over {at} {} .", clock().as_micros());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Watches how long a disk takes to keep a few pages for good: more than a commit asks of it, which only now and then waits so long.
struct Disk {
    is_watched: Arc<AtomicBool>,
    watch: JoinHandle<Duration>,
}

impl Disk {
    fn watch(folder: &Path) -> Disk {
        let file = File::create(folder.join("disk")).unwrap();
        let is_watched = Arc::new(AtomicBool::new(true));
        let go_on = Arc::clone(&is_watched);
        let watch = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while go_on.load(Ordering::Relaxed) {
                let begun = Instant::now();
                (&file).write_all(&[0; 4 << 12]).unwrap();
                file.sync_all().unwrap();
                longest = longest.max(begun.elapsed());
                std::thread::sleep(Duration::from_millis(5));
            }
            longest
        });
        Disk { is_watched, watch }
    }

    /// The longest time that it took.
    fn longest(self) -> Duration {
        self.is_watched.store(false, Ordering::Relaxed);
        self.watch.join().unwrap()
    }
}

/// The one clock that two processes share.
fn clock() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap()
}

#[tokio::test]
async fn a_killed_process_loses_at_most_the_last_50_ms_of_tier_0() {
    let home = tempfile::tempdir().unwrap();
    let mut place = 0x9e37_79b9_u64;
    for round in 0..8 {
        let path = home.path().join(format!("{round}.db"));
        let disk = Disk::watch(home.path());
        let (mut child, lines) = start("child_that_is_killed_at_tier_0", &path);
        let mut handed_over = lines.filter_map(|line| {
            // With its end, because the last line may have been cut off.
            let line = line.strip_prefix("handed over ")?.strip_suffix(" .")?;
            let (at, time) = line.split_once(' ')?;
            let at: usize = at.parse().ok()?;
            Some((at, Duration::from_micros(time.parse().ok()?)))
        });
        let count = usize::try_from(100 + next_place(&mut place) % 100).unwrap();
        let mut times: Vec<Duration> = Vec::new();
        while times.len() < count {
            let (at, time) = handed_over.next().expect("it goes on until it is killed");
            assert_eq!(at, times.len());
            times.push(time);
        }
        let killed = clock();
        child.kill().unwrap();
        times.extend(handed_over.map(|(_, time)| time));
        child.wait().unwrap();
        let longest_wait = disk.longest();

        let store = open(&path).await;
        let mut kept: Vec<usize> = store
            .outcomes(&Query::default())
            .await
            .unwrap()
            .iter()
            .map(|row| row.id.parse().unwrap())
            .collect();
        kept.sort_unstable();
        let expected: Vec<usize> = (0..kept.len()).collect();
        assert_eq!(
            kept, expected,
            "what is missing is the end and nothing else"
        );

        // Where more wants to run than there are cores, every thread waits for its turn. The child wants one each millisecond, so its own gaps
        // show how long that takes just now; the writer waits so for two turns at most, at the end of its 25 ms and within a commit. A slow disk
        // shows in no gap, and an outcome may wait for it twice: while the commit before its own is made, and in its own.
        let gaps = times.windows(2).map(|two| two[1].saturating_sub(two[0]));
        let allowance = 2 * gaps.max().unwrap() + 2 * longest_wait;
        let due = killed - Duration::from_millis(50) - allowance;
        if let Some(lost) = times.get(kept.len()) {
            assert!(
                *lost >= due,
                "{:?} before the kill, and lost (with an allowance of {allowance:?})",
                killed - *lost
            );
        }
    }
}
