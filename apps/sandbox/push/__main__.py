"""`python -m apps.sandbox.push`: the stand-ins on one port of this machine, until told to stop."""

import argparse
import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces


def main() -> None:
    """Serve them."""
    options = argparse.ArgumentParser(description="Stand-ins for FCM, APNs and a browser's push service.")
    options.add_argument("--port", type=int, default=9400)
    port = options.parse_args().port
    os.environ["SANDBOX_PUSH_BASE"] = f"http://127.0.0.1:{port}"
    Granian(
        "apps.sandbox.push.app:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.auto,
        workers=1,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
