//! Finds the source files that a command line means, and reads and replaces them without ever leaving half a file.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::Problem;

/// Folders and globs into files, in a stable order. What .gitignore leaves out of a folder is left out here; a file that is named
/// is taken as it is, whatever its extension. A file that is meant twice is there once, by the name that came first: two threads must
/// not write it.
pub(super) fn find(paths: &[PathBuf], extensions: &[String]) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        if path.is_dir() {
            walk(&mut WalkBuilder::new(path), extensions, &mut files)?;
        } else if path.exists() || fs::symlink_metadata(path).is_ok() || !is_glob(path) {
            files.push(path.clone());
            continue;
        } else {
            let pattern = path.to_string_lossy();
            let wanted = OverrideBuilder::new(".")
                .add(pattern.strip_prefix("./").unwrap_or(&pattern))
                .and_then(|builder| builder.build())
                .map_err(|e| Problem::Input(format!("the pattern `{pattern}` is wrong: {e}")))?;
            walk(
                WalkBuilder::new(".").overrides(wanted),
                extensions,
                &mut files,
            )?;
        }
        if files.len() == before {
            return Err(Problem::Input(format!(
                "`{}` holds no file that is transformed (.{})",
                path.display(),
                extensions.join(", .")
            )));
        }
    }
    let mut seen = HashSet::new();
    // What cannot be found is told of later, once for each name.
    files.retain(|file| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())));
    files.sort();
    Ok(files)
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

fn walk(
    builder: &mut WalkBuilder,
    extensions: &[String],
    files: &mut Vec<PathBuf>,
) -> Result<(), Problem> {
    // .gitignore counts outside of a git checkout too: a tarball of a project has the same generated folders.
    for entry in builder
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .build()
    {
        let entry = entry.map_err(|e| {
            Problem::Input(format!(
                "a folder cannot be read: {e}; allow it (`chmod u+rx`), or leave it out by .gitignore"
            ))
        })?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let wanted = entry
            .path()
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|extension| {
                extensions
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(extension))
            });
        if is_file
            && wanted
            && !entry
                .path()
                .components()
                .any(|part| part.as_os_str() == "node_modules")
        {
            files.push(entry.into_path());
        }
    }
    Ok(())
}

/// How long a text may be.
pub(super) struct Limit {
    /// The most bytes.
    pub(super) bytes: usize,
    /// What to do about a longer one.
    pub(super) remedy: &'static str,
}

impl Limit {
    /// What is said of a text that is too long; of standard input nobody knows how long it is.
    pub(super) fn exceeded(&self, bytes: Option<u64>) -> String {
        let (limit, remedy) = (self.bytes, self.remedy);
        match bytes {
            Some(bytes) => format!("has {bytes} bytes, more than the limit of {limit}: {remedy}"),
            None => format!("has more than the limit of {limit} bytes: {remedy}"),
        }
    }
}

/// Reads a source text. The error is in words, without the path, and says what to do.
pub(super) fn read(path: &Path, limit: &Limit) -> Result<String, String> {
    let unreadable = |e: io::Error| unreadable(path, &e);
    let size = fs::metadata(path).map_err(unreadable)?;
    if size.is_dir() {
        return Err("is a folder: name the files in it".to_owned());
    }
    if !size.is_file() {
        return Err("is not a file: what is no file can be read from standard input".to_owned());
    }
    if size.len() > limit.bytes as u64 {
        return Err(limit.exceeded(Some(size.len())));
    }
    decode(fs::read(path).map_err(unreadable)?)
}

/// Why a file cannot be read and what to do, in words, without the path.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> String {
    let is_link = || fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let remedy = match error.kind() {
        ErrorKind::NotFound if is_link() => "; it is a link: make it lead to a file",
        ErrorKind::NotFound | ErrorKind::NotADirectory => "; check its name and the folder",
        ErrorKind::IsADirectory => "; name a file in it",
        ErrorKind::PermissionDenied => {
            "; allow it (`chmod u+r`, and `u+x` on the folders above), or leave it out"
        }
        _ => "",
    };
    format!("cannot be read: {error}{remedy}")
}

/// Text is UTF-8; anything else is named and left alone.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(format!(
            "is a binary file (a zero byte at {at}): leave it out or, if it is text in UTF-16, convert it to UTF-8"
        ));
    }
    String::from_utf8(bytes).map_err(|e| {
        format!(
            "is not UTF-8 (at byte {}): convert it, such as by `iconv -f LATIN1 -t UTF-8`, or leave it out",
            e.utf8_error().valid_up_to()
        )
    })
}

