//! What git knows of files that are about to be replaced. Silent where git or a repository is not there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// What is said of the repositories that some files lie in.
#[derive(Default)]
pub(super) struct Trees {
    dirty: Vec<PathBuf>,
    untracked: HashSet<PathBuf>,
}

/// Files by the names that git is asked about: relative to the folder where it is asked, parted by `/`.
type Asked<'a> = BTreeMap<OsString, &'a PathBuf>;

impl Trees {
    /// Asks git about each repository once, however many files lie in it.
    pub(super) fn of(files: &[PathBuf]) -> Trees {
        // What lies in no repository costs a look at each folder above.
        let mut held = HashMap::new();
        let mut asked: BTreeMap<PathBuf, Asked> = BTreeMap::new();
        for file in files {
            // A link is followed: what is replaced is the file that it leads to.
            let Ok(target) = fs::canonicalize(file).map(plain) else {
                continue;
            };
            if let Some(repository) = target.parent().and_then(|own| repository(own, &mut held))
                && let Ok(below) = target.strip_prefix(&repository)
            {
                let parts: Vec<&OsStr> = below.iter().collect();
                let name = parts.join(OsStr::new("/"));
                asked.entry(repository).or_default().insert(name, file);
            }
        }
        let mut trees = Trees::default();
        for (repository, asked) in asked {
            trees.dirty.extend(dirty(&repository));
            let missing = untracked(&repository, &asked).unwrap_or_default();
            trees
                .untracked
                .extend(missing.into_iter().map(Path::to_owned));
        }
        trees.dirty.sort_unstable();
        trees.dirty.dedup();
        trees
    }

    /// Those with changes that are not committed.
    pub(super) fn dirty(&self) -> impl Iterator<Item = &Path> {
        self.dirty.iter().map(PathBuf::as_path)
    }

    /// Whether one of the files lies in a repository and is not tracked there, so that git has no copy of it.
    pub(super) fn lack(&self, file: &Path) -> bool {
        self.untracked.contains(file)
    }
}

/// The root of the work tree, where it has changes that are not committed.
fn dirty(repository: &Path) -> Option<PathBuf> {
    let changes = git(
        repository,
        &["status", "--porcelain", "--untracked-files=no"],
    )?;
    if changes.is_empty() {
        return None;
    }
    let root = git(repository, &["rev-parse", "--show-toplevel"])?;
    Some(PathBuf::from(printed(
        root.strip_suffix(b"\n").unwrap_or(&root),
    )))
}

/// The files that git does not track.
fn untracked<'a>(repository: &Path, asked: &Asked<'a>) -> Option<Vec<&'a Path>> {
    /// Bytes of names that fit into a command line on every system; for more, all that is tracked is listed.
    const NAMED: usize = 8 << 10;
    let mut arguments = ["ls-files", "-z", "--"].map(OsStr::new).to_vec();
    if asked.keys().map(|name| name.len() + 1).sum::<usize>() <= NAMED {
        arguments.extend(asked.keys().map(OsString::as_os_str));
    }
    let listed = git(repository, &arguments)?;
    // Only what was asked for is kept: a repository may have millions of files.
    let mut rest: BTreeMap<&OsStr, &Path> = asked
        .iter()
        .map(|(name, file)| (name.as_os_str(), file.as_path()))
        .collect();
    for name in listed.split(|byte| *byte == 0) {
        rest.remove(printed(name).as_os_str());
    }
    // There git composes the letters of names, so that they need not come back as they were asked.
    if cfg!(target_vendor = "apple") {
        rest.retain(|name, _| {
            let one = ["ls-files", "--error-unmatch", "--"].map(OsStr::new);
            name.is_ascii() || git(repository, &[&one[..], &[name]].concat()).is_none()
        });
    }
    Some(rest.into_values().collect())
}

/// The folder at or above another that has a `.git`.
fn repository(folder: &Path, held: &mut HashMap<PathBuf, Option<PathBuf>>) -> Option<PathBuf> {
    if let Some(known) = held.get(folder) {
        return known.clone();
    }
    let found = if folder.join(".git").exists() {
        Some(folder.to_owned())
    } else {
        folder.parent().and_then(|above| repository(above, held))
    };
    held.insert(folder.to_owned(), found.clone());
    found
}

/// What git prints, asked in a folder; nothing where it fails. Git says to its hooks by variables which repository they run for. It need not be the
/// one of these files, and a path in them is meant from another folder.
fn git(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Option<Vec<u8>> {
    const OF_ANOTHER: [&str; 6] = [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
    ];
    let mut command = std::process::Command::new("git");
    for name in OF_ANOTHER {
        command.env_remove(name);
    }
    // A file may be called as a pattern is written.
    command.arg("--literal-pathspecs").arg("-C").arg(folder);
    let output = command.args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// A path without the mark by which Windows takes one as it is (`\\?\C:\`): git does not know it.
fn plain(path: PathBuf) -> PathBuf {
    let unmarked = path
        .to_str()
        .and_then(|text| text.strip_prefix(r"\\?\"))
        .filter(|rest| rest.as_bytes().get(1) == Some(&b':'))
        .map(PathBuf::from);
    unmarked.unwrap_or(path)
}

/// A name as git prints it.
fn printed(bytes: &[u8]) -> OsString {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec());
    #[cfg(not(unix))]
    return String::from_utf8_lossy(bytes).into_owned().into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_is_named_without_its_mark_and_all_else_as_it_is() {
        for (path, expected) in [
            (r"\\?\C:\a\b.js", r"C:\a\b.js"),
            (r"\\?\UNC\server\a.js", r"\\?\UNC\server\a.js"),
            ("/a/b.js", "/a/b.js"),
        ] {
            assert_eq!(plain(PathBuf::from(path)), Path::new(expected));
        }
    }
}
