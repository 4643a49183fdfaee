# SPDX-License-Identifier: Apache-2.0
"""A program in a tmux pane of its own server: keys in, screens out. Nothing here sleeps blindly;
every wait looks at the screen until it shows what is waited for."""
import os
import subprocess
import tempfile
import time

WAIT_SECONDS = 20


class Screen:
    def __init__(self, command, rows=24, cols=80, term="tmux-256color", env=None):
        self.folder = tempfile.TemporaryDirectory(prefix="tui-")
        self.socket = os.path.join(self.folder.name, "socket")
        pairs = {"TERM": term, "LC_ALL": "C.UTF-8", "TZ": "UTC0"}
        pairs.update(env or {})
        words = ["env", "-u", "NO_COLOR", "-u", "LINES", "-u", "COLUMNS"]
        words += [f"{key}={value}" for key, value in pairs.items()] + list(command)
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        # The shell stays behind, so that the pane can be read after the program has gone.
        script = f"echo BEFORE; {quoted}; echo \"STATUS $?\"; exec sleep 600"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(cols), "-y", str(rows),
                  "sh", "-c", script)
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "escape-time", "0")
        self.tmux("set-option", "-g", "window-size", "manual")
        self.resize(rows, cols)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True, text=True,
                              capture_output=True).stdout

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False,
                       capture_output=True)
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def resize(self, rows, cols):
        self.tmux("resize-window", "-x", str(cols), "-y", str(rows))

    def text(self):
        return self.tmux("capture-pane", "-p")

    def everything(self):
        """The screen, its scrollback, and the other page of the terminal."""
        both = self.tmux("capture-pane", "-p", "-J", "-S", "-", "-E", "-")
        other = subprocess.run(["tmux", "-S", self.socket, "capture-pane", "-a", "-p", "-q"],
                               check=False, text=True, capture_output=True).stdout
        return both + other

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def enter(self):
        """Enter after another key that does nothing: a second Enter right after the first is not taken."""
        self.keys("Left", "Enter")

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def until(self, accept, what):
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            text = self.text()
            if accept(text):
                return text
            time.sleep(0.03)
        raise AssertionError(f"never seen: {what}\n{self.text()}")

    def see(self, *words):
        return self.until(lambda text: all(word in text for word in words), words)

    def see_not(self, word):
        return self.until(lambda text: word not in text, f"a screen without {word!r}")

    def pids(self, name):
        """Processes of this pane whose program has this name."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii") as file:
                    fields = file.read().rsplit(")", 1)
                if fields[1].split()[1] == shell and fields[0].split("(", 1)[1] == name:
                    found.append(int(entry))
            except OSError:
                continue
        return found