/// Puts a new text in a file's place: written beside it, then renamed over it. Mode bits stay; a symbolic link goes on pointing to
/// the same file, which is the one that is replaced. Says how many other names the file had (hard links): they keep the old text.
pub(super) fn replace(path: &Path, text: &str) -> Result<u64, String> {
    let target = fs::canonicalize(path).map_err(|e| unreadable(path, &e))?;
    let before = fs::metadata(&target).map_err(|e| unreadable(path, &e))?;
    if before.permissions().readonly() {
        return Err("is read-only: make it writable (`chmod u+w`), or leave it out".to_owned());
    }
    let folder = target.parent().ok_or("has no folder")?;
    let mut beside = tempfile::Builder::new()
        .prefix(".tinydancer-")
        .tempfile_in(folder)
        .map_err(|e| {
            let remedy = if e.kind() == ErrorKind::PermissionDenied {
                " (its folder has to be writable)"
            } else {
                ""
            };
            format!("cannot be written beside itself: {e}{remedy}")
        })?;
    let failed = |e: io::Error| format!("cannot be written: {e}");
    beside
        .write_all(text.as_bytes())
        .and_then(|()| beside.as_file().sync_data())
        .map_err(failed)?;
    beside
        .as_file()
        .set_permissions(before.permissions())
        .map_err(failed)?;
    #[cfg(unix)]
    let names = {
        use std::os::unix::fs::MetadataExt as _;
        // Only a privileged user can give a file away; for everybody else the owner is the same anyway.
        let _ = std::os::unix::fs::fchown(beside.as_file(), Some(before.uid()), Some(before.gid()));
        before.nlink()
    };
    #[cfg(not(unix))]
    let names = 1;
    beside.persist(&target).map_err(|e| failed(e.error))?;
    Ok(names.saturating_sub(1))
}

/// What packages say of their files, looked up once for each folder.
#[derive(Default)]
pub(super) struct Packages(Mutex<HashMap<PathBuf, Option<bool>>>);

impl Packages {
    /// Whether the package that a file belongs to says that it is a module: the nearest package.json above it with `"type": "module"`.
    /// `"type": "commonjs"` proves nothing: npm writes it into every new package, browser scripts included.
    pub(super) fn say_module(&self, path: &Path) -> Option<bool> {
        // The file may be a link; what counts is where it really is, as for Node.
        let target = match fs::read_link(path) {
            Ok(_) => Some(fs::canonicalize(path).ok()?),
            Err(_) => None,
        };
        let folder = parent(target.as_deref().unwrap_or(path));
        let known = self.lock().get(folder).copied();
        known.unwrap_or_else(|| {
            let says = package_says_module(&fs::canonicalize(folder).ok()?);
            self.lock().insert(folder.to_owned(), says);
            says
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Option<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn package_says_module(folder: &Path) -> Option<bool> {
    let manifest = folder
        .ancestors()
        .map(|folder| folder.join("package.json"))
        .find(|file| file.is_file())?;
    let package: serde_json::Value = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
    (package.get("type")? == "module").then_some(true)
}

/// The git work trees among the files' folders that have changes not committed yet. Silent where git is not there.
pub(super) fn dirty_trees(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = files.iter().map(|file| parent(file).to_owned()).collect();
    folders.sort_unstable();
    folders.dedup();
    // Git is asked once for each folder that holds a repository; what lies in none costs a look at each folder above.
    let mut held: HashMap<PathBuf, bool> = HashMap::new();
    let mut trees: Vec<PathBuf> = Vec::new();
    for folder in folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder).ok())
    {
        if trees.iter().any(|tree| folder.starts_with(tree))
            || !is_in_repository(&folder, &mut held)
        {
            continue;
        }
        if let Some(tree) = git(&folder, &["rev-parse", "--show-toplevel"]) {
            trees.push(PathBuf::from(tree.trim()));
        }
    }
    trees.retain(|tree| {
        git(tree, &["status", "--porcelain", "--untracked-files=no"])
            .is_some_and(|changes| !changes.trim().is_empty())
    });
    trees
}

/// The folder that a file lies in.
fn parent(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Whether a folder or one above it has a `.git`, or the environment says where the repository is.
fn is_in_repository(folder: &Path, held: &mut HashMap<PathBuf, bool>) -> bool {
    if let Some(known) = held.get(folder) {
        return *known;
    }
    let is_held = std::env::var_os("GIT_DIR").is_some()
        || folder.join(".git").exists()
        || folder
            .parent()
            .is_some_and(|above| is_in_repository(above, held));
    held.insert(folder.to_owned(), is_held);
    is_held
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
