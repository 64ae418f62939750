"""What an IAM policy allows, as far as the kits' policies go: Allow and Deny, wildcards, two operators of conditions."""

import fnmatch
import re

from settings import Kit, as_list


def allows(document, action, resource, **context):
    """Whether the role's policy allows it, where nothing else does. Keys of conditions are in the context."""
    effects = effects_on(document, action, resource, context)
    return "Allow" in effects and "Deny" not in effects


def denies(document, action, resource, **context):
    """Whether it is denied whatever else allows it."""
    return "Deny" in effects_on(document, action, resource, context)


def trusts(document, token):
    """Whether somebody with this token of an OIDC provider may take the role."""
    effects = {
        statement["Effect"]
        for statement in as_list(document["Statement"])
        if matches_any(as_list(statement["Action"]), "sts:AssumeRoleWithWebIdentity")
        and token["provider"] in as_list(statement["Principal"].get("Federated", []))
        and holds(statement.get("Condition", {}), token["claims"])
    }
    return effects == {"Allow"}


def effects_on(document, action, resource, context):
    return {
        statement["Effect"]
        for statement in as_list(document["Statement"])
        if matches_any(as_list(statement["Action"]), action)
        and matches_any(as_list(statement["Resource"]), resource)
        and holds(statement.get("Condition", {}), context)
    }


def matches_any(patterns, text):
    """`*` stands for anything, colons too, and `?` for one character. Brackets are no wildcards of IAM's."""
    return any(fnmatch.fnmatchcase(text, re.sub(r"[\[\]]", "[\\g<0>]", pattern)) for pattern in patterns)


def holds(conditions, context):
    """All keys of all operators. A key that the request does not have matches nothing."""
    for operator, keys in conditions.items():
        for key, values in keys.items():
            given = context.get(key)
            if operator == "StringEquals":
                is_met = given in as_list(values)
            elif operator in ("StringLike", "ArnEquals"):
                is_met = given is not None and matches_any(as_list(values), given)
            else:
                raise Kit(f"the operator {operator} is new in a policy: say here what it comes to")
            if not is_met:
                return False
    return True
