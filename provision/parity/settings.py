"""What both readers make of their kit: a tree of settings by name, in the same words whichever kit it is from."""

import json


class Kit(Exception):
    """What a kit or its output is not; the message says what was found where."""


class Properties:
    """A resource's properties. What is not taken by the end is something that the comparison would have passed over."""

    def __init__(self, what, given):
        self.what = what
        self.given = dict(given or {})

    def take(self, key, default=None):
        value = self.given.pop(key, None)
        return default if is_nothing(value) else value

    def block(self, key):
        """A mapping within: Terraform writes one as a list of one."""
        value = self.take(key, {})
        if isinstance(value, list):
            (value,) = value
        return Properties(f"{self.what}: {key}", value)

    def done(self):
        left = [key for key, value in self.given.items() if not is_nothing(value)]
        if left:
            raise Kit(f"{self.what} has {', '.join(sorted(left))}, which nothing here compares: teach both readers")


def is_nothing(value):
    """Nothing said, in either kit's spelling. `false`, 0 and "" say something."""
    return value is None or value == [] or value == {}


def tags(properties):
    """Those of a resource in a template."""
    return {tag["Key"]: tag["Value"] for tag in properties.take("Tags", [])}


def as_list(value):
    return value if isinstance(value, list) else [value]


def policy(document):
    """An IAM policy, statement by statement. Neither the order of statements nor that within them means anything."""
    document = json.loads(document) if isinstance(document, str) else document
    found = Properties("a policy", document)
    settings = {"version": found.take("Version")}
    unnamed = 0
    for statement in as_list(found.take("Statement")):
        statement = Properties("a statement", statement)
        name = statement.take("Sid")
        if name is None:
            unnamed += 1
            name = f"number {unnamed} without a Sid"
        insert(settings, f"statement {name}", {
            "effect": statement.take("Effect"),
            "actions": sorted(as_list(statement.take("Action", []))),
            "resources": sorted(as_list(statement.take("Resource", []))),
            "principals": {kind: sorted(as_list(who)) for kind, who in statement.take("Principal", {}).items()},
            "conditions": {
                operator: {key: sorted(as_list(values)) for key, values in keys.items()}
                for operator, keys in statement.take("Condition", {}).items()
            },
        })
        statement.done()
    found.done()
    return settings


def rule(protocol, from_port, to_port, target):
    """The name of a rule of a security group: what EC2 tells rules apart by."""
    ports = from_port if from_port == to_port else f"{from_port}-{to_port}"
    return f"{protocol} {ports} {target}"


def insert(tree, key, value):
    """A second resource of the same name must not hide the first."""
    if key in tree:
        raise Kit(f"there are two of {key}")
    tree[key] = value


def flat(tree, path=""):
    """The tree as one mapping from the names of settings to values; what says nothing is left out."""
    if not isinstance(tree, dict):
        return {} if is_nothing(tree) else {path: tree}
    leaves = {}
    for key, value in tree.items():
        leaves.update(flat(value, f"{path} / {key}" if path else key))
    return leaves
