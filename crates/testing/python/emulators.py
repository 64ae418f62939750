"""An AWS on this machine, behind one endpoint: EC2 and Route 53 of moto, the rest of ministack.

Each is good at what the other is not: ministack runs functions and simulates policies; moto knows the groups of endpoints,
the associations of ACLs and the addresses of interfaces. The access key `without.ec2.DescribeSubnets` is of somebody who
may do everything but that; `throttled.route53` has an account that others use a lot: Route 53 throttles its first four
requests, and refuses two at a time.

The first line out is the endpoint. After that every line in is a boto3 call, and every line out is its answer or its
error. It lasts until stdin ends; then nothing of it is left.
"""

import contextlib
import http.client
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
REGION = "us-east-1"
# Before moto is imported: it reads its account once.
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT

from moto.ec2.models import ec2_backends  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

OF_MOTO = {"ec2", "route53"}
# What the requests without an `Action` are, by their path.
REST_ACTIONS = [
    (r"GET /[^/]+/functions/[^/]+/configuration$", "lambda:GetFunctionConfiguration"),
    (r"GET /[^/]+/functions/[^/]+/aliases/", "lambda:GetAlias"),
    (r"GET /[^/]+/hostedzonesbyvpc$", "route53:ListHostedZonesByVPC"),
    (r"GET /[^/]+/hostedzone/?$", "route53:ListHostedZones"),
    (r"GET /[^/]+/hostedzone/[^/]+/rrset", "route53:ListResourceRecordSets"),
]


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    driver = pathlib.Path(__file__).with_name("ministack.py")
    # It ends with its stdin.
    ministack = subprocess.Popen(
        [sys.executable, driver, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        endpoint = ministack.stdout.readline().strip()
        Front.ports = {"moto": moto.get_host_and_port()[1], "ministack": urllib.parse.urlsplit(endpoint).port}
        front = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        threading.Thread(target=front.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{front.server_port}"
        print(address, flush=True)
        serve(address)
    finally:
        ministack.stdin.close()
        ministack.wait()
        moto.stop()


class Front(BaseHTTPRequestHandler):
    """Passes every request on to the emulator that is good at its service, unless the caller may not do it."""

    protocol_version = "HTTP/1.1"
    # The answer's head and body are two writes, which must not wait for each other's acknowledgement.
    disable_nagle_algorithm = True
    ports = {}
    # How many requests were throttled, and the one under way that may not be joined by another.
    throttled = 0
    busy = threading.Lock()

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        key, service = found.groups() if found else ("", "")
        if key == "without." + action_of(service, self.command, self.path, body).replace(":", "."):
            self.answer(403, *refusal(service))
            return
        if key == "throttled.route53" and service == "route53":
            with self.one_at_a_time() as is_alone:
                if not is_alone:
                    self.answer(403, *refusal(service))
                elif Front.throttled < 4:
                    Front.throttled += 1
                    self.answer(400, *throttling())
                else:
                    self.pass_on(service, body)
            return
        self.pass_on(service, body)

    do_POST = do_PUT = do_DELETE = do_GET

    @contextlib.contextmanager
    def one_at_a_time(self):
        is_alone = Front.busy.acquire(blocking=False)
        try:
            yield is_alone
        finally:
            if is_alone:
                Front.busy.release()

    def pass_on(self, service, body):
        port = self.ports["moto" if service in OF_MOTO else "ministack"]
        upstream = http.client.HTTPConnection("127.0.0.1", port)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if service == "lambda":
            content = with_vpc(content)
        kept = {"content-type", "x-amz-function-error", "x-amz-log-result", "x-amz-executed-version", "x-amzn-errortype"}
        headers = {name: value for name, value in answer.getheaders() if name.lower() in kept}
        self.answer(answer.status, headers, content)

    def answer(self, status, headers, content):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def action_of(service, method, path, body):
    named = urllib.parse.parse_qs(body.decode(errors="replace")).get("Action")
    if named:
        return f"{service}:{named[0]}"
    request = f"{method} {path.split('?')[0]}"
    return next((action for pattern, action in REST_ACTIONS if re.match(pattern, request)), "")


def refusal(service):
    """As each protocol puts it."""
    message = "You are not authorized to perform this operation."
    if service == "lambda":
        content = json.dumps({"Message": message})
        return {"Content-Type": "application/json", "x-amzn-errortype": "AccessDeniedException"}, content.encode()
    if service == "ec2":
        error = f"<Code>UnauthorizedOperation</Code><Message>{message}</Message>"
        content = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID></Response>"
    else:
        error = f"<Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message>"
        content = f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>"
    return {"Content-Type": "text/xml"}, content.encode()


def throttling():
    """As Route 53 puts it."""
    error = "<Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message>"
    content = f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>"
    return {"Content-Type": "text/xml"}, content.encode()


def with_vpc(content):
    """Lambda's answer with the VPC of its subnets, which ministack cannot know."""
    try:
        document = json.loads(content)
        network = document["VpcConfig"]
        subnets = [ec2_backends[ACCOUNT][REGION].get_subnet(id) for id in network["SubnetIds"]]
    except (ValueError, KeyError, TypeError):
        return content
    if not subnets:
        return content
    network["VpcId"] = subnets[0].vpc_id
    return json.dumps(document).encode()


def serve(endpoint):
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        service = call["service"]
        if service not in clients:
            clients[service] = boto3.client(
                service,
                endpoint_url=endpoint,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        try:
            answer = getattr(clients[service], call["operation"])(**files_read(call["arguments"]))
            answer.pop("ResponseMetadata")
            print(json.dumps({"answer": answer}, default=str), flush=True)
        except ClientError as error:
            print(json.dumps({"error": str(error)}), flush=True)


def files_read(value):
    """Replaces every `{"file": path}` by the file's bytes."""
    if not isinstance(value, dict):
        return value
    if value.keys() == {"file"}:
        return pathlib.Path(value["file"]).read_bytes()
    return {name: files_read(item) for name, item in value.items()}


main()
