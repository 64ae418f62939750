"""Starts ministack, an AWS on this machine, and makes boto3 calls to it until stdin ends; then nothing of it is left.

The first line out is its endpoint. After that every line in is a call, and every line out is its answer or its error.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

START_PATIENCE_S = 120
STOP_PATIENCE_S = 10


def main():
    with tempfile.TemporaryDirectory(prefix="lamex-ministack-", dir=sys.argv[1]) as folder:
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}"
        with open(pathlib.Path(folder, "log"), "w+b") as log:
            server = start(port, folder, log)
            try:
                wait_until_healthy(server, endpoint, log)
                print(endpoint, flush=True)
                serve(endpoint)
            finally:
                stop(server)


def free_port():
    """Below the ports that the kernel hands out, so that nobody is given it before ministack listens."""
    for offset in range(10_000):
        port = 20_000 + (os.getpid() + offset) % 10_000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    sys.exit("there is no free port")


def start(port, folder, log):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "TMPDIR": folder,
        "S3_DATA_DIR": str(pathlib.Path(folder, "s3")),
        "STATE_DIR": str(pathlib.Path(folder, "state")),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": "us-east-1",
    }
    program = pathlib.Path(sys.executable).with_name("ministack")
    # A process group of its own, which its functions belong to as well.
    return subprocess.Popen(
        [program], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def wait_until_healthy(server, endpoint, log):
    give_up_at = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < give_up_at and server.poll() is None:
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    log.seek(0)
    sys.exit(f"ministack does not start:\n{log.read().decode(errors='replace')}")


def stop(server):
    try:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(STOP_PATIENCE_S)
    except (subprocess.TimeoutExpired, ProcessLookupError):
        pass
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    server.wait()


def serve(endpoint):
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        service = call["service"]
        if service not in clients:
            clients[service] = boto3.client(
                service,
                endpoint_url=endpoint,
                region_name="us-east-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        try:
            answer = getattr(clients[service], call["operation"])(**files_read(call["arguments"]))
            answer.pop("ResponseMetadata")
            print(json.dumps({"answer": answer}, default=str), flush=True)
        except ClientError as error:
            print(json.dumps({"error": error.response["Error"]["Code"]}), flush=True)


def files_read(value):
    """Replaces every `{"file": path}` by the file's bytes."""
    if not isinstance(value, dict):
        return value
    if value.keys() == {"file"}:
        return pathlib.Path(value["file"]).read_bytes()
    return {name: files_read(item) for name, item in value.items()}


main()
