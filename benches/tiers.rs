//! Medians: the tier-0 path, the decision, transforms in wasm and native, instantiation, a whole process, handing over an outcome.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use tinydancer::runtime::{Runtime, RuntimeConfig};
use tinydancer::wit::SourceFile;

mod support;

use support::{
    BENCHED_BYTES, Decider, booster_file, host, instruction, native_file, native_options, options,
    pieces, source, task,
};

fn tier0_path(c: &mut Criterion) {
    let (runtime, host, _home) = host();
    let mut group = c.benchmark_group("tier0_path");
    for bytes in BENCHED_BYTES {
        let task = task(&source(bytes));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(bytes.to_string(), |b| {
            b.iter_batched(
                || task.clone(),
                |task| {
                    let done = runtime.block_on(host.run(task));
                    assert!(
                        done.result.is_ok() && done.outcome.tier_done.map(u8::from) == Some(0),
                        "{:?}",
                        done.outcome
                    );
                    done
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn decision(c: &mut Criterion) {
    let decider = Decider::new();
    let mut group = c.benchmark_group("decision");
    for bytes in [100, 400, 1024, 4096, 32768] {
        let task = tinydancer::Task::new(instruction(bytes)).to_contract();
        group.bench_function(bytes.to_string(), |b| {
            b.iter(|| decider.decide(black_box(&task)));
        });
    }
    group.finish();
}

fn route(c: &mut Criterion) {
    let (runtime, host, _home) = host();
    let mut group = c.benchmark_group("route");
    for bytes in [1024, 32768] {
        let task = tinydancer::Task::new(instruction(bytes));
        group.bench_function(bytes.to_string(), |b| {
            b.iter(|| runtime.block_on(host.route(black_box(&task))));
        });
    }
    group.finish();
}

fn transform(c: &mut Criterion) {
    // Of its own: a host makes instances ahead, and what is measured here is all that one costs.
    let runtime = Runtime::new(RuntimeConfig::default()).expect("the components load");
    let wasm_file = booster_file(4096);
    let native_file = native_file(&source(4096));
    let native_options = native_options();
    for info in runtime
        .transforms()
        .expect("the booster lists its transforms")
    {
        let names = std::slice::from_ref(&info.name);
        let mut group = c.benchmark_group(format!("transform/{}", info.name));
        group.throughput(Throughput::Bytes(4096));
        group.bench_function("wasm", |b| {
            b.iter(|| {
                runtime
                    .transform(black_box(&wasm_file), names, &options())
                    .expect("it transforms")
            });
        });
        let mut instance = runtime.warm_booster().expect("it starts");
        group.bench_function("warm", |b| {
            b.iter(|| {
                instance
                    .transform(black_box(&wasm_file), names, &options())
                    .expect("it transforms")
            });
        });
        group.bench_function("native", |b| {
            b.iter(|| {
                tinydancer_booster::transform(black_box(&native_file), names, &native_options)
                    .expect("it transforms")
            });
        });
        group.finish();
    }
}

/// The same over different texts, one after another: what a fresh, a warm and a native call take on code that they have not just seen.
fn transform_in_turn(c: &mut Criterion) {
    let runtime = Runtime::new(RuntimeConfig::default()).expect("the components load");
    let native_options = native_options();
    for info in runtime
        .transforms()
        .expect("the booster lists its transforms")
    {
        let names = std::slice::from_ref(&info.name);
        let files: Vec<_> = pieces(3_000)
            .into_iter()
            .map(|text| SourceFile {
                text,
                ..booster_file(0)
            })
            .collect();
        let native: Vec<_> = files.iter().map(|file| native_file(&file.text)).collect();
        let bytes: usize = files.iter().map(|file| file.text.len()).sum();
        let mut group =
            c.benchmark_group(format!("transform_in_turn/{}/{}", info.name, files.len()));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function("wasm", |b| {
            b.iter(|| {
                for file in &files {
                    black_box(runtime.transform(black_box(file), names, &options()))
                        .expect("it transforms");
                }
            });
        });
        let mut instance = runtime.warm_booster().expect("it starts");
        group.bench_function("warm", |b| {
            b.iter(|| {
                for file in &files {
                    black_box(instance.transform(black_box(file), names, &options()))
                        .expect("it transforms");
                }
            });
        });
        group.bench_function("native", |b| {
            b.iter(|| {
                for file in &native {
                    black_box(tinydancer_booster::transform(
                        black_box(file),
                        names,
                        &native_options,
                    ))
                    .expect("it transforms");
                }
            });
        });
        group.finish();
    }
}

fn instantiate(c: &mut Criterion) {
    let (_runtime, host, _home) = host();
    let mut group = c.benchmark_group("instantiate");
    for name in tinydancer::runtime::Name::ALL {
        group.bench_function(name.as_str(), |b| {
            b.iter(|| host.runtime().instantiate(name).expect("it instantiates"))
        });
    }
    group.finish();
}

/// A process of the command line from its start to its end: it looks for settings, loads the booster and prints what the file becomes.
fn cold_process(c: &mut Criterion) {
    const BYTES: usize = 4_096;
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("file.js");
    std::fs::write(&file, source(BYTES)).expect("the folder can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinydancer"));
    command
        .args(["transform", "var-to-const"])
        .arg(&file)
        .env("TINYDANCER_HOME", home.path())
        .stdout(Stdio::null());
    let mut group = c.benchmark_group("cold_process");
    group.throughput(Throughput::Bytes(BYTES as u64));
    group.bench_function(BYTES.to_string(), |b| {
        b.iter(|| assert!(command.status().expect("it starts").success()));
    });
    group.finish();
}

fn record_outcome(c: &mut Criterion) {
    let (runtime, host, _home) = host();
    let template = runtime.block_on(host.run(task(&source(100)))).outcome;
    let mut next = 0_u64;
    c.bench_function("record_outcome", |b| {
        b.iter_batched(
            || {
                next += 1;
                // The queue is given time to be written, as it has it in life: what is measured is the hand-over, not a flood.
                if next.is_multiple_of(512) {
                    runtime
                        .block_on(host.store().flush())
                        .expect("the store can be written");
                }
                tinydancer::Outcome {
                    id: format!("bench-{next}"),
                    ..template.clone()
                }
            },
            |outcome| runtime.block_on(host.store().record(outcome, None)),
            BatchSize::PerIteration,
        );
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).without_plots();
    targets = tier0_path, decision, route, transform, transform_in_turn, instantiate, cold_process, record_outcome
}
criterion_main!(benches);
