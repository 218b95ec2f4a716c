"""System commands; a failure is an exception that says what was run and what it said."""

import subprocess


class CommandFailed(Exception):
    pass


def sh(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text or "", capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[0]
        raise CommandFailed(f"{' '.join(command)}: {said}")
    return done.stdout
