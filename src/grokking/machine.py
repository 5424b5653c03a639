"""Messages on errors of the operating system: which file, what is wrong, and what to do."""

import errno
import os
import re
from pathlib import Path

ELSEWHERE = "or let snakemake write to another folder: --directory FOLDER"
RIGHTS = f"change its rights, {ELSEWHERE}"
FULL = f"free some space, {ELSEWHERE}; the next call resumes"
NO_LOCKS = f"this file system has no file locks; use a local folder, {ELSEWHERE}"
IN_THE_WAY = f"something else has the place of a file or folder; rename it, {ELSEWHERE}"
CURES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: RIGHTS,
    errno.EMFILE: "raise the limit of this shell (ulimit -n 4096), or use fewer --cores",
    errno.ENFILE: "too many files are open on this machine; close programs, or use fewer --cores",
    errno.ENAMETOOLONG: f"use a folder with a shorter path, {ELSEWHERE}",
    errno.ELOOP: IN_THE_WAY,
    errno.ENOTDIR: IN_THE_WAY,
    errno.EISDIR: IN_THE_WAY,
    errno.EEXIST: IN_THE_WAY,
    errno.ENOTEMPTY: IN_THE_WAY,
    errno.ENOENT: "it was deleted or moved, or a link leads to nothing; restore it, or call snakemake again",
    errno.ESTALE: "the network folder was replaced or mounted again; change into it again and repeat the call",
    errno.ENOLCK: NO_LOCKS,
    errno.ENOSYS: NO_LOCKS,
    errno.EOPNOTSUPP: NO_LOCKS,
    errno.ENOMEM: "free some memory, or use fewer --cores",
}
OTHERWISE = "check the disk or the network folder, then repeat the call; it resumes"
# The end of Python's report of an `OSError`: its number, what it says, and mostly a file.
RAISED = re.compile(r"^[\w.]*(?:Error|Exception): \[Errno (\d+)\] ([^\n]*?)(?:: '(.*?)'(?: -> '.*')?)?$", re.MULTILINE)


def in_words(number: int, file: str | None) -> str:
    """Return a message on an `OSError`: its file, the system's reason and what to do.

    `number` is the error's errno. Without a `file` the message names the working folder.
    """
    place = file or f"{working_folder()} (the working folder)"
    return f"{place}: {os.strerror(number)}; {CURES.get(number, OTHERWISE)}"


def working_folder() -> str:
    """Return the working folder, or the shell's name for it if the folder was deleted."""
    try:
        return str(Path.cwd())
    except OSError:
        return os.environ.get("PWD", "here")


def reported(text: str) -> str | None:
    """Return a message on the last `OSError` in `text`, the traceback of a process.

    Returns None if `text` has no `OSError`.
    """
    errors = RAISED.findall(text)
    return in_words(int(errors[-1][0]), errors[-1][2] or None) if errors else None
