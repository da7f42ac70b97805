//! What git knows of files that are about to be replaced. Silent where git or a repository is not there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::walk::parent;

/// The work trees that some files lie in.
pub(super) struct Trees(Vec<Tree>);

struct Tree {
    root: PathBuf,
    is_dirty: bool,
    tracked: HashSet<PathBuf>,
}

impl Trees {
    /// Asks git about each tree once, however many files lie in it.
    pub(super) fn of(files: &[PathBuf]) -> Trees {
        let mut folders: Vec<&Path> = files.iter().map(|file| parent(file)).collect();
        folders.sort_unstable();
        folders.dedup();
        // What lies in no repository costs a look at each folder above.
        let mut held = HashMap::new();
        let mut asked: BTreeMap<PathBuf, Option<PathBuf>> = BTreeMap::new();
        for folder in folders
            .iter()
            .filter_map(|folder| fs::canonicalize(folder).ok())
        {
            if let Some(repository) = repository(&folder, &mut held) {
                asked.entry(repository).or_insert_with_key(|repository| {
                    let root = git(repository, &["rev-parse", "--show-toplevel"])?;
                    Some(path(root.strip_suffix(b"\n").unwrap_or(&root)))
                });
            }
        }
        let mut roots: Vec<PathBuf> = asked.into_values().flatten().collect();
        roots.sort_unstable();
        roots.dedup();
        Trees(roots.into_iter().filter_map(Tree::of).collect())
    }

    /// Those with changes that are not committed.
    pub(super) fn dirty(&self) -> impl Iterator<Item = &Path> {
        let dirty = self.0.iter().filter(|tree| tree.is_dirty);
        dirty.map(|tree| tree.root.as_path())
    }

    /// Whether a file lies in a tree and is not tracked there, so that git has no copy of it.
    pub(super) fn lack(&self, file: &Path) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let Ok(target) = fs::canonicalize(file) else {
            return false;
        };
        // A repository within another one is the one that counts.
        let nearest = self
            .0
            .iter()
            .filter(|tree| target.starts_with(&tree.root))
            .max_by_key(|tree| tree.root.as_os_str().len());
        nearest.is_some_and(|tree| {
            target
                .strip_prefix(&tree.root)
                .is_ok_and(|below| !tree.tracked.contains(below))
        })
    }
}

impl Tree {
    fn of(root: PathBuf) -> Option<Tree> {
        let changes = git(&root, &["status", "--porcelain", "--untracked-files=no"])?;
        let tracked = git(&root, &["ls-files", "-z"])?;
        Some(Tree {
            is_dirty: !changes.is_empty(),
            tracked: tracked.split(|byte| *byte == 0).map(path).collect(),
            root,
        })
    }
}

/// The folder at or above another that has a `.git`; the folder itself where the environment says where the repository is.
fn repository(folder: &Path, held: &mut HashMap<PathBuf, Option<PathBuf>>) -> Option<PathBuf> {
    if let Some(known) = held.get(folder) {
        return known.clone();
    }
    let found = if std::env::var_os("GIT_DIR").is_some() || folder.join(".git").exists() {
        Some(folder.to_owned())
    } else {
        folder.parent().and_then(|above| repository(above, held))
    };
    held.insert(folder.to_owned(), found.clone());
    found
}

fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// A name as git prints it.
fn path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec());
    #[cfg(not(unix))]
    let name: OsString = String::from_utf8_lossy(bytes).into_owned().into();
    PathBuf::from(name)
}
