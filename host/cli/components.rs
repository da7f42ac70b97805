//! `tinydancer components`: which are in use, and copies of them for other runtimes.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::report::{print, print_json};
use super::{Common, Exit, Problem, remedy, show};
use crate::Error;
use crate::runtime::{Available, Runtime};

#[derive(Debug, clap::Args)]
pub(super) struct ComponentsArguments {
    #[command(subcommand)]
    action: Option<ComponentsAction>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Print each component's part of the contract too
    #[arg(long)]
    wit: bool,
}

#[derive(Debug, clap::Subcommand)]
enum ComponentsAction {
    /// Write each component as .wasm with its part of the contract as .wit, for other runtimes
    Export {
        /// The folder; made if it is not there
        folder: PathBuf,
    },
}

pub(super) fn run(common: &Common, arguments: ComponentsArguments) -> Result<Exit, Problem> {
    let runtime = Runtime::new(common.config()?.runtime(&common.home()?)).map_err(Error::from)?;
    let found = runtime.components().map_err(Error::from)?;
    if let Some(ComponentsAction::Export { folder }) = &arguments.action {
        return export(&found, folder, arguments.json);
    }
    if arguments.json {
        let values: Vec<Value> = found
            .iter()
            .map(|own| {
                json!({
                    "name": own.name.as_str(), "path": own.path, "bytes": own.wasm.len(), "sha256": own.sha256, "wit": own.wit,
                })
            })
            .collect();
        print_json(&Value::from(values))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|own| {
            let from = own
                .path
                .as_ref()
                .map_or_else(|| "embedded".to_owned(), |path| path.display().to_string());
            vec![
                own.name.to_string(),
                from,
                own.wasm.len().to_string(),
                own.sha256.clone(),
            ]
        })
        .collect();
    print(&show::table(
        &["component", "from", "bytes", "sha256"],
        &rows,
    ))?;
    for own in found.iter().filter(|_| arguments.wit) {
        print(&format!("\n{}\n{}", show::bold(own.name.as_str()), own.wit))?;
    }
    Ok(Exit::Done)
}

fn export(found: &[Available], folder: &Path, as_json: bool) -> Result<Exit, Problem> {
    fs::create_dir_all(folder).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Problem::Input(format!(
            "`{}` cannot be made a folder, because a file is in the way: name another folder",
            folder.display()
        )),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Problem::io(format!("the folder `{}` cannot be made", folder.display()))(e)
        }
        _ => Problem::Input(format!(
            "the folder `{}` cannot be made: {e}{}",
            folder.display(),
            remedy::of(&e)
        )),
    })?;
    let mut values = Vec::new();
    let mut names = String::new();
    for component in found {
        let path = |extension: &str| folder.join(format!("{}.{extension}", component.name));
        let (wasm, wit) = (path("wasm"), path("wit"));
        write_whole(&wasm, &component.wasm)?;
        write_whole(&wit, component.wit.as_bytes())?;
        names.push_str(&format!("{}\n{}\n", wasm.display(), wit.display()));
        values.push(json!({
            "name": component.name.as_str(), "wasm": wasm, "wit": wit, "bytes": component.wasm.len(), "sha256": component.sha256,
        }));
    }
    if as_json {
        print_json(&Value::from(values))?;
    } else {
        print(&names)?;
    }
    Ok(Exit::Done)
}

/// Writes beside and renames, so that no half file is ever there. Anybody may read it whom the user's mask lets.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let failed = || Problem::io(format!("`{}` cannot be written", path.display()));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tinydancer-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.tempfile_in(folder).map_err(failed())?;
    beside.write_all(bytes).map_err(failed())?;
    beside.persist(path).map_err(|e| failed()(e.error))?;
    Ok(())
}
