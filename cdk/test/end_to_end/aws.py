"""An AWS on this machine: ministack, and what its CloudFormation leaves out of a VPC Lambda stack.

Run as a program it serves; imported, it starts and stops such a server. The parts of ministack that are mended here
have no public names, so requirements.txt pins the version.
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

REGION = "us-east-2"
ACCOUNT = "123456789012"

_START_TIMEOUT_S = 120


def environment(endpoint):
    """What clients of the server need, and nothing of whoever runs the tests: no profile, no real credentials."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        # ministack takes an access key of twelve digits for the account.
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextlib.contextmanager
def running(folder):
    """Serves until the block ends; yields the endpoint. The server's log is in the folder."""
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
    }
    log = pathlib.Path(folder, "ministack.log")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, __file__], env=settings, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_for(f"{endpoint}/_ministack/health", server, log)
        yield endpoint
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        # The server itself, when it does not listen, and the functions that it started.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_for(url, server, log):
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"ministack does not answer at {url}:\n{log.read_text(errors='replace')[-4000:]}")


def _serve():
    from ministack.app import main
    from ministack.services import ec2, iam, lambda_svc
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    create_function = handlers["AWS::Lambda::Function"]["create"]
    update_function = handlers["AWS::Lambda::Function"]["update"]

    def put_into_vpc(name, properties):
        """ministack drops VpcConfig."""
        config = lambda_svc._functions[name]["config"]
        config["VpcConfig"] = lambda_svc._vpc_config_with_id(properties.get("VpcConfig"))

    def create_function_in_vpc(logical_id, properties, stack_name):
        name, attributes = create_function(logical_id, properties, stack_name)
        put_into_vpc(name, properties)
        return name, attributes

    def update_function_in_vpc(physical_id, old_properties, properties, stack_name, logical_id=None):
        name, attributes = update_function(physical_id, old_properties, properties, stack_name, logical_id)
        put_into_vpc(name, properties)
        return name, attributes

    def security_group_rule(direction):
        """ministack knows rules only inside of their group."""

        def create(logical_id, properties, _stack_name):
            group = ec2._security_groups[properties["GroupId"]]
            group[direction].extend(provisioners._ec2_sg_permissions([properties]))
            return f"sgr-{logical_id}", {"Id": f"sgr-{logical_id}"}

        def delete(_physical_id, properties):
            group = ec2._security_groups.get(properties["GroupId"])
            if group:
                gone = provisioners._ec2_sg_permissions([properties])
                group[direction][:] = [rule for rule in group[direction] if rule not in gone]

        return {"create": create, "delete": delete}

    def create_oidc_provider(_logical_id, properties, _stack_name):
        """ministack has OIDC providers, but not in templates. An account has one for an issuer."""
        audiences = enumerate(properties["ClientIdList"], start=1)
        arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{properties['Url'].removeprefix('https://')}"
        if arn in iam._oidc_providers:
            raise ValueError(f"EntityAlreadyExists: {arn}")
        iam._create_oidc_provider({
            "Url": properties["Url"], **{f"ClientIDList.member.{number}": audience for number, audience in audiences}
        })
        return arn, {"Arn": arn}

    def delete_oidc_provider(physical_id, _properties):
        iam._oidc_providers.pop(physical_id, None)

    handlers["AWS::IAM::OIDCProvider"] = {"create": create_oidc_provider, "delete": delete_oidc_provider}
    handlers["AWS::Lambda::Function"]["create"] = create_function_in_vpc
    handlers["AWS::Lambda::Function"]["update"] = update_function_in_vpc
    handlers["AWS::EC2::SecurityGroupIngress"] = security_group_rule("IpPermissions")
    handlers["AWS::EC2::SecurityGroupEgress"] = security_group_rule("IpPermissionsEgress")
    main()


if __name__ == "__main__":
    _serve()
