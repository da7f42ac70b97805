//! What to do about an operating system's error: a part of a sentence that follows its words, or nothing where nobody knows.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Why a file or folder cannot be read and what to do, in words, without the path.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> String {
    let is_link = || fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let remedy = match error.kind() {
        _ if is_loop(error) => "; it is a link that leads back to itself: make it lead to a file",
        ErrorKind::NotFound if is_link() => "; it is a link: make it lead to a file",
        ErrorKind::NotFound | ErrorKind::NotADirectory => "; check its name and the folder",
        ErrorKind::IsADirectory => "; name a file in it",
        ErrorKind::PermissionDenied => {
            on_unix("; allow it (`chmod u+r`, and `u+x` on the folders above), or leave it out")
                .unwrap_or("; allow it, or leave it out")
        }
        _ => of(error),
    };
    format!("cannot be read: {error}{remedy}")
}

/// Whether a path leads round in circles.
pub(super) fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::ELOOP);
    #[cfg(not(unix))]
    return false;
}

/// What helps whatever was to be done.
pub(super) fn of(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull => "; make room on its disk, or name a place on another one",
        ErrorKind::QuotaExceeded => "; make room within the quota, or name a place outside of it",
        ErrorKind::FileTooLarge => {
            "; raise the largest size of a file (`ulimit -f`, or another file system)"
        }
        ErrorKind::ReadOnlyFilesystem => "; name a place on a disk that can be written",
        ErrorKind::PermissionDenied => on_unix("; allow it (`chmod`), or name another place")
            .unwrap_or("; allow it, or name another place"),
        ErrorKind::NotFound => "; check the name and the folders above, or name another place",
        ErrorKind::InvalidFilename => "; make names and folders shorter, or go nearer to it (`cd`)",
        ErrorKind::IsADirectory => "; it is a folder: name a file in it",
        ErrorKind::NotADirectory => "; what should be a folder is a file: name another place",
        ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => {
            "; remove what is there, or name another place"
        }
        _ if is_loop(error) => "; make the links on the way lead to a place",
        _ if is_of_a_device(error) => {
            "; see whether the disk or the device behind it is in order, and try again"
        }
        _ => without_place(error),
    }
}

/// What helps where no file and no folder has a part in it.
pub(super) fn without_place(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::OutOfMemory => "; end other programs, or raise the memory that it may have",
        _ if is_short_of_files(error) => "; raise how many files may be open (`ulimit -n`)",
        ErrorKind::WouldBlock | ErrorKind::ResourceBusy => {
            "; end other programs, or raise what this one may have (`ulimit -a`), and try again"
        }
        _ => "",
    }
}

/// Words that name a command of Unix's, there.
pub(super) fn on_unix<T>(words: T) -> Option<T> {
    cfg!(unix).then_some(words)
}

fn is_of_a_device(error: &io::Error) -> bool {
    #[cfg(unix)]
    return matches!(
        error.raw_os_error(),
        Some(libc::EIO | libc::ENXIO | libc::ENODEV)
    );
    #[cfg(not(unix))]
    return false;
}

fn is_short_of_files(error: &io::Error) -> bool {
    #[cfg(unix)]
    return matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE));
    #[cfg(not(unix))]
    return false;
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_fails_on_a_disk_is_told_with_what_to_do_about_that() {
        for (code, words) in [
            (libc::ENOSPC, "make room on its disk"),
            (libc::EDQUOT, "within the quota"),
            (libc::EFBIG, "`ulimit -f`"),
            (libc::EROFS, "can be written"),
            (libc::EACCES, "`chmod`"),
            (libc::ENOENT, "folders above"),
            (libc::ENAMETOOLONG, "shorter"),
            (libc::ELOOP, "links on the way"),
            (libc::EMFILE, "`ulimit -n`"),
            (libc::EIO, "in order"),
            (libc::ENODEV, "in order"),
            (libc::ENXIO, "in order"),
            (libc::EISDIR, "name a file in it"),
            (libc::ENOTDIR, "is a file"),
            (libc::ENOTEMPTY, "another place"),
            (libc::EEXIST, "another place"),
        ] {
            let error = io::Error::from_raw_os_error(code);
            assert!(of(&error).contains(words), "{error}: {}", of(&error));
        }
    }

    #[test]
    fn where_nobody_knows_nothing_is_advised_and_no_disk_is_suspected() {
        for code in [
            libc::ECONNREFUSED,
            libc::ETIMEDOUT,
            libc::EADDRINUSE,
            libc::EINVAL,
            libc::EPIPE,
        ] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(of(&error), "", "{error}");
        }
        for code in [libc::EACCES, libc::ENOENT, libc::EROFS, libc::EIO] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(without_place(&error), "", "{error}");
        }
    }
}
