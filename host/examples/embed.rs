//! TinyDancer in a program of one's own: `cargo run --example embed`.

use tinydancer::{Answer, Error, Host, Task};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let host = Host::builder()
        .home(std::env::temp_dir().join("tinydancer-embed"))
        .build()
        .await?;
    let done = host
        .run(Task::new("Use const instead of var").with_code("var answer = 42;"))
        .await;
    if let Ok(Answer::Transformed(boosted)) = &done.result {
        println!(
            "tier {:?}: {}",
            done.outcome.tier_done, boosted.files[0].transformed_code
        );
    }
    host.close().await
}
