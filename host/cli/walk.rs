//! Finds the source files that a command line means, and reads and replaces them without ever leaving half a file.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::Problem;
use super::remedy::{self, unreadable};

/// What a command line means.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    pub(super) unread: Vec<Unread>,
}

/// What a walk could not take in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unread {
    pub(super) path: PathBuf,
    /// Whether it is a folder, whose files are not known.
    pub(super) is_folder: bool,
    /// Why, and what to do.
    pub(super) words: String,
}

impl Found {
    fn len(&self) -> usize {
        self.files.len() + self.unread.len()
    }
}

/// Folders and globs into files, in a stable order. What .gitignore leaves out of a folder is left out here; a file that is named
/// is taken as it is, whatever its extension. A file that is meant twice is there once, by the name that came first: two threads must
/// not write it.
pub(super) fn find(paths: &[PathBuf], extensions: &[String]) -> Result<Found, Problem> {
    let mut found = Found::default();
    for path in paths {
        let before = found.len();
        if path.is_dir() {
            walk(&mut WalkBuilder::new(path), path, extensions, &mut found);
        } else if path.exists() || fs::symlink_metadata(path).is_ok() || !is_glob(path) {
            found.files.push(path.clone());
            continue;
        } else {
            let pattern = path.to_string_lossy();
            let wanted = OverrideBuilder::new(".")
                .add(pattern.strip_prefix("./").unwrap_or(&pattern))
                .and_then(|builder| builder.build())
                .map_err(|e| Problem::Input(format!("the pattern `{pattern}` is wrong: {e}")))?;
            walk(
                WalkBuilder::new(".").overrides(wanted),
                Path::new("."),
                extensions,
                &mut found,
            );
        }
        if found.len() == before {
            return Err(Problem::Input(format!(
                "`{}` holds no file that is transformed (.{})",
                path.display(),
                extensions.join(", .")
            )));
        }
    }
    let mut seen = HashSet::new();
    // What cannot be found is told of later, once for each name.
    let files = &mut found.files;
    files.retain(|file| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())));
    files.sort();
    found.unread.sort();
    found.unread.dedup();
    Ok(found)
}

fn is_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// Takes in what lies below a folder, as far as it can be read.
fn walk(builder: &mut WalkBuilder, root: &Path, extensions: &[String], found: &mut Found) {
    // .gitignore counts outside of a git checkout too: a tarball of a project has the same generated folders.
    for entry in builder
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .build()
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                found.unread.push(unread(e, root));
                continue;
            }
        };
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
            found.files.push(entry.into_path());
        }
    }
}

/// What a walk came to and could not take in, as a rule a folder.
fn unread(error: ignore::Error, root: &Path) -> Unread {
    fn path(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                path(err)
            }
            ignore::Error::Loop { child, .. } => Some(child),
            ignore::Error::Partial(errors) => errors.iter().find_map(path),
            _ => None,
        }
    }
    let at = path(&error).unwrap_or(root).to_owned();
    let (is_folder, what) = match fs::symlink_metadata(&at) {
        Ok(found) if found.is_symlink() => (false, "this link cannot be followed"),
        Ok(found) if !found.is_dir() => (false, "this file cannot be read"),
        Err(e) if e.kind() == ErrorKind::NotFound => (false, "this has gone while it was read"),
        _ => (true, "this folder cannot be read"),
    };
    let words = match error.io_error() {
        Some(e) if e.kind() == ErrorKind::PermissionDenied => {
            let how = remedy::on_unix(" (`chmod u+rx`)").unwrap_or_default();
            format!("{what}: {e}; allow it{how}, or leave it out by .gitignore")
        }
        Some(e) => format!("{what}: {e}{}", remedy::of(e)),
        None => format!("{what}: {error}; leave it out by .gitignore"),
    };
    Unread {
        path: at,
        is_folder,
        words,
    }
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

/// What the replacing of a file did besides.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    /// How many other names the file had (hard links): they keep the old text.
    pub(super) other_names: u64,
    /// Mode bits that the file had and the new one could not be given.
    pub(super) bits_lost: u32,
}

/// Puts a new text in a file's place: written beside it, then renamed over it. Mode bits stay; a symbolic link goes on pointing to
/// the same file, which is the one that is replaced.
pub(super) fn replace(path: &Path, text: &str) -> Result<Replaced, String> {
    let target = fs::canonicalize(path).map_err(|e| unreadable(path, &e))?;
    let before = fs::metadata(&target).map_err(|e| unreadable(path, &e))?;
    if before.permissions().readonly() {
        let how = remedy::on_unix(" (`chmod u+w`)").unwrap_or_default();
        return Err(format!(
            "is read-only: make it writable{how}, or leave it out"
        ));
    }
    let folder = target.parent().ok_or("has no folder")?;
    let mut beside = tempfile::Builder::new()
        .prefix(".tinydancer-")
        .tempfile_in(folder)
        .map_err(|e| {
            let remedy = match e.kind() {
                ErrorKind::PermissionDenied => {
                    remedy::on_unix("; make its folder writable (`chmod u+wx`)")
                        .unwrap_or("; make its folder writable")
                }
                _ => remedy::of(&e),
            };
            format!("cannot be written beside itself: {e}{remedy}")
        })?;
    let failed = |e: io::Error| format!("cannot be written: {e}{}", remedy::of(&e));
    beside
        .write_all(text.as_bytes())
        .and_then(|()| beside.as_file().sync_data())
        .map_err(failed)?;
    let replaced = take_on(beside.as_file(), &before).map_err(failed)?;
    beside.persist(&target).map_err(|e| failed(e.error))?;
    Ok(replaced)
}

/// Gives a file the owner and the mode bits of another.
#[cfg(unix)]
fn take_on(file: &fs::File, before: &fs::Metadata) -> io::Result<Replaced> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    const ALL: u32 = 0o7777;
    const AS_OWNER: u32 = 0o4000;
    const AS_GROUP: u32 = 0o2000;
    // Only a privileged user can give a file away; for everybody else the owner is the same as a rule. It comes first, as it takes away the bits
    // that let a program run as somebody else.
    let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    let now = file.metadata()?;
    let mut mode = before.mode() & ALL;
    // Nobody's program may come to run as somebody else than before.
    if now.uid() != before.uid() {
        mode &= !AS_OWNER;
    }
    if now.gid() != before.gid() {
        mode &= !AS_GROUP;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(Replaced {
        other_names: before.nlink().saturating_sub(1),
        bits_lost: before.mode() & ALL & !file.metadata()?.mode(),
    })
}

#[cfg(not(unix))]
fn take_on(file: &fs::File, before: &fs::Metadata) -> io::Result<Replaced> {
    file.set_permissions(before.permissions())?;
    Ok(Replaced::default())
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

/// The folder that a file lies in.
pub(super) fn parent(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_walk_cannot_take_in_is_called_what_it_is() {
        let at = tempfile::tempdir().unwrap();
        let path = |name: &str| at.path().join(name);
        fs::write(path("file"), "").unwrap();
        fs::create_dir(path("folder")).unwrap();
        for (name, is_folder, words) in [
            ("file", false, "this file cannot be read"),
            ("folder", true, "this folder cannot be read"),
            ("gone", false, "this has gone"),
        ] {
            let error = ignore::Error::WithPath {
                path: path(name),
                err: Box::new(io::Error::from(ErrorKind::PermissionDenied).into()),
            };
            let own = unread(error, at.path());
            assert_eq!((own.path, own.is_folder), (path(name), is_folder));
            assert!(own.words.starts_with(words), "{}", own.words);
        }
    }
}
