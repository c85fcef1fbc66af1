"""`python -m tests.e2e.cut_off STAGE:POINT:TIME ARGUMENTS`: rasid, killed (-9) the TIMEth time that STAGE comes to POINT."""

import os
import signal
import sys

from rasid.cli import main
from shared import points


def die_at(what: str) -> None:
    """Installs the kill."""
    stage, point, time = what.split(":")
    left = int(time)

    def reached(at: str, name: str) -> None:
        nonlocal left
        if (name, at) == (stage, point):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    points.install(reached)


if __name__ == "__main__":  # worker processes import this module too; they are not to die
    die_at(sys.argv[1])
    main(sys.argv[2:])
