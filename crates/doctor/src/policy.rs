//! What IAM policies say that matters to a function: documents in, yes or no out.

use serde_json::Value;

/// What lets the holder of an execution role change network interfaces, as the Lambda service must.
const INTERFACE_CHANGES: [&str; 4] = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];

/// Whether a trust policy lets the Lambda service assume its role.
pub fn trusts_lambda(document: &str) -> bool {
    statements(document).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && names(&statement["Action"], "sts:AssumeRole")
            && texts(&statement["Principal"]["Service"]).contains(&"lambda.amazonaws.com")
    })
}

/// Whether these policies together deny the function's own code every change of network interfaces: AWS tells
/// it from the Lambda service by the key `lambda:SourceFunctionArn`.
pub fn denies_interfaces_to_code(documents: &[String], function_arn: &str) -> bool {
    let statements: Vec<_> = documents.iter().flat_map(|document| statements(document)).collect();
    INTERFACE_CHANGES.iter().all(|action| {
        statements.iter().any(|statement| {
            statement["Effect"] == "Deny"
                && names(&statement["Action"], action)
                && texts(&statement["Resource"]).contains(&"*")
                && is_only_for(&statement["Condition"], function_arn)
        })
    })
}

/// Whether a condition asks for this function and nothing else.
fn is_only_for(condition: &Value, function_arn: &str) -> bool {
    const OPERATORS: [&str; 4] = ["ArnEquals", "ArnLike", "StringEquals", "StringLike"];
    let Some(operators) = condition.as_object().filter(|operators| operators.len() == 1) else {
        return false;
    };
    operators.iter().all(|(operator, keys)| {
        OPERATORS.iter().any(|known| known.eq_ignore_ascii_case(operator))
            && keys.as_object().is_some_and(|keys| {
                keys.len() == 1
                    && keys.iter().all(|(key, values)| {
                        key.eq_ignore_ascii_case("lambda:SourceFunctionArn")
                            && texts(values).iter().any(|pattern| fits(pattern, function_arn))
                    })
            })
    })
}

/// The statements of a policy, which may be one alone.
fn statements(document: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(document).unwrap_or_default();
    match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    }
}

/// Whether an action is among these, in whatever case and behind whatever wildcard.
fn names(actions: &Value, action: &str) -> bool {
    texts(actions).iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase()))
}

/// One text, or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// Whether a text fits a pattern, in which `*` is any text and `?` any character.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            let ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
            ends.into_iter().any(|index| fits(rest, &text[index..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|found| {
            (wanted == '?' || wanted == found)
                && fits(&pattern[wanted.len_utf8()..], &text[found.len_utf8()..])
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:tests";

    fn trust(statement: Value) -> bool {
        trusts_lambda(&json!({ "Version": "2012-10-17", "Statement": statement }).to_string())
    }

    fn denies(statements: Value) -> bool {
        denies_interfaces_to_code(&[json!({ "Statement": statements }).to_string()], FUNCTION)
    }

    fn deny(actions: Value, condition: Value) -> Value {
        json!([{ "Effect": "Deny", "Action": actions, "Resource": "*", "Condition": condition }])
    }

    #[test]
    fn lambda_is_trusted_alone_or_among_others() {
        let service = |services: Value| json!({ "Service": services });
        let allow = |principal: Value| json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
        assert!(trust(allow(service(json!("lambda.amazonaws.com")))));
        assert!(trust(json!([allow(service(json!(["ec2.amazonaws.com", "lambda.amazonaws.com"])))])));
        assert!(!trust(allow(service(json!("ec2.amazonaws.com")))));
        assert!(!trust(allow(json!("*"))["Principal"].clone()));
        let mut denied = allow(service(json!("lambda.amazonaws.com")));
        denied["Effect"] = json!("Deny");
        assert!(!trust(denied));
        assert!(!trusts_lambda("no JSON"));
    }

    #[test]
    fn every_change_must_be_denied_to_this_function() {
        let condition = json!({ "ArnEquals": { "lambda:SourceFunctionArn": FUNCTION } });
        assert!(denies(deny(json!(INTERFACE_CHANGES), condition.clone())));
        assert!(denies(deny(json!("ec2:*"), condition.clone())));
        assert!(denies(deny(json!(["EC2:*NetworkInterface", "ec2:*PrivateIpAddresses"]), condition.clone())));
        assert!(!denies(deny(json!(&INTERFACE_CHANGES[1..]), condition.clone())));
        let mut allowed = deny(json!("ec2:*"), condition);
        allowed[0]["Effect"] = json!("Allow");
        assert!(!denies(allowed));
    }

    #[test]
    fn the_denial_may_come_in_parts() {
        let condition = json!({ "ArnEquals": { "lambda:SourceFunctionArn": FUNCTION } });
        let part =
            |actions: &[&str]| json!({ "Statement": deny(json!(actions), condition.clone()) }).to_string();
        let (first, second) = (part(&INTERFACE_CHANGES[..2]), part(&INTERFACE_CHANGES[2..]));
        assert!(denies_interfaces_to_code(&[first.clone(), second], FUNCTION));
        assert!(!denies_interfaces_to_code(&[first], FUNCTION));
    }

    #[test]
    fn the_condition_must_be_this_function_and_no_more() {
        let with = |condition: Value| denies(deny(json!("ec2:*"), condition));
        let pattern = "arn:aws:lambda:*:123456789012:function:*";
        assert!(with(json!({ "arnlike": { "Lambda:SourceFunctionARN": [pattern] } })));
        assert!(!with(json!({ "ArnEquals": { "lambda:SourceFunctionArn": format!("{FUNCTION}-other") } })));
        assert!(!with(json!({ "ArnNotEquals": { "lambda:SourceFunctionArn": FUNCTION } })));
        assert!(!with(
            json!({ "ArnEquals": { "lambda:SourceFunctionArn": FUNCTION, "aws:PrincipalArn": "x" } })
        ));
        assert!(!with(json!(null)));
    }

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, text) in
            [("", ""), ("*", ""), ("*", "abc"), ("a*c", "abc"), ("a?c", "abc"), ("*bc*", "abc")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("a?", "a"), ("a*d", "abc"), ("?", "ab")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
