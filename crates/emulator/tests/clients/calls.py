"""Makes the calls that stdin lists, through boto3, and prints what came back. One JSON document each way."""

import base64
import hashlib
import json
import sys
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

SHOWN_BYTES = 4096


def main():
    script = json.load(sys.stdin)
    client = boto3.client(
        "lambda",
        endpoint_url=script["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="anything",
        aws_secret_access_key="anything",
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=script.get("read_timeout", 60),
            max_pool_connections=50,
        ),
    )
    json.dump([call(client, step) for step in script["calls"]], sys.stdout)


def call(client, step):
    try:
        return OPERATIONS[step.pop("op")](client, step)
    except ClientError as error:
        response = error.response
        return {
            "status": response["ResponseMetadata"]["HTTPStatusCode"],
            "code": response["Error"]["Code"],
            "exception": type(error).__name__,
            "message": response["Error"]["Message"],
            "type": response.get("Type"),
            "reason": response.get("Reason"),
        }
    except (BotoCoreError, HTTPClientError) as error:
        return {"broken": type(error).__name__}


def arguments(step):
    if "event" in step:
        step["Payload"] = json.dumps(step.pop("event"))
    if "payload_bytes" in step:
        step["Payload"] = json.dumps("x" * (step.pop("payload_bytes") - 2))
    if "context" in step:
        step["ClientContext"] = base64.b64encode(json.dumps(step.pop("context")).encode()).decode()
    return {"FunctionName": "suite", **step}


def described(payload):
    return {
        "bytes": len(payload),
        "sha256": hashlib.sha256(payload).hexdigest(),
        "text": payload[:SHOWN_BYTES].decode(errors="replace"),
    }


def invoke(client, step):
    response = client.invoke(**arguments(step))
    log = response.get("LogResult")
    return {
        "status": response["StatusCode"],
        "error": response.get("FunctionError"),
        "version": response.get("ExecutedVersion"),
        "log": base64.b64decode(log).decode() if log else None,
        "payload": described(response["Payload"].read()),
    }


def stream(client, step):
    leave_after = step.pop("leave_after", None)
    touch = step.pop("touch", None)
    response = client.invoke_with_response_stream(**arguments(step))
    payload, chunks, complete, broken = b"", 0, None, None
    try:
        for event in response["EventStream"]:
            if "InvokeComplete" in event:
                complete = event["InvokeComplete"]
                if "LogResult" in complete:
                    complete["LogResult"] = base64.b64decode(complete["LogResult"]).decode()
                continue
            payload += event["PayloadChunk"]["Payload"]
            chunks += 1
            if touch:
                open(touch, "w").close()
            if leave_after is not None and len(payload) >= leave_after:
                response["EventStream"].close()
                break
    except Exception as error:  # whatever the transport raises for a broken connection
        broken = type(error).__name__
    return {
        "status": response["ResponseMetadata"]["HTTPStatusCode"],
        "version": response.get("ExecutedVersion"),
        "content_type": response["ResponseMetadata"]["HTTPHeaders"]["content-type"],
        "payload": described(payload),
        "chunks": chunks,
        "complete": complete,
        "broken": broken,
    }


def at_once(client, step):
    results = [None] * len(step["calls"])

    def run(index):
        results[index] = call(client, step["calls"][index])

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def wait_for(client, step):
    import os

    while not os.path.exists(step["path"]):
        time.sleep(0.002)
    return None


def touch(client, step):
    open(step["path"], "w").close()
    return None


def configuration(client, step):
    response = client.get_function_configuration(FunctionName="suite")
    response.pop("ResponseMetadata")
    nested = client.get_function(FunctionName="suite")["Configuration"]
    return {"configuration": response, "is_same": nested == response}


OPERATIONS = {
    "invoke": invoke,
    "stream": stream,
    "at_once": at_once,
    "wait_for": wait_for,
    "touch": touch,
    "configuration": configuration,
}

main()
