"""A terminal with a shell, in which somebody types commands and answers what they ask."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

# A command that shows nothing for so long waits for an answer that nobody gives.
PATIENCE_S = 300

# Commands come by one pipe and exit codes go by another, so that the terminal has nothing but what a reader sees.
SHELL = r"""while IFS= read -r -d '' -u {commands} command; do
  eval "$command" {commands}<&- {exit_codes}>&-
  printf '%s\n' "$?" >&{exit_codes}
done"""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


def as_text(shown):
    """Without colours and the like."""
    return _CONTROL.sub("", shown.decode(errors="replace"))


class Terminal:
    """Folder, variables and exports last from one command to the next."""

    def __init__(self, folder, environment, answers):
        """`answers` are pairs of what a command asks, as a regular expression, and what is typed then."""
        self._answers = answers
        self._screen, terminal = pty.openpty()
        # Wide, so that tables and lines are not broken.
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 240, 0, 0))
        for_commands, self._commands = os.pipe()
        self._exit_codes, for_exit_codes = os.pipe()
        shell = SHELL.format(commands=for_commands, exit_codes=for_exit_codes)
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", shell], cwd=folder, env=environment, stdin=terminal,
            stdout=terminal, stderr=terminal, pass_fds=(for_commands, for_exit_codes), start_new_session=True,
        )
        for descriptor in (terminal, for_commands, for_exit_codes):
            os.close(descriptor)

    def run(self, command, place="", exit_code=0):
        """Types a command; returns what the terminal shows until it ends, without colours."""
        os.write(self._commands, command.encode() + b"\0")
        shown, answered = b"", 0
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            ready, _, _ = select.select([self._screen, self._exit_codes], [], [], 5)
            if self._screen in ready and (more := self._read()):
                shown += more
                give_up_at = time.monotonic() + PATIENCE_S
                answered = self._answer(as_text(shown), answered)
            elif self._exit_codes in ready:
                code = os.read(self._exit_codes, 16).decode().strip()
                # What a terminal shows may come a moment after it was written.
                while select.select([self._screen], [], [], 0.2)[0] and (more := self._read()):
                    shown += more
                break
            elif self._shell.poll() is not None or time.monotonic() > give_up_at:
                code = "no exit code"
                break
        text = as_text(shown)
        if code != str(exit_code):
            raise AssertionError(f"{place}: `{command}` ended with {code}, not {exit_code}. It showed\n{text[-8000:]}")
        return text

    def _read(self):
        try:
            return os.read(self._screen, 65536)
        except OSError:  # Linux's way to say that nobody has the terminal any more.
            return b""

    def _answer(self, text, answered):
        for question, answer in self._answers:
            asked = re.compile(question).search(text, answered)
            if asked:
                os.write(self._screen, answer.encode() + b"\n")
                return asked.end()
        return answered

    def close(self):
        """Ends the shell, and whatever it has started."""
        os.close(self._commands)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._shell.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.wait()
        os.close(self._screen)
        os.close(self._exit_codes)
