"""A runtime that does what the event says, step by step. Standard library only.

The event is {"steps": [[name, argument, ...], ...]}; what steps return is the answer, unless one of them
answers itself. INIT, if set, is a list of steps to do before the first request for an invocation.
"""

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PREFIX = "/2018-06-01/runtime"
COUNT = 0


def request(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = response.status, dict(response.getheaders()), response.read()
    connection.close()
    return answer


class Stream:
    """A streamed response, written byte by byte so that it can be broken off anywhere."""

    def __init__(self, request_id):
        host, port = API.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.send(
            f"POST {PREFIX}/invocation/{request_id}/response HTTP/1.1\r\nHost: {API}\r\n"
            "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n".encode()
        )

    def send(self, data):
        self.socket.sendall(data)

    def chunk(self, data):
        self.send(b"%x\r\n" % len(data) + data + b"\r\n")

    def end(self, trailers=""):
        self.send(f"0\r\n{trailers}\r\n".encode())
        status = self.socket.makefile("rb").readline().decode()
        self.socket.close()
        if not status:
            raise ConnectionResetError
        return int(status.split()[1])


class Invocation:
    def __init__(self, request_id, headers):
        self.request_id = request_id
        self.headers = headers
        self.stream = None
        self.is_answered = False

    # What the function can say of itself.

    def do_facts(self):
        with open("/proc/self/environ", "rb") as file:
            pairs = [pair.partition(b"=") for pair in file.read().split(b"\0") if pair]
        return {
            "pid": os.getpid(),
            "count": COUNT,
            "cwd": os.getcwd(),
            "group": os.getpgrp(),
            "stdin": sys.stdin.read(),
            "environment": {name.decode(): value.decode() for name, _, value in pairs},
            "headers": self.headers,
            "request_id": self.request_id,
        }

    def do_mode(self, path):
        return os.stat(path).st_mode & 0o777

    # Answers.

    def do_respond(self, payload):
        self.is_answered = True
        return request("POST", f"{PREFIX}/invocation/{self.request_id}/response", payload.encode())[0]

    def do_respond_bytes(self, count):
        return self.do_respond("x" * count)

    def do_error(self, payload, error_type):
        self.is_answered = True
        headers = {"Lambda-Runtime-Function-Error-Type": error_type} if error_type else {}
        path = f"{PREFIX}/invocation/{self.request_id}/error"
        return request("POST", path, payload.encode(), headers)[0]

    def do_stream(self):
        self.is_answered = True
        self.stream = Stream(self.request_id)

    def do_chunk(self, text):
        self.stream.chunk(text.encode())

    def do_random_chunks(self, count, size):
        digest = hashlib.sha256()
        block = os.urandom(size)
        for number in range(count):
            data = number.to_bytes(8, "big") + block[8:]
            digest.update(data)
            self.stream.chunk(data)
        print("sha256", digest.hexdigest(), flush=True)

    def do_end(self):
        return self.stream.end()

    def do_end_with_error(self, error_type, body):
        encoded = base64.b64encode(body.encode()).decode()
        return self.stream.end(
            f"Lambda-Runtime-Function-Error-Type: {error_type}\r\n"
            f"Lambda-Runtime-Function-Error-Body: {encoded}\r\n"
        )

    def do_break_off(self):
        self.stream.socket.close()

    def do_call(self, method, path, body):
        path = path.replace("{id}", self.request_id)
        status, _, answer = request(method, path, body.encode() if body is not None else None)
        return [status, json.loads(answer).get("errorType")]

    def do_request(self, headers):
        """Asks for the next invocation with these headers."""
        return request("GET", f"{PREFIX}/invocation/next", None, headers)[0]

    # Other things that functions do.

    def do_print(self, text):
        os.write(1, text.encode())

    def do_print_error(self, text):
        os.write(2, text.encode())

    def do_sleep(self, seconds):
        time.sleep(seconds)

    def do_wait_for(self, path):
        while not os.path.exists(path):
            time.sleep(0.002)

    def do_write(self, path, text):
        with open(path + ".part", "w") as file:
            file.write(text)
        os.rename(path + ".part", path)

    def do_try(self, step, path):
        """Does a step that may fail and writes down how it went."""
        try:
            outcome = json.dumps(self.do(step))
        except OSError as error:
            outcome = type(error).__name__
        self.do_write(path, outcome)

    def do_until_refused(self, step):
        """The response's head may be processed after requests on other connections."""
        while (outcome := self.do(step))[0] == 200:
            time.sleep(0.002)
        return outcome

    def do_kill(self, number):
        os.kill(os.getpid(), number)
        signal.pause()

    def do_exit(self, code):
        os._exit(code)

    # Processes that outlive their parent. Each returns the process id of a `sleep`.

    def do_leave(self, kind):
        command = {
            "child": "exec sleep 600",
            "daemon": "setsid sh -c 'sleep 600 & echo $!; exec >&- 2>&-; wait' &",
            "orphan": "setsid sh -c '(sleep 600 >&- 2>&- & echo $!)'",
            "bare": "env -i sleep 600 >&- 2>&- & echo $!",
            "lost": "setsid env -i sh -c '(sleep 600 >&- 2>&- & echo $!)'",
        }[kind]
        process = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE)
        return process.pid if kind == "child" else int(process.stdout.readline())

    def do_init_error(self, payload):
        headers = {"Lambda-Runtime-Function-Error-Type": json.loads(payload)["errorType"]}
        return request("POST", f"{PREFIX}/init/error", payload.encode(), headers)[0]

    def do(self, step):
        name, *arguments = step
        return getattr(self, "do_" + name)(*arguments)


def main():
    global COUNT
    starting = Invocation("none", {})
    for step in json.loads(os.environ.get("INIT", "[]")):
        starting.do(step)
    last = None
    while True:
        status, headers, event = request("GET", f"{PREFIX}/invocation/next")
        headers = {name.lower(): value for name, value in headers.items()}
        if status != 200 or headers["lambda-runtime-aws-request-id"] == last:
            # Too early: a response that was broken off may be processed after this request.
            time.sleep(0.002)
            continue
        last = headers["lambda-runtime-aws-request-id"]
        COUNT += 1
        invocation = Invocation(headers["lambda-runtime-aws-request-id"], headers)
        results = [invocation.do(step) for step in json.loads(event).get("steps", [])]
        if not invocation.is_answered:
            invocation.do_respond(json.dumps(results))


main()
